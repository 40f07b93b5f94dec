import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppError } from '../../src/kernel/errors.js';
import { dateOf, isoMinute, minuteOf } from '../../src/kernel/period.js';
import { allocate } from '../../src/listings/allocation/allocate.js';
import type { ModerationAction } from '../../src/listings/listing.states.js';
import { ListingsService } from '../../src/listings/listings.service.js';
import { FxService } from '../../src/catalog/fx.service.js';
import type { Api, Answer } from '../support/api.js';
import { type Person, dataSourceOf, register } from '../support/people.js';
import { insertBooking } from '../support/supply.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

let market: TestApp;
let operator: Person;
let rival: Person;
let buyer: Person;
let api: Api;
let siteId: string;

beforeAll(async () => {
  market = await startTestApp();
  operator = await register(market, 'operator');
  rival = await register(market, 'operator');
  buyer = await register(market, 'buyer');
  api = operator.api;
  siteId = (await api.post('/v1/sites', { name: 'Horinger 1', region: 'cn-horinger' })).body.id;
});

afterAll(() => market?.close());

const offer = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  siteId,
  chip: 'H100',
  nodes: 4,
  gpusPerNode: 8,
  price: { amount: '2.15', currency: 'USD' },
  ...change,
});

async function draft(change: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await api.post('/v1/listings', offer(change));
  expect([status, body]).toEqual([201, expect.anything()]);
  return body.id;
}

const moderate = (id: string, action: ModerationAction, reason: string | null = null) =>
  dataSourceOf(market).transaction((tx) => market.app.get(ListingsService).moderate(tx, id, action, reason));

async function activeListing(change: Record<string, unknown> = {}): Promise<string> {
  const id = await draft(change);
  await api.post(`/v1/listings/${id}/submit`);
  await moderate(id, 'approve');
  return id;
}

/** Sells GPUs of a listing, `from` and `hours` counted from the present hour. */
async function sell(listingId: string, gpus: number, from: number, hours: number): Promise<number[]> {
  const now = minuteOf(market.clock.now());
  const start = now - (now % 60) + from * 60;
  return dataSourceOf(market).transaction(async (tx) => {
    const bookingId = await insertBooking(tx, buyer.organizationId, operator.organizationId);
    const period = { start, end: start + hours * 60 };
    return allocate(tx, {
      listingId,
      bookingId,
      organizationId: buyer.organizationId,
      gpus,
      period,
      now: dateOf(now),
    });
  });
}

const pointers = ({ body }: Answer): string[] =>
  (body.errors as { pointer: string }[]).map(({ pointer }) => pointer);

