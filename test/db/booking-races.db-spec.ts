import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Answer } from '../support/api.js';
import { BookingMarket, type Party, contradictions } from '../support/booking-market.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const ENDED = ['expired', 'cancelled', 'failed', 'completed'];

let app: TestApp;
let market: BookingMarket;
let operator: Party;
let buyers: Party[];

beforeAll(async () => {
  app = await startTestApp({ DATABASE_POOL_SIZE: '20' });
  market = new BookingMarket(app);
  operator = await market.register('operator');
  buyers = [await market.buyer('100000.00', 'ada'), await market.buyer('100000.00', 'bob')];
});

afterEach(async () => expect(await contradictions(market.dataSource)).toEqual([]));
afterAll(() => app.close());

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

const hold = (listingId: string, gpus: number, start: string, index = 0, key?: string): Promise<Answer> =>
  buyers[index % buyers.length]!.api.post('/v1/bookings', { listingId, gpus, start, hours: 1 }, { key });

const act = (booking: Answer['body'], action: string): Promise<Answer> =>
  buyers
    .find(({ organizationId }) => organizationId === booking.organizationId)!
    .api.post(`/v1/bookings/${booking.id}/${action}`);

/** GPU numbers that the answers say were taken. */
const taken = (answers: readonly Answer[]): number[] =>
  answers
    .filter(({ status }) => status === 201)
    .flatMap(({ body }) => body.allocations.flatMap((part: { gpuNumbers: number[] }) => part.gpuNumbers))
    .sort((a, b) => a - b);

const EIGHT = [0, 1, 2, 3, 4, 5, 6, 7];

describe('the checks of this file', () => {
  it('see a booking that lost its GPUs or its price, and money that is not where it should be', async () => {
    const held = await hold(await market.listing(operator), 2, market.inMinutes(600));
    await act(held.body, 'confirm');
    const broken = [
      `delete from allocations where booking_id = '${held.body.id}'`,
      `delete from booking_lines where booking_id = '${held.body.id}'`,
      `update bookings set refunded_micros = 1 where id = '${held.body.id}'`,
      `update bookings set due_at = null where id = '${held.body.id}'`,
      `update accounts set credits_posted = credits_posted + 1 where kind = 'escrow'`,
      `update bookings set confirmed_at = null where id = '${held.body.id}'`,
    ];
    for (const statement of broken) {
      const undone = new Error('undone');
      const breaking = market.dataSource.transaction(async (tx) => {
        await tx.query(statement);
        expect({ statement, found: (await contradictions(tx)).length > 0 }).toEqual({
          statement,
          found: true,
        });
        throw undone;
      });
      await expect(breaking).rejects.toBe(undone);
    }
  });
});

describe('many buyers who want the same GPUs', () => {
  it('200 at once for the last 8 get exactly 8, and the rest a clear answer', async () => {
    const listingId = await market.listing(operator);
    const start = market.inMinutes(600);
    const answers = await times(200, (index) => hold(listingId, 1, start, index));
    expect(taken(answers)).toEqual(EIGHT);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(192);
    for (const { status, body } of refused) {
      expect({ status, type: body.type }).toEqual({ status: 409, type: '/problems/insufficient-capacity' });
    }
  });

  it('sell no GPU twice and leave none unsold, whatever they ask for', async () => {
    const listingId = await market.listing(operator);
    const start = market.inMinutes(1200);
    const answers = await times(60, (index) => hold(listingId, 1 + (index % 3), start, index));
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
    expect(taken(answers)).toEqual(EIGHT);
  });

  it('get what stale holds still occupy, all 8 of it', async () => {
    const listingId = await market.listing(operator);
    const start = market.inMinutes(3000);
    expect((await hold(listingId, 8, start)).status).toBe(201);
    app.clock.advanceMinutes(16);
    const answers = await times(40, (index) => hold(listingId, 1, start, index));
    expect(taken(answers)).toEqual(EIGHT);
  });
});

