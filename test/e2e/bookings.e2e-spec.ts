import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { type BookingMarket, type Party, SSH_KEY } from '../support/booking-market.js';
import { BookingStory, DAY, ENDPOINTS, act, expectProblem, get } from '../support/booking-story.js';

let story: BookingStory;
let market: BookingMarket;
let operator: Party;
let buyer: Party;

beforeAll(async () => {
  story = await BookingStory.begin();
  ({ market, operator, buyer } = story);
});

afterAll(() => story.end());

describe('an illegal move', () => {
  const moves: Record<string, (id: string) => Promise<Answer>> = {
    confirm: (id) => act(buyer, id, 'confirm'),
    cancel: (id) => act(buyer, id, 'cancel'),
    terminate: (id) => act(buyer, id, 'terminate'),
    extend: (id) => act(buyer, id, 'extend', { hours: 1 }),
    deliver: (id) => act(operator, id, 'deliver', { endpoints: ENDPOINTS }),
    fail: (id) => act(operator, id, 'fail', { reason: 'test' }),
  };
  const ended = ['confirm', 'cancel', 'terminate', 'extend', 'deliver', 'fail'];
  const cases: [state: string, make: () => Promise<string>, illegal: string[]][] = [
    ['held', async () => (await story.hold()).body.id, ['terminate', 'extend', 'deliver', 'fail']],
    ['confirmed', async () => (await story.confirmed()).id, ['confirm', 'terminate']],
    ['active', async () => (await story.active()).id, ['confirm', 'cancel']],
    ['cancelled', async () => (await act(buyer, (await story.hold()).body.id, 'cancel')).body.id, ended],
    ['completed', async () => (await act(buyer, (await story.active()).id, 'terminate')).body.id, ended],
    [
      'failed',
      async () => (await act(operator, (await story.confirmed()).id, 'fail', { reason: 'test' })).body.id,
      ended,
    ],
  ];

  it.each(cases)('from %s is a conflict and changes nothing', async (state, make, illegal) => {
    const id = await make();
    const before = await get(buyer, id);
    expect(before.state).toBe(state);
    for (const move of illegal) expectProblem(await moves[move]!(id), 409, 'illegal-transition');
    expect(await get(buyer, id)).toEqual(before);
  });
});

describe('who sees a booking', () => {
  it('shows both parties their own, the fee to the operator and the admin alone', async () => {
    const booking = await story.confirmed({ sshPublicKeys: [SSH_KEY] });
    const seen = await get(operator, booking.id);
    expect(seen).toEqual({
      ...booking,
      fee: { amount: '8.000000', currency: 'USD' },
      released: expect.anything(),
    });
    const admin = await market.admin();
    expect((await admin.get(`/v1/bookings/${booking.id}`)).body).toEqual(seen);
  });

  it('hides it from everyone else, on every route', async () => {
    const booking = await story.confirmed();
    const rival = await market.register('operator', 'rival');
    const stranger = await market.buyer('1000.00', 'stranger');
    for (const party of [stranger, rival]) {
      expectProblem(await party.api.get(`/v1/bookings/${booking.id}`), 404, 'not-found');
      for (const action of [
        'confirm',
        'cancel',
        'cancel?preview=true',
        'terminate',
        'terminate?preview=true',
      ]) {
        expectProblem(await act(party, booking.id, action), 404, 'not-found');
      }
      expectProblem(await act(party, booking.id, 'extend', { hours: 1 }), 404, 'not-found');
      const ids = (await party.api.get('/v1/bookings')).body.data.map((each: { id: string }) => each.id);
      expect(ids).not.toContain(booking.id);
    }
    expectProblem(await act(rival, booking.id, 'deliver', { endpoints: ENDPOINTS }), 404, 'not-found');
    expectProblem(await act(rival, booking.id, 'fail', { reason: 'spite' }), 404, 'not-found');
    // The operator is a party, but the buyer's moves are not its own.
    for (const action of ['confirm', 'cancel', 'terminate']) {
      expectProblem(await act(operator, booking.id, action), 404, 'not-found');
    }
    expect(await get(buyer, booking.id)).toEqual(booking);
  });

  it('answers 404 for what is no id, and 401 without credentials', async () => {
    expectProblem(await buyer.api.get('/v1/bookings/1'), 404, 'not-found');
    expectProblem(await act(buyer, "x'; drop table bookings", 'confirm'), 404, 'not-found');
    expectProblem(await story.app.api.get('/v1/bookings'), 401, 'unauthenticated');
  });
});

describe('the list', () => {
  it('pages through both sides’ bookings, newest first, and filters them', async () => {
    const own = await market.buyer('10000.00', 'lister');
    const listingId = await market.listing(operator, { nodes: 4 });
    const ids: string[] = [];
    for (let day = 1; day <= 5; day++) {
      const held = await story.hold({ listingId, start: market.inMinutes(day * DAY) }, own);
      ids.unshift(held.body.id);
    }
    await act(own, ids[0]!, 'cancel');
    await act(own, ids[1]!, 'confirm');
    const list = async (query: string, party: Party = own): Promise<Answer['body']> =>
      (await party.api.get(`/v1/bookings${query}`)).body;
    const idsOf = (page: { data: { id: string }[] }): string[] => page.data.map(({ id }) => id);
    expect(idsOf(await list(''))).toEqual(ids);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    const third = await list(`?limit=2&cursor=${second.nextCursor}`);
    expect([...idsOf(first), ...idsOf(second), ...idsOf(third)]).toEqual(ids);
    expect(third.nextCursor).toBeNull();
    expect(idsOf(await list('?state=cancelled'))).toEqual([ids[0]]);
    expect(idsOf(await list('?state=cancelled&state=confirmed'))).toEqual([ids[0], ids[1]]);
    const noon = (day: number): string => encodeURIComponent(market.inMinutes(day * DAY + 12 * 60));
    expect(idsOf(await list(`?from=${noon(1)}&to=${noon(3)}`))).toEqual([ids[2], ids[3]]);
    expect(idsOf(await list('', operator)).slice(0, 5)).toEqual(ids);
    expect(idsOf(await list('?party=operator'))).toEqual([]);
    expectProblem(await own.api.get('/v1/bookings?state=lost'), 422, 'validation');
    expectProblem(await own.api.get('/v1/bookings?cursor=forged'), 400, 'invalid-cursor');
  });
});

describe('what is told', () => {
  it('reaches both parties, one event for each state, and never the fee', async () => {
    const booking = await story.active();
    await act(buyer, booking.id, 'extend', { hours: 1 });
    await act(buyer, booking.id, 'terminate');
    const rows = await market.dataSource.query<{ organization_id: string; name: string; payload: object }[]>(
      `select organization_id, name, payload from outbox where payload ->> 'bookingId' = $1 order by id`,
      [booking.id],
    );
    const names = ['held', 'confirmed', 'active', 'extended', 'completed'].map((name) => `booking.${name}`);
    for (const { organizationId } of [buyer, operator]) {
      const own = rows.filter((row) => row.organization_id === organizationId);
      expect(own.map(({ name }) => name)).toEqual(names);
    }
    expect(JSON.stringify(rows)).not.toMatch(/fee|endpoint/i);
  });
});