describe('a site', () => {
  it('takes its place from its region, by whatever name', async () => {
    const made = await api.post('/v1/sites', {
      name: 'Main 2',
      region: 'Frankfurt, Germany',
      tier: 3,
      pue: 1.28,
      powerPricePerKwh: { amount: '0.09', currency: 'EUR' },
      fixedCostPerHour: { amount: '12', currency: 'EUR' },
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      region: 'de-frankfurt',
      country: 'DE',
      lat: expect.any(Number),
      lon: expect.any(Number),
      tier: 3,
      pue: 1.28,
      powerPricePerKwh: { amount: '0.090000', currency: 'EUR' },
      fixedCostPerHour: { amount: '12.000000', currency: 'EUR' },
    });
    const read = await api.get(`/v1/sites/${made.body.id}`);
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('etag')).toBe('"1"');
  });

  it('is edited, and only from the version that was read', async () => {
    const { body } = await api.post('/v1/sites', { name: 'Main 3', region: 'de-frankfurt', tier: 2 });
    const edit = { name: 'Main III', tier: null, lat: 50.2 };
    const edited = await api.patch(`/v1/sites/${body.id}`, edit, { headers: { 'if-match': '"1"' } });
    expect(edited.status).toBe(200);
    expect(edited.body).toMatchObject({ name: 'Main III', tier: null, lat: 50.2, lon: body.lon });
    expect(edited.headers.get('etag')).toBe('"2"');
    const stale = await api.patch(`/v1/sites/${body.id}`, edit, { headers: { 'if-match': '"1"' } });
    expect([stale.status, stale.body.type]).toEqual([412, '/problems/precondition-failed']);
  });

  it('names near regions when it knows none of that name', async () => {
    const answer = await api.post('/v1/sites', { name: 'x', region: 'cn-zhengzou' });
    expect([answer.status, pointers(answer)]).toEqual([422, ['/region']]);
    expect(answer.body.detail).toContain('cn-zhengzhou');
  });

  it('refuses what is no site', async () => {
    const wrong = [
      { region: 'de-frankfurt' },
      { name: 'x', region: 'de-frankfurt', lat: 91 },
      { name: 'x', region: 'de-frankfurt', pue: 0.5 },
      { name: 'x', region: 'de-frankfurt', powerPricePerKwh: { amount: '-1', currency: 'EUR' } },
      { name: 'x', region: 'de-frankfurt', colour: 'red' },
    ];
    for (const body of wrong) expect((await api.post('/v1/sites', body)).status).toBe(422);
  });

  it('is listed in pages, newest first, and only for its operator', async () => {
    const page = await api.get('/v1/sites?limit=1');
    expect(page.body.data).toHaveLength(1);
    const next = await api.get(`/v1/sites?limit=1&cursor=${page.body.nextCursor}`);
    expect(next.body.data[0].id < page.body.data[0].id).toBe(true);
    expect((await api.get('/v1/sites?cursor=forged')).status).toBe(400);
    expect((await rival.api.get('/v1/sites')).body).toEqual({ data: [], nextCursor: null });
    expect((await rival.api.get(`/v1/sites/${siteId}`)).status).toBe(404);
    expect((await rival.api.patch(`/v1/sites/${siteId}`, { name: 'mine' })).status).toBe(404);
    expect((await buyer.api.get('/v1/sites')).status).toBe(403);
    expect((await market.api.get('/v1/sites')).status).toBe(401);
  });

  it('does not move while GPUs there are booked, and takes its listings back to review when it does', async () => {
    const { body: site } = await api.post('/v1/sites', { name: 'Main 4', region: 'de-frankfurt' });
    const booked = await activeListing({ siteId: site.id });
    expect((await api.patch(`/v1/sites/${site.id}`, { name: 'Main four' })).status).toBe(200);
    await sell(booked, 1, 1, 1);
    const refused = await api.patch(`/v1/sites/${site.id}`, { region: 'us-ashburn' });
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/listing-booked']);
    await dataSourceOf(market).query(`delete from allocations where listing_id = $1`, [booked]);
    const moved = await api.patch(`/v1/sites/${site.id}`, { region: 'us-ashburn' });
    expect(moved.body).toMatchObject({ region: 'us-ashburn', country: 'US' });
    expect((await api.get(`/v1/listings/${booked}`)).body.state).toBe('pending_review');
  });
});