describe('the same idempotency key, 50 times at once', () => {
  it('makes one booking, and every answer says which or to wait', async () => {
    const listingId = await market.listing(operator);
    const start = market.inMinutes(600);
    const key = randomUUID();
    const answers = await times(50, () => hold(listingId, 1, start, 0, key));
    const made = answers.filter(({ status }) => status === 201);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect({ status, type: body.type }).toEqual({ status: 409, type: '/problems/idempotency-in-progress' });
    }
    const [row] = await market.dataSource.query<[{ count: number }]>(
      `select count(*)::int from booking_lines where listing_id = $1`,
      [listingId],
    );
    expect(row.count).toBe(1);
    const retry = await hold(listingId, 1, start, 0, key);
    expect(retry.body).toEqual(made[0]!.body);
  });

  it('pays once', async () => {
    const held = await hold(await market.listing(operator), 8, market.inMinutes(600));
    const before = Number((await market.wallet(buyers[0]!)).available);
    const path = `/v1/bookings/${held.body.id}/confirm`;
    const key = randomUUID();
    const answers = await times(50, () => buyers[0]!.api.post(path, undefined, { key }));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(Number((await market.wallet(buyers[0]!)).available)).toBe(before - 16);
  });
});

describe('a hold that is paid, let go and expired at once', () => {
  it('ends one way only, and the money agrees', async () => {
    const listingId = await market.listing(operator, { nodes: 8 });
    const start = market.inMinutes(600);
    const held = await times(48, (index) => hold(listingId, 1, start, index));
    expect(held.every(({ status }) => status === 201)).toBe(true);
    // Half of the calls come just as the holds run out; the job runs all the while.
    app.clock.advanceMinutes(14.999);
    const work = held.flatMap(({ body }, index) => {
      const late = index % 2 === 1;
      const race = [() => act(body, 'confirm'), () => act(body, 'cancel'), () => act(body, 'confirm')];
      return late ? race.reverse() : race;
    });
    const [answers] = await Promise.all([
      Promise.all(work.map((call) => call())),
      (async () => {
        for (let round = 0; round < 10; round++) {
          await market.settleDue();
          app.clock.advanceMinutes(0.001);
        }
      })(),
    ]);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect({ status, type: body.type }).toEqual({
        status: 409,
        type: expect.stringMatching(/illegal-transition|expired/),
      });
    }
    app.clock.advanceMinutes(2);
    await market.settleDue();
    const ids = held.map(({ body }) => body.id);
    const rows = await market.dataSource.query<{ id: string; state: string; endings: number }[]>(
      `select b.id, b.state, (select count(*)::int from outbox o where o.payload ->> 'bookingId' = b.id::text
          and o.name = any($2) and o.organization_id = b.organization_id) as endings
         from bookings b where id = any($1)`,
      [ids, ENDED.map((state) => `booking.${state}`)],
    );
    expect(rows).toHaveLength(48);
    for (const row of rows) {
      expect({ state: row.state, endings: row.endings }).toEqual(
        row.state === 'confirmed' ? { state: 'confirmed', endings: 0 } : { state: row.state, endings: 1 },
      );
      expect(['confirmed', 'cancelled', 'expired']).toContain(row.state);
    }
  });
});

describe('bookings that end at once', () => {
  it('never wait for each other in a circle: every call is answered, and the ledger balances', async () => {
    const listingId = await market.listing(operator, { nodes: 4 });
    const start = market.inMinutes(30);
    const held = await times(32, (index) => hold(listingId, 1, start, index));
    const paid = await Promise.all(held.map(({ body }) => act(body, 'confirm')));
    expect(paid.every(({ status }) => status === 200)).toBe(true);
    const fail = (booking: Answer['body']): Promise<Answer> =>
      operator.api.post(`/v1/bookings/${booking.id}/fail`, { reason: 'test' });
    const answers = await Promise.all(
      held.flatMap(({ body }, index) => [
        act(body, 'cancel'),
        index % 2 === 0 ? fail(body) : act(body, 'cancel?preview=true'),
        hold(listingId, 1, start, index),
      ]),
    );
    expect(answers.filter(({ status }) => ![200, 201, 409].includes(status))).toEqual([]);
  });
});
