import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { newId } from '../../src/kernel/id.js';
import { parseMicros } from '../../src/kernel/money.js';
import { isoMinute, minuteOf } from '../../src/kernel/period.js';
import { RequestsService } from '../../src/matching/requests.service.js';
import type { Answer } from '../support/api.js';
import { type OfferedListing, insertOffered, insertTaken } from '../support/offered.js';
import { PASSWORD, type Person, dataSourceOf, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const HOUR = 60;
const USD = (amount: string): { amount: string; currency: string } => ({ amount, currency: 'USD' });

const micros = (amount: string): bigint => parseMicros(amount, '');

describe('asking for compute', () => {
  let market: TestApp;
  let buyer: Person;
  let other: Person;
  let seller: Person;
  let now: number;
  /** The listings by the name that the tests call them. */
  const offered: Record<string, OfferedListing> = {};
  const nameOf = (listingId: string): string =>
    Object.entries(offered).find(([, listing]) => listing.listingId === listingId)?.[0] ?? listingId;

  const ask = (body: Record<string, unknown>, person = buyer): Promise<Answer> =>
    person.api.post('/v1/requests', { workload: 'training', gpus: 8, hours: 72, ...body });

  /** The names of the listings of each match, best first. */
  const matched = ({ status, body }: Answer): string[][] => {
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body.matches.map((match: { allocations: { listingId: string }[] }) =>
      match.allocations.map(({ listingId }) => nameOf(listingId)),
    );
  };

  beforeAll(async () => {
    market = await startTestApp();
    [buyer, other, seller] = [
      await register(market),
      await register(market),
      await register(market, 'operator'),
    ];
    now = minuteOf(market.clock.now());
    await dataSourceOf(market).transaction(async (tx) => {
      offered.frankfurt = await insertOffered(tx, { nodes: 2, gpuIncrement: 8, rateMicros: 2_500_000 });
      offered.zhengzhou = await insertOffered(tx, {
        region: 'cn-zhengzhou',
        gpuIncrement: 8,
        rateMicros: 1_500_000,
      });
      offered.paris = await insertOffered(
        tx,
        { region: 'fr-paris', nodes: 1, gpuIncrement: 8, rateMicros: 2_750_000 },
        offered.frankfurt.operatorId,
      );
      offered.l40s = await insertOffered(tx, { chip: 'l40s-48gb', rateMicros: 900_000 });
      offered.own = await insertOffered(tx, { rateMicros: 100_000 }, seller.organizationId);
      // Paris is full for a day.
      await insertTaken(
        tx,
        offered.paris,
        { from: 0, to: 8, start: now - HOUR, end: now + 24 * HOUR },
        { buyerId: other.organizationId, state: 'active' },
      );
    });
  });

  afterAll(() => market.close());

  const chips = ['H100'];
  const deadline = (): string => isoMinute(now + 73 * HOUR);

  it('is answered with ranked, explained matches at firm prices', async () => {
    const answer = await ask(
      {
        chips,
        deadline: deadline(),
        latency: { from: [{ region: 'de-frankfurt', weight: 3 }, { region: 'fr-paris' }] },
        countries: { deny: ['CN'] },
      },
      buyer,
    );
    expect(matched(answer)).toEqual([['own'], ['frankfurt']]);
    const [, match] = answer.body.matches;
    expect(answer.body).toMatchObject({
      state: 'matched',
      workload: 'training',
      chips: ['h100-sxm-80gb'],
      gpus: 8,
      hours: 72,
    });
    expect(match).toMatchObject({
      rank: 2,
      allocations: [{ listingId: offered.frankfurt!.listingId, gpus: 8 }],
      pricePerGpuHour: USD('2.500000'),
      total: USD('1440.000000'),
      rttMs: {
        worst: expect.any(Number),
        byRegion: [
          { region: 'de-frankfurt', rttMs: 1.5, source: 'modelled' },
          { region: 'fr-paris', rttMs: expect.any(Number), source: 'modelled' },
        ],
      },
      explanation: expect.stringMatching(
        /^8 × .*H100.* at Frankfurt hall, 2\.50 USD a GPU-hour, .* from Frankfurt and Paris/,
      ),
    });
    const [near, far] = match.rttMs.byRegion;
    expect(match.rttMs.weighted).toBeCloseTo((3 * near.rttMs + far.rttMs) / 4, 3);
    expect(Date.parse(match.end) - Date.parse(match.start)).toBe(72 * 3_600_000);
    expect(Date.parse(match.expiresAt)).toBeGreaterThan(market.clock.now().getTime());
  });

  it('explains the cost by parts that add up to it', async () => {
    const { body } = await ask({
      chips: ['H100', 'L40S'],
      latency: {
        from: [{ region: 'de-frankfurt' }],
        targetRttMs: 1,
        costPerMs: USD('0.001'),
      },
      delayCostPerHour: USD('1'),
    });
    expect(body.matches.length).toBeGreaterThan(2);
    for (const { cost } of body.matches) {
      const sum = cost.parts.reduce(
        (total: bigint, part: { amount: string }) => total + micros(part.amount),
        0n,
      );
      expect(sum).toBe(micros(cost.amount));
      expect(cost.parts.map((part: { name: string }) => part.name)).toEqual([
        'price',
        'interruption',
        'latency',
        'lateStart',
        'performance',
      ]);
    }
    const costs = body.matches.map((match: { cost: { amount: string } }) => Number(match.cost.amount));
    expect(costs).toEqual(costs.toSorted((a: number, b: number) => a - b));
  });

  it('never matches an organisation with its own listings', async () => {
    const own = matched(await ask({ chips }, seller)).flat();
    expect(own).not.toContain('own');
    expect(own).toContain('frankfurt');
  });

  it('finds the earliest start before the deadline', async () => {
    const { body } = await ask({
      chips,
      countries: { allow: ['FR'] },
      deadline: isoMinute(now + 100 * HOUR),
    });
    expect(body.matches).toMatchObject([
      { start: isoMinute(now + 24 * HOUR), end: isoMinute(now + 96 * HOUR) },
    ]);
  });

  it('takes prices in any currency of the exchange table', async () => {
    const cny = (amount: string) => ({ chips, maxPricePerGpuHour: { amount, currency: 'CNY' } });
    // 0.14 USD a CNY: 10.72 CNY are 1.5008 USD.
    expect(matched(await ask(cny('10.72')))).toEqual([['own'], ['zhengzhou']]);
    expect(matched(await ask(cny('10.71')))).toEqual([['own']]);
  });

  describe('where little matches', () => {
    const narrow = () => ({
      chips,
      deadline: isoMinute(now + 72 * HOUR + 5),
      maxPricePerGpuHour: USD('2.00'),
      latency: { maxRttMs: 30, from: [{ region: 'de-frankfurt' }] },
      gpus: 16,
    });

    it('says how many offers each constraint removed, and which one binds', async () => {
      const { body } = await ask(narrow());
      expect(body).toMatchObject({ state: 'open', matches: [] });
      const { total, removedByConstraint, binding } = body.unmatched;
      expect(total).toBe(5);
      const removed = Object.fromEntries(
        removedByConstraint.map((removal: { constraint: string; removed: number; alone: number }) => [
          removal.constraint,
          [removal.removed, removal.alone],
        ]),
      );
      // Frankfurt fails the price alone; own and L40S have 8 GPUs; Zhengzhou and Paris fail several.
      expect(removed).toEqual({
        chips: [1, 0],
        latency: [1, 0],
        maxPricePerGpuHour: [2, 1],
        gpus: [4, 1],
      });
      expect(['maxPricePerGpuHour', 'gpus']).toContain(binding);
    });

    it('names the nearest misses, and each is true', async () => {
      const { body } = await ask(narrow());
      const { nearest } = body.unmatched;
      expect(nearest.map((miss: { description: string }) => miss.description)).toEqual([
        'at 2.50 USD 1 offer matches',
        'with 8 GPUs 1 offer matches',
      ]);
      for (const { constraint, relaxTo, matches } of nearest) {
        const relaxed = await ask({ ...narrow(), [constraint]: relaxTo });
        expect(relaxed.body.matches).toHaveLength(matches);
      }
    });

    it('names the round trip and the deadline that would do', async () => {
      const far = {
        chips,
        latency: { maxRttMs: 1, from: [{ region: 'cn-beijing' }] },
        countries: { allow: ['CN'] },
      };
      const rtt = (await ask(far)).body.unmatched.nearest[0];
      expect(rtt).toMatchObject({ constraint: 'latency', relaxTo: expect.any(Number), matches: 1 });
      const nearer = { ...far, latency: { ...far.latency, maxRttMs: rtt.relaxTo } };
      expect(matched(await ask(nearer))).toEqual([['zhengzhou']]);

      const soon = { chips, countries: { allow: ['FR'] }, deadline: isoMinute(now + 72 * HOUR + 5) };
      expect((await ask(soon)).body.unmatched.nearest).toEqual([
        {
          constraint: 'deadline',
          relaxTo: isoMinute(now + 96 * HOUR),
          matches: 1,
          description: `with a deadline of ${isoMinute(now + 96 * HOUR)} 1 offer matches`,
        },
      ]);
    });
  });

  it('spreads inference over listings of one operator where asked to', async () => {
    const body = {
      workload: 'inference',
      chips,
      gpus: 24,
      earliestStart: isoMinute(now + 30 * HOUR),
      split: 'multi_site',
    };
    const answer = await ask(body);
    expect(matched(answer)).toEqual([['frankfurt', 'paris']]);
    expect(answer.body.matches[0]).toMatchObject({
      allocations: [
        { listingId: offered.frankfurt!.listingId, gpus: 16 },
        { listingId: offered.paris!.listingId, gpus: 8 },
      ],
      total: USD('4464.000000'),
      pricePerGpuHour: USD('2.583333'),
    });
    expect((await ask({ ...body, split: 'single_site' })).body.matches).toEqual([]);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ mode: 'standing' }, '/mode'],
    [{ expiresAt: '2027-01-01T00:00:00Z' }, '/expiresAt'],
    [{ split: 'multi_site' }, '/split'],
    [{ workload: 'mining' }, '/workload'],
    [{ chips: ['warp-drive'] }, '/chips/0'],
    [{ chips: [] }, '/chips'],
    [{ gpus: 0 }, '/gpus'],
    [{ gpus: 12, gpusPerNode: 8 }, '/gpus'],
    [{ hours: 0.001 }, '/hours'],
    [{ hours: -1 }, '/hours'],
    [{ deadline: '2020-01-01T00:00:00Z' }, '/deadline'],
    [{ earliestStart: '2099-01-01T00:00:00Z' }, '/earliestStart'],
    [{ earliestStart: '2027-02-30T00:00:00Z' }, '/earliestStart'],
    [{ maxPricePerGpuHour: { amount: '-1', currency: 'USD' } }, '/maxPricePerGpuHour/amount'],
    [{ maxPricePerGpuHour: { amount: 2, currency: 'USD' } }, '/maxPricePerGpuHour/amount'],
    [{ maxPricePerGpuHour: { amount: '1', currency: 'XXX' } }, '/maxPricePerGpuHour/currency'],
    [{ latency: { from: [] } }, '/latency/from'],
    [{ latency: { from: [{ region: 'atlantis' }] } }, '/latency/from/0/region'],
    [{ latency: { from: [{ region: 'fr-paris' }, { region: 'Paris' }] } }, '/latency/from/1/region'],
    [{ countries: { allow: ['D1'] } }, '/countries/allow/0'],
    [{ minReliability: 1.5 }, '/minReliability'],
    [{ colour: 'red' }, '/colour'],
  ])('refuses %p, naming %s', async (body, pointer) => {
    const answer = await ask(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer }]);
  });

  it('is one request however often the same call is sent', async () => {
    const key = newId();
    const body = { workload: 'training', gpus: 8, hours: 72, chips };
    const first = await buyer.api.post('/v1/requests', body, { key });
    const second = await buyer.api.post('/v1/requests', body, { key });
    expect([first.status, second.body]).toEqual([201, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  it('needs someone signed in', async () => {
    expect((await market.api.post('/v1/requests', { workload: 'training', gpus: 8, hours: 1 })).status).toBe(
      401,
    );
  });

  it('is seen, refreshed and cancelled by its own organisation alone', async () => {
    const { body } = await ask({ chips });
    const path = `/v1/requests/${body.id}`;
    for (const answer of [
      await other.api.get(path),
      await other.api.get(`${path}/matches`),
      await other.api.post(`${path}/cancel`),
      await other.api.post('/v1/bookings', { matchId: body.matches[0].id }),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect((await buyer.api.get(path)).body).toEqual(body);
    expect((await other.api.get('/v1/requests')).body.data).toEqual([]);
  });

  it('gives fresh matches, of the market as it is then', async () => {
    const { body } = await ask({ chips, countries: { allow: ['CN'] } });
    await dataSourceOf(market).query('update listings set rate_micros = 1600000 where id = $1', [
      offered.zhengzhou!.listingId,
    ]);
    const fresh = await buyer.api.get(`/v1/requests/${body.id}/matches`);
    expect(fresh.body).toMatchObject({
      data: [{ rank: 1, pricePerGpuHour: USD('1.600000') }],
      nextCursor: null,
      unmatched: { matched: 1 },
    });
    expect(fresh.body.data[0].id).not.toBe(body.matches[0].id);
    expect((await buyer.api.get(`/v1/requests/${body.id}`)).body.matches).toEqual(fresh.body.data);
    await dataSourceOf(market).query(`update listings set state = 'paused' where id = $1`, [
      offered.zhengzhou!.listingId,
    ]);
    await buyer.api.get(`/v1/requests/${body.id}/matches`);
    expect((await buyer.api.get(`/v1/requests/${body.id}`)).body).toMatchObject({
      state: 'open',
      matches: [],
    });
    await dataSourceOf(market).query(`update listings set state = 'active' where id = $1`, [
      offered.zhengzhou!.listingId,
    ]);
  });

  it('is over once cancelled: its matches cannot be booked, and it cannot be cancelled again', async () => {
    const { body } = await ask({ chips });
    const cancelled = await buyer.api.post(`/v1/requests/${body.id}/cancel`);
    expect([cancelled.status, cancelled.body.state]).toEqual([200, 'cancelled']);
    const booked = await buyer.api.post('/v1/bookings', { matchId: body.matches[0].id });
    expect([booked.status, booked.body.type]).toEqual([409, '/problems/expired']);
    const again = await buyer.api.post(`/v1/requests/${body.id}/cancel`);
    expect([again.status, again.body.type]).toEqual([409, '/problems/illegal-transition']);
  });

  it('is listed newest first, by state and page', async () => {
    const page = await buyer.api.get('/v1/requests?limit=2');
    expect(page.body.data).toHaveLength(2);
    const next = await buyer.api.get(`/v1/requests?limit=2&cursor=${page.body.nextCursor}`);
    const ids = [...page.body.data, ...next.body.data].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(ids.toSorted().toReversed());
    const { body } = await buyer.api.get('/v1/requests?state=cancelled');
    expect(body.data.map(({ state }: { state: string }) => state)).toEqual(['cancelled']);
  });

  it('expires when its deadline leaves no time any more, and its matches before that', async () => {
    const request = await ask({ chips, deadline: isoMinute(now + 74 * HOUR) });
    market.clock.advanceMinutes(16);
    // The clock has passed the access token too.
    const { email } = buyer;
    const login = await market.api.post('/v1/auth/login', { email, password: PASSWORD });
    const late = await market.api
      .as(login.body.accessToken)
      .post('/v1/bookings', { matchId: request.body.matches[0].id });
    expect([late.status, late.body.type]).toEqual([409, '/problems/expired']);
    const state = async (): Promise<string> =>
      (await dataSourceOf(market).query('select state from requests where id = $1', [request.body.id]))[0]
        .state;
    await market.app.get(RequestsService).expireDue();
    expect(await state()).toBe('matched');
    market.clock.advanceMinutes(2 * HOUR);
    await market.app.get(RequestsService).expireDue();
    expect(await state()).toBe('expired');
  });
});