describe('a listing', () => {
  it('is drafted with its price as typed and normalised, and its private floor', async () => {
    const made = await api.post(
      '/v1/listings',
      offer({
        chip: 'NVIDIA H800',
        price: { amount: '75000', currency: 'CNY', per: 'server_month' },
        floorPrice: { amount: '60000', currency: 'CNY', per: 'server_month' },
        gpuIncrement: 8,
        interconnect: 'infiniband',
        interconnectGbps: 400,
        cpu: 128,
        ramGib: 2048,
        termDiscounts: [{ minHours: 720, percentOff: 12.5 }],
        availableFrom: '2030-01-01T00:00:00Z',
        minHours: 1.5,
        workloads: ['training'],
      }),
    );
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      siteId,
      chip: expect.stringMatching(/^h800-/),
      totalGpus: 32,
      gpuIncrement: 8,
      minGpus: 8,
      maxGpus: 32,
      cpu: 128,
      price: { amount: '75000.000000', currency: 'CNY', per: 'server_month' },
      pricePerGpuHour: { amount: expect.stringMatching(/^1\.\d{6}$/), currency: 'USD' },
      floorPrice: { amount: '60000.000000', currency: 'CNY', per: 'server_month' },
      termDiscounts: [{ minHours: 720, percentOff: 12.5 }],
      availableFrom: '2030-01-01T00:00:00Z',
      availableUntil: null,
      minHours: 1.5,
      maxHours: null,
      workloads: ['training'],
      state: 'draft',
      stateReason: null,
    });
    expect((await api.get(`/v1/listings/${made.body.id}`)).body).toEqual(made.body);
  });

  it('is made once however often the call is repeated with its key', async () => {
    const key = 'the-same-key';
    const first = await api.post('/v1/listings', offer(), { key });
    const again = await api.post('/v1/listings', offer(), { key });
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('names every wrong field', async () => {
    const answer = await api.post(
      '/v1/listings',
      offer({ chip: 'H1000', gpuIncrement: 3, availableUntil: null }),
    );
    expect([answer.status, pointers(answer)]).toEqual([422, ['/chip', '/gpuIncrement']]);
    expect(answer.body.errors[0].detail).toContain('did you mean');
    const cases: [Record<string, unknown>, string][] = [
      [{ nodes: 0 }, '/nodes'],
      [{ gpusPerNode: 1.5 }, '/gpusPerNode'],
      [{ price: { amount: 2.15, currency: 'USD' } }, '/price/amount'],
      [{ price: { amount: '2.15', currency: 'XXX' } }, '/price/currency'],
      [{ price: { amount: '2.15', currency: 'USD', per: 'fortnight' } }, '/price/per'],
      [{ cpu: 1.5 }, '/cpu'],
      [{ workloads: [] }, '/workloads'],
      [{ siteId: '01890000-0000-7000-8000-000000000000' }, '/siteId'],
      [{ termDiscounts: [{ minHours: 10, percentOff: 100 }] }, '/termDiscounts/0/percentOff'],
      [{ availableFrom: '2030-01-01T00:00:30Z' }, '/availableFrom'],
      [{ state: 'active' }, '/state'],
    ];
    for (const [change, pointer] of cases) {
      const refused = await api.post('/v1/listings', offer(change));
      expect([change, refused.status, pointers(refused)]).toEqual([change, 422, [pointer]]);
    }
  });

  it('belongs to its operator: to everyone else it is not there', async () => {
    const id = await activeListing({ floorPrice: { amount: '1', currency: 'USD' } });
    for (const other of [rival.api, buyer.api])
      expect((await other.get(`/v1/listings/${id}`)).status).toBe(404);
    expect((await rival.api.patch(`/v1/listings/${id}`, { nodes: 1 })).status).toBe(404);
    for (const action of ['submit', 'pause', 'resume', 'withdraw']) {
      expect((await rival.api.post(`/v1/listings/${id}/${action}`)).status).toBe(404);
      expect((await buyer.api.post(`/v1/listings/${id}/${action}`)).status).toBe(403);
    }
    expect((await rival.api.post('/v1/listings', offer())).status).toBe(422);
    expect((await buyer.api.post('/v1/listings', offer())).status).toBe(403);
    expect((await market.api.get(`/v1/listings/${id}`)).status).toBe(401);
    expect((await api.get('/v1/listings/no-uuid')).status).toBe(404);
    expect((await rival.api.get('/v1/listings')).body.data).toEqual([]);
  });

  it('is listed by state, in pages', async () => {
    const id = await activeListing();
    await api.post(`/v1/listings/${id}/pause`);
    const paused = await api.get('/v1/listings?state=paused&limit=200');
    expect(paused.body.data.map((each: { id: string }) => each.id)).toContain(id);
    expect(new Set(paused.body.data.map((each: { state: string }) => each.state))).toEqual(
      new Set(['paused']),
    );
    const two = await api.get('/v1/listings?state=paused&state=draft&limit=1');
    expect(two.body.data).toHaveLength(1);
    expect(two.body.nextCursor).not.toBeNull();
    expect((await api.get('/v1/listings?state=sold')).status).toBe(422);
    expect((await api.get('/v1/listings?from=2099-01-01T00:00:00Z')).body.data).toEqual([]);
  });
});

