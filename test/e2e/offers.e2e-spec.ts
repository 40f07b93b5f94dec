import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newId } from '../../src/kernel/id.js';
import { isoMinute, minuteOf } from '../../src/kernel/period.js';
import type { Answer } from '../support/api.js';
import { type OfferedListing, insertOffered, insertTaken } from '../support/offered.js';
import { dataSourceOf, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const HOUR = 60;

describe('searching offers', () => {
  let market: TestApp;
  let database: DataSource;
  let buyerId: string;
  let now: number;
  /** The listings by the name that the tests call them. */
  const offered: Record<string, OfferedListing> = {};
  const nameOf = (listingId: string): string =>
    Object.entries(offered).find(([, listing]) => listing.listingId === listingId)?.[0] ?? listingId;

  const search = async (query: string): Promise<string[]> => {
    const { status, body } = await market.api.get(`/v1/offers?${query}`);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.data.map((offer: { listingId: string }) => nameOf(offer.listingId));
  };

  beforeAll(async () => {
    market = await startTestApp();
    database = dataSourceOf(market);
    buyerId = (await register(market)).organizationId;
    now = minuteOf(market.clock.now());
    await database.transaction(async (tx) => {
      offered.frankfurt = await insertOffered(tx, {
        verificationTier: 2,
        termDiscounts: [{ minHours: 100, percentOff: 10 }],
        maxMinutes: 200 * HOUR,
      });
      offered.ulanqab = await insertOffered(tx, {
        region: 'cn-ulanqab',
        chip: 'h800-sxm-80gb',
        nodes: 4,
        gpuIncrement: 8,
        interconnect: 'roce',
        interconnectGbps: 400,
        workloads: ['training'],
        rateMicros: 1_200_000,
        minMinutes: 24 * HOUR,
      });
      offered.ashburn = await insertOffered(tx, {
        region: 'us-ashburn',
        chip: 'mi300x-192gb',
        gpusPerNode: 4,
        interconnect: 'pcie',
        rateMicros: 3_000_000,
        workloads: ['inference'],
        availableFrom: now + 48 * HOUR,
      });
      offered.paris = await insertOffered(tx, { region: 'fr-paris', chip: 'l40s-48gb', rateMicros: 900_000 });
      offered.draft = await insertOffered(tx, { state: 'pending_review' });
      // Two of Frankfurt's eight GPUs are taken tomorrow; a hold on all of Paris has run out.
      await insertTaken(
        tx,
        offered.frankfurt,
        { from: 0, to: 2, start: now + 24 * HOUR, end: now + 25 * HOUR },
        { buyerId, state: 'confirmed' },
      );
      await insertTaken(
        tx,
        offered.paris,
        { from: 0, to: 8, start: now, end: now + 100 * HOUR },
        { buyerId, state: 'held', expiresAt: new Date(market.clock.now().getTime() - 1000) },
      );
    });
  });

  afterAll(() => market.close());

  it('shows what is active and free now, cheapest first, without signing in', async () => {
    expect(await search('')).toEqual(['paris', 'ulanqab', 'frankfurt']);
  });

  it('shows each offer in full', async () => {
    const { body } = await market.api.get('/v1/offers?chip=h100-sxm-80gb&near=fr-paris');
    expect(body).toEqual({
      data: [
        {
          listingId: offered.frankfurt!.listingId,
          chip: 'h100-sxm-80gb',
          region: 'de-frankfurt',
          country: 'DE',
          site: {
            id: expect.any(String),
            name: 'Frankfurt hall',
            lat: expect.any(Number),
            lon: expect.any(Number),
          },
          operator: { id: offered.frankfurt!.operatorId, name: 'Operator', verificationTier: 2 },
          gpusPerNode: 8,
          gpuIncrement: 1,
          interconnect: 'nvlink',
          interconnectGbps: null,
          workloads: ['training', 'inference'],
          freeGpus: 8,
          pricePerGpuHour: { amount: '2.000000', currency: 'USD' },
          rttMs: expect.any(Number),
          rttSource: 'modelled',
          reliability: 0.97,
          availableFrom: null,
          availableUntil: null,
          minHours: 1,
          maxHours: 200,
          minGpus: 1,
          maxGpus: 8,
        },
      ],
      nextCursor: null,
    });
  });

  test.each([
    ['chip=H100', ['frankfurt']],
    ['chip=H100&chip=L40S', ['paris', 'frankfurt']],
    ['vendor=amd&hours=1', []],
    ['minMemoryGib=80', ['ulanqab', 'frankfurt']],
    ['minBf16Tflops=400', ['ulanqab', 'frankfurt']],
    ['workload=inference', ['paris', 'frankfurt']],
    ['gpus=9', ['ulanqab']],
    ['gpus=32', ['ulanqab']],
    ['gpus=33', []],
    ['gpus=16&gpusPerNode=8', ['ulanqab']],
    ['gpusPerNode=4', []],
    ['interconnect=roce', ['ulanqab']],
    ['minInterconnectGbps=400', ['ulanqab']],
    ['minInterconnectGbps=401', []],
    ['maxPrice=1.2', ['paris', 'ulanqab']],
    ['maxPrice=1.199999', ['paris']],
    ['region=de-frankfurt&region=fr-paris', ['paris', 'frankfurt']],
    ['country=de&country=CN', ['ulanqab', 'frankfurt']],
    ['excludeCountry=CN', ['paris', 'frankfurt']],
    ['near=de-frankfurt&maxRttMs=20', ['paris', 'frankfurt']],
    ['minReliability=0.98', []],
    ['verified=true', ['frankfurt']],
    ['hours=23', ['paris', 'frankfurt']],
    ['hours=24', ['paris', 'ulanqab', 'frankfurt']],
    ['hours=201', ['paris', 'ulanqab']],
    ['sort=-price', ['frankfurt', 'ulanqab', 'paris']],
    ['sort=rtt&near=de-frankfurt', ['frankfurt', 'paris', 'ulanqab']],
    ['sort=-rtt&near=de-frankfurt', ['ulanqab', 'paris', 'frankfurt']],
    ['sort=value', ['ulanqab', 'frankfurt', 'paris']],
  ])('filters and sorts by %s', async (query, names) => {
    expect(await search(query)).toEqual(names);
  });

  it('counts what is free for all of the window', async () => {
    const free = async (from: number, hours: number): Promise<number> => {
      const query = `from=${isoMinute(from)}&hours=${hours}&chip=h100-sxm-80gb`;
      return (await market.api.get(`/v1/offers?${query}`)).body.data[0]?.freeGpus ?? 0;
    };
    expect(await free(now + 23 * HOUR, 1)).toBe(8);
    expect(await free(now + 23 * HOUR, 1.5)).toBe(6);
    expect(await free(now + 24 * HOUR, 1)).toBe(6);
    expect(await free(now + 25 * HOUR, 1)).toBe(8);
  });

  it('offers a listing from its availability on', async () => {
    expect(await search(`chip=MI300X&hours=2&from=${isoMinute(now + 48 * HOUR)}`)).toEqual(['ashburn']);
    expect(await search(`chip=MI300X&hours=2&from=${isoMinute(now + 47 * HOUR)}`)).toEqual([]);
  });

  it('applies the term discount that the hours earn, to the price and to its filter', async () => {
    const { body } = await market.api.get('/v1/offers?hours=100&chip=H100&maxPrice=1.80');
    expect(body.data).toMatchObject([{ pricePerGpuHour: { amount: '1.800000', currency: 'USD' } }]);
  });

  it('pages through all offers once, in order', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body }: Answer = await market.api.get(`/v1/offers?sort=-price&limit=1${page}`);
      seen.push(...body.data.map((offer: { listingId: string }) => nameOf(offer.listingId)));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['frankfurt', 'ulanqab', 'paris']);
  });

  it('refuses a cursor of another order, or a forged one, with 400', async () => {
    const { body } = await market.api.get('/v1/offers?limit=1');
    expect((await market.api.get(`/v1/offers?limit=1&sort=-price&cursor=${body.nextCursor}`)).status).toBe(
      400,
    );
    expect((await market.api.get('/v1/offers?cursor=Zm9yZ2Vk')).status).toBe(400);
  });

  test.each([
    ['sort=rtt', '/near'],
    ['maxRttMs=20', '/near'],
    ['chip=warp-drive', '/chip'],
    ['region=atlantis', '/region'],
    ['country=DEU', '/country'],
    ['gpus=0', '/gpus'],
    ['hours=0.001', '/hours'],
    ['maxPrice=-1', '/maxPrice'],
    ['from=tomorrow', '/from'],
    ['colour=red', '/colour'],
  ])('answers 422 to %s, naming %s', async (query, pointer) => {
    const { status, body } = await market.api.get(`/v1/offers?${query}`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer }]);
  });

  it('counts facets of what the filters let through, with prices of actual offers', async () => {
    const { body } = await market.api.get('/v1/offers/facets?country=DE&country=FR');
    const price = (amount: string) => ({ amount, currency: 'USD' });
    const all = (amount: string) => ({
      min: price(amount),
      p25: price(amount),
      median: price(amount),
      p75: price(amount),
      max: price(amount),
    });
    expect(body).toEqual({
      total: 2,
      chips: [
        { code: 'h100-sxm-80gb', name: expect.stringContaining('H100'), count: 1, price: all('2.000000') },
        { code: 'l40s-48gb', name: expect.stringContaining('L40S'), count: 1, price: all('0.900000') },
      ],
      regions: [
        { code: 'de-frankfurt', name: 'Frankfurt', count: 1, price: all('2.000000') },
        { code: 'fr-paris', name: 'Paris', count: 1, price: all('0.900000') },
      ],
      countries: [
        { code: 'DE', name: 'Germany', count: 1, price: all('2.000000') },
        { code: 'FR', name: 'France', count: 1, price: all('0.900000') },
      ],
    });
  });

  it('shows one offer by its listing, also when nothing of it is free in the window', async () => {
    const { listingId } = offered.ashburn!;
    const { status, body } = await market.api.get(`/v1/offers/${listingId}?hours=1`);
    expect([status, body.listingId, body.freeGpus]).toEqual([200, listingId, 0]);
  });

  it('answers 404 for a listing that is not active, does not exist, or is no id', async () => {
    for (const id of [offered.draft!.listingId, newId(), 'first']) {
      expect((await market.api.get(`/v1/offers/${id}`)).status).toBe(404);
    }
  });

  it('lets an operator’s reliability fall with what it fails to deliver, and rise with what it does', async () => {
    const reliability = async (): Promise<number> =>
      (await market.api.get(`/v1/offers/${offered.frankfurt!.listingId}`)).body.reliability;
    const past = { from: 0, to: 8, start: now - 50 * HOUR, end: now - 25 * HOUR };
    await insertTaken(database.manager, offered.frankfurt!, past, { buyerId, state: 'failed' });
    // 200 GPU-hours failed: (200 × 0.97) / (200 + 200)
    expect(await reliability()).toBe(0.485);
    await insertTaken(database.manager, offered.frankfurt!, past, { buyerId, state: 'completed' });
    // and 200 delivered: (200 × 0.97 + 200) / 600
    expect(await reliability()).toBe(0.6567);
  });
});