describe('the life of a listing', () => {
  const ownMoves = ['submit', 'pause', 'resume', 'withdraw'] as const;

  /** Brings a fresh listing into a state and answers what each of the operator's moves does there. */
  async function expectMoves(
    id: string,
    allowed: Partial<Record<(typeof ownMoves)[number], string>>,
  ): Promise<void> {
    for (const move of ownMoves.filter((each) => !(each in allowed))) {
      const { status, body } = await api.post(`/v1/listings/${id}/${move}`);
      expect([move, status, body.type]).toEqual([move, 409, '/problems/illegal-transition']);
    }
  }

  it('goes from draft through review to sale, and each illegal move is refused', async () => {
    const id = await draft();
    await expectMoves(id, { submit: 'pending_review', withdraw: 'withdrawn' });
    expect((await api.post(`/v1/listings/${id}/submit`)).body.state).toBe('pending_review');
    await expectMoves(id, { withdraw: 'withdrawn' });
    await moderate(id, 'approve');
    await expectMoves(id, { pause: 'paused', withdraw: 'withdrawn' });
    expect((await api.post(`/v1/listings/${id}/pause`)).body.state).toBe('paused');
    await expectMoves(id, { resume: 'active', withdraw: 'withdrawn' });
    expect((await api.post(`/v1/listings/${id}/resume`)).body.state).toBe('active');
    await moderate(id, 'suspend', 'reported twice');
    expect((await api.get(`/v1/listings/${id}`)).body).toMatchObject({
      state: 'suspended',
      stateReason: 'reported twice',
    });
    await expectMoves(id, {});
    expect((await api.patch(`/v1/listings/${id}`, { nodes: 2 })).status).toBe(409);
    await moderate(id, 'reinstate');
    expect((await api.post(`/v1/listings/${id}/withdraw`)).body.state).toBe('withdrawn');
    await expectMoves(id, {});
    expect((await api.patch(`/v1/listings/${id}`, { nodes: 2 })).status).toBe(409);
  });

  it('may be rejected, mended and submitted again', async () => {
    const id = await draft();
    await api.post(`/v1/listings/${id}/submit`);
    await moderate(id, 'reject', 'no proof of the site');
    expect((await api.get(`/v1/listings/${id}`)).body).toMatchObject({
      state: 'rejected',
      stateReason: 'no proof of the site',
    });
    await expectMoves(id, { submit: 'pending_review', withdraw: 'withdrawn' });
    await expect(moderate(id, 'approve')).rejects.toMatchObject({ code: 'illegal-transition' });
    expect((await api.post(`/v1/listings/${id}/submit`)).body).toMatchObject({
      state: 'pending_review',
      stateReason: null,
    });
  });

  it('tells of each move in the outbox', async () => {
    const id = await activeListing();
    const rows = await dataSourceOf(market).query<{ name: string }[]>(
      `select name from outbox where payload->>'listingId' = $1 order by id`,
      [id],
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'listing.created',
      'listing.submitted',
      'listing.approved',
    ]);
  });
});

describe('an edit of an active listing', () => {
  it('of its price or terms leaves it on sale', async () => {
    const id = await activeListing();
    const edited = await api.patch(`/v1/listings/${id}`, {
      price: { amount: '1.99', currency: 'USD' },
      minHours: 2,
      cpu: '2 x EPYC 9654',
    });
    expect(edited.body).toMatchObject({
      state: 'active',
      pricePerGpuHour: { amount: '1.990000', currency: 'USD' },
      minHours: 2,
      cpu: '2 x EPYC 9654',
    });
  });

  it.each([
    [{ chip: 'A100' }, 'chip'],
    [{ nodes: 5 }, 'nodes'],
    [{ gpusPerNode: 4 }, 'gpusPerNode'],
    [{ gpuIncrement: 2 }, 'gpuIncrement'],
  ])('of what was reviewed sends it back to review: %j', async (change, field) => {
    const id = await activeListing();
    const edited = await api.patch(`/v1/listings/${id}`, change);
    expect(edited.body).toMatchObject({ state: 'pending_review', stateReason: `Changed: ${field}.` });
  });

  it('that changes nothing material in effect leaves it on sale', async () => {
    const id = await activeListing();
    expect((await api.patch(`/v1/listings/${id}`, { chip: 'NVIDIA H100', nodes: 4 })).body.state).toBe(
      'active',
    );
  });

  it('keeps what follows from other fields consistent', async () => {
    const id = await draft({ gpuIncrement: 8 });
    const grown = await api.patch(`/v1/listings/${id}`, { nodes: 10, gpusPerNode: 4 });
    expect(grown.body).toMatchObject({ totalGpus: 40, maxGpus: 40, gpuIncrement: 4, minGpus: 4 });
    const bounded = await api.patch(`/v1/listings/${id}`, { maxGpus: 20 });
    expect(bounded.body.maxGpus).toBe(20);
    const shrunk = await api.patch(`/v1/listings/${id}`, { nodes: 2 });
    expect([shrunk.status, pointers(shrunk)]).toEqual([422, ['/maxGpus']]);
  });

  it('is refused when it would take from a buyer what it has booked', async () => {
    const id = await activeListing({ nodes: 4, gpusPerNode: 1 });
    await sell(id, 3, 1, 2);
    for (const change of [{ chip: 'A100' }, { gpusPerNode: 2 }, { nodes: 2 }]) {
      const { status, body } = await api.patch(`/v1/listings/${id}`, change);
      expect([change, status, body.type]).toEqual([change, 409, '/problems/listing-booked']);
    }
    expect((await api.patch(`/v1/listings/${id}`, { nodes: 6 })).body.state).toBe('pending_review');
  });

  it('and bookings that come at the same moment leave nobody with a GPU that is gone', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await activeListing({ nodes: 12, gpusPerNode: 1 });
      const sales = Array.from({ length: 6 }, () => sell(id, 1, 1, 1).catch((error: AppError) => error.code));
      const [edited, ...outcomes] = await Promise.all([
        api.patch(`/v1/listings/${id}`, { nodes: 8 }),
        ...sales,
      ]);
      const sold = outcomes.filter((outcome) => Array.isArray(outcome)).flat();
      const nodes = edited.status === 200 ? 8 : 12;
      expect([200, 409]).toContain(edited.status);
      expect(sold.every((gpu) => Number(gpu) < nodes)).toBe(true);
      expect(
        outcomes.filter((outcome) => !Array.isArray(outcome) && outcome !== 'listing-not-active'),
      ).toEqual([]);
    }
  });

  it('honours If-Match', async () => {
    const id = await draft();
    const first = await api.patch(`/v1/listings/${id}`, { nodes: 5 }, { headers: { 'if-match': '"1"' } });
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    const stale = await api.patch(`/v1/listings/${id}`, { nodes: 6 }, { headers: { 'if-match': '"1"' } });
    expect(stale.status).toBe(412);
  });
});

describe('the calendar of a listing', () => {
  interface Segment {
    start: string;
    end: string;
    freeGpus: number;
    bookedGpus: number;
  }
  let id: string;
  let hour: number;
  const at = (hours: number): string => isoMinute(hour + hours * 60);

  beforeEach(async () => {
    id = await activeListing({ nodes: 1, gpusPerNode: 8 });
    const now = minuteOf(market.clock.now());
    hour = now - (now % 60);
    await sell(id, 2, 2, 2);
    await sell(id, 3, 3, 2);
  });

  it('shows free and booked GPUs in contiguous segments', async () => {
    const { status, body } = await market.api.get(`/v1/listings/${id}/calendar?from=${at(0)}&to=${at(6)}`);
    expect(status).toBe(200);
    expect(body.data).toEqual([
      { start: at(0), end: at(2), freeGpus: 8, bookedGpus: 0 },
      { start: at(2), end: at(3), freeGpus: 6, bookedGpus: 2 },
      { start: at(3), end: at(4), freeGpus: 3, bookedGpus: 5 },
      { start: at(4), end: at(5), freeGpus: 5, bookedGpus: 3 },
      { start: at(5), end: at(6), freeGpus: 8, bookedGpus: 0 },
    ]);
  });

  it('covers 30 days by default, and at most 400', async () => {
    const { body } = await market.api.get(`/v1/listings/${id}/calendar`);
    const data = body.data as Segment[];
    expect(Date.parse(data.at(-1)!.end) - Date.parse(data[0]!.start)).toBe(30 * 24 * 3600_000);
    for (const query of [`from=${at(0)}&to=${at(401 * 24)}`, `from=${at(2)}&to=${at(2)}`, 'from=yesterday']) {
      expect((await market.api.get(`/v1/listings/${id}/calendar?${query}`)).status).toBe(422);
    }
    expect((await market.api.get(`/v1/listings/${id}/calendar?from=0001-01-01T00:00:00Z`)).status).toBe(200);
  });

  it('is open to all while the listing is active, and else to its operator alone', async () => {
    await api.post(`/v1/listings/${id}/pause`);
    expect((await market.api.get(`/v1/listings/${id}/calendar`)).status).toBe(404);
    expect((await rival.api.get(`/v1/listings/${id}/calendar`)).status).toBe(404);
    expect((await api.get(`/v1/listings/${id}/calendar`)).status).toBe(200);
  });

  it('has nothing free outside the window in which the listing sells', async () => {
    await api.patch(`/v1/listings/${id}`, { availableFrom: at(1), availableUntil: at(3) });
    const { body } = await market.api.get(`/v1/listings/${id}/calendar?from=${at(0)}&to=${at(6)}`);
    expect((body.data as Segment[]).map(({ freeGpus, bookedGpus }) => [freeGpus, bookedGpus])).toEqual([
      [0, 0],
      [8, 0],
      [6, 2],
      [0, 5],
      [0, 3],
      [0, 0],
    ]);
  });
});

describe('an import', () => {
  const listings = async (person: Person): Promise<Record<string, unknown>[]> =>
    (await person.api.get('/v1/listings?limit=200')).body.data;
  const FALLOW = 'site,region,chip,nodes,gpusPerNode,price,currency,per';
  const CATALOGUE =
    'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuMemoryGiBEach';
  let importer: Person;

  beforeEach(async () => {
    importer = await register(market, 'operator');
  });

  it("makes drafts of rows in Fallow's own columns, and the sites they name", async () => {
    const csv = `${FALLOW}\nHall 1,cn-ulanqab,H800,4,8,75000,CNY,server_month\nHall 1,,A100-80GB,2,8,1.1,,\n`;
    const made = await importer.api.post('/v1/listings/import', csv);
    expect([made.status, made.body]).toEqual([201, { dryRun: false, created: 2, errors: [] }]);
    const [site] = (await importer.api.get('/v1/sites')).body.data;
    expect(site).toMatchObject({ name: 'Hall 1', region: 'cn-ulanqab', country: 'CN' });
    const rows = await listings(importer);
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          siteId: site.id,
          state: 'draft',
          nodes: 4,
          gpuIncrement: 1,
          price: { amount: '75000.000000', currency: 'CNY', per: 'server_month' },
        }),
        expect.objectContaining({
          siteId: site.id,
          nodes: 2,
          price: expect.objectContaining({ currency: 'USD' }),
        }),
      ]),
    );
    const { body } = await importer.api.post('/v1/listings/import', `${FALLOW}\nHall 2,,H800,4,8,1,,\n`);
    expect(body.errors).toEqual([
      { row: 1, column: 'site', detail: 'is not one of your sites; name a region to make one' },
    ]);
  });

  it('makes whole nodes of catalogue rows, one site a region, and submits them where asked', async () => {
    const csv = [
      CATALOGUE,
      'a,A6000,8.0,62.0,384,4.56,kansascity-usa-1,48',
      'b,H100,8,128,1024,19.92,kansascity-usa-1,80',
      'c,L40S,2,16,128,1.7,desmoines-usa-1,48',
    ].join('\r\n');
    const dry = await importer.api.post('/v1/listings/import?dryRun=true', csv);
    expect([dry.status, dry.body]).toEqual([200, { dryRun: true, created: 3, errors: [] }]);
    expect(await listings(importer)).toEqual([]);
    const made = await importer.api.post('/v1/listings/import?submit=true', csv);
    expect([made.status, made.body]).toEqual([201, { dryRun: false, created: 3, errors: [] }]);
    const rows = await listings(importer);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['pending_review']));
    expect(rows.find(({ gpusPerNode }) => gpusPerNode === 2)).toMatchObject({
      nodes: 1,
      gpuIncrement: 2,
      price: { amount: '0.850000', currency: 'USD', per: 'gpu_hour' },
      pricePerGpuHour: { amount: '0.850000', currency: 'USD' },
      cpu: 16,
      ramGib: 128,
    });
    const again = await importer.api.post('/v1/listings/import', csv);
    expect(again.body.created).toBe(3);
    expect((await importer.api.get('/v1/sites')).body.data).toHaveLength(2);
    expect((await listings(importer)).filter(({ state }) => state === 'draft')).toHaveLength(3);
  });

  it('writes nothing when one row is wrong, and says which, which column and why', async () => {
    const csv = `${CATALOGUE}\na,H100,8,1,1,16,desmoines-usa-1,80\nb,Nonesuch,8,1,1,16,desmoines-usa-1,80\nc,H100,0,1,1,x,atlantis,80\n`;
    for (const query of ['', '?dryRun=true']) {
      const { status, body, headers } = await importer.api.post(`/v1/listings/import${query}`, csv);
      expect(status).toBe(422);
      expect(headers.get('content-type')).toContain('application/problem+json');
      expect(body).toMatchObject({ type: '/problems/import-invalid', status: 422, created: 0 });
      expect(body.dryRun).toBe(query !== '');
      expect(body.errors.map(({ row, column }: { row: number; column: string }) => [row, column])).toEqual([
        [2, 'AcceleratorName'],
        [3, 'AcceleratorCount'],
        [3, 'Price'],
        [3, 'Region'],
      ]);
    }
    expect(await listings(importer)).toEqual([]);
    expect((await importer.api.get('/v1/sites')).body.data).toEqual([]);
  });

  it('is made once with one key, and needs one', async () => {
    const csv = `${CATALOGUE}\na,H100,8,1,1,16,desmoines-usa-1,80\n`;
    const bare = await importer.api.post('/v1/listings/import', csv, { key: null });
    expect([bare.status, bare.body.type]).toEqual([400, '/problems/idempotency-key-required']);
    const first = await importer.api.post('/v1/listings/import', csv, { key: 'once' });
    const second = await importer.api.post('/v1/listings/import', csv, { key: 'once' });
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(await listings(importer)).toHaveLength(1);
    expect((await importer.api.post('/v1/listings/import', `${csv}b,,,,,,,`, { key: 'once' })).status).toBe(
      422,
    );
    const dry = await importer.api.post('/v1/listings/import?dryRun=true', csv, { key: 'dry' });
    const dryAgain = await importer.api.post('/v1/listings/import?dryRun=true', csv, { key: 'dry' });
    expect([dry.status, dryAgain.status, dryAgain.body]).toEqual([200, 200, dry.body]);
  });

  it('refuses what is no file of listings', async () => {
    const send = async (body: string, headers: Record<string, string> = {}) =>
      importer.api.call('POST', '/v1/listings/import', body, { key: crypto.randomUUID(), headers });
    expect((await send('')).status).toBe(422);
    expect((await send('\n\n')).status).toBe(422);
    expect((await send('"')).status).toBe(422);
    expect((await send('chip,colour\nH100,red\n')).body.errors[0].row).toBe(0);
    expect((await send('{}', { 'content-type': 'application/json' })).status).toBe(415);
    expect((await send('a', { 'content-type': 'text/plain' })).status).toBe(415);
    const bytes = await fetch(`${market.url}/v1/listings/import`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${importer.accessToken}`,
        'content-type': 'text/csv',
        'idempotency-key': 'bytes',
      },
      body: Buffer.concat([
        Buffer.from(`${FALLOW}\n`),
        Buffer.from([0xff, 0xfe, 0x2c]),
        Buffer.from(',,,,,,'),
      ]),
    });
    expect(bytes.status).toBe(422);
    expect((await buyer.api.post('/v1/listings/import', `${FALLOW}\n`)).status).toBe(403);
    expect((await market.api.post('/v1/listings/import', `${FALLOW}\n`)).status).toBe(401);
  });

  it('takes 20,000 rows at once', async () => {
    const row = 'x,H100,8,128,1024,19.92,desmoines-usa-1,80\n';
    const answer = await importer.api.post('/v1/listings/import', `${CATALOGUE}\n${row.repeat(20_000)}`);
    expect([answer.status, answer.body.created]).toEqual([201, 20_000]);
  });
});

describe('new exchange rates', () => {
  it('change what listings in that currency come to, as if they had just been typed', async () => {
    const inCny = await draft({ price: { amount: '75001', currency: 'CNY', per: 'server_month' } });
    const inUsd = await draft();
    const before = (await api.get(`/v1/listings/${inUsd}`)).body;
    await dataSourceOf(market).transaction(async (tx) => {
      // What follows from rates is brought into step by those who set them: nothing is left to do.
      await market.app.get(FxService).setRates(tx, [{ currency: 'CNY', rateNanos: 137_913_333n }]);
      expect(await market.app.get(ListingsService).renormaliseRates(tx)).toBe(0);
    });
    const typedNow = await draft({ price: { amount: '75001', currency: 'CNY', per: 'server_month' } });
    const repriced = (await api.get(`/v1/listings/${inCny}`)).body;
    expect(repriced.pricePerGpuHour).toEqual(
      (await api.get(`/v1/listings/${typedNow}`)).body.pricePerGpuHour,
    );
    expect(repriced.price).toEqual({ amount: '75001.000000', currency: 'CNY', per: 'server_month' });
    expect((await api.get(`/v1/listings/${inUsd}`)).body).toEqual(before);
  });
});
