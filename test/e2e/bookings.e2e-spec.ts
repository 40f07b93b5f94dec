import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import { BookingMarket, type Party, SSH_KEY, contradictions } from '../support/booking-market.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const ENDPOINTS = [{ host: 'gpu-1.example.org', port: 22, user: 'ubuntu' }];
const DAY = 24 * 60;

let app: TestApp;
let market: BookingMarket;
let operator: Party;
let buyer: Party;
let stranger: Party;

beforeAll(async () => {
  app = await startTestApp();
  market = new BookingMarket(app);
  operator = await market.register('operator', 'operator');
  buyer = await market.buyer();
  stranger = await market.buyer('1000.00', 'stranger');
});

afterAll(async () => {
  expect(await contradictions(market.dataSource)).toEqual([]);
  await app.close();
});

/** A hold of 8 GPUs for 10 hours at 2 USD, 160 USD in all, four days ahead unless said otherwise. */
async function hold(body: Record<string, unknown> = {}, by: Party = buyer): Promise<Answer> {
  const listingId = body.listingId ?? (await market.listing(operator));
  return by.api.post('/v1/bookings', {
    listingId,
    gpus: 8,
    start: market.inMinutes(4 * DAY),
    hours: 10,
    ...body,
  });
}

const act = (party: Party, id: string, action: string, body?: unknown): Promise<Answer> =>
  party.api.post(`/v1/bookings/${id}/${action}`, body);

async function confirmed(body: Record<string, unknown> = {}): Promise<Answer['body']> {
  const held = await hold(body);
  expect(held.status).toBe(201);
  const answer = await act(buyer, held.body.id, 'confirm');
  expect(answer.status).toBe(200);
  return answer.body;
}

async function active(body: Record<string, unknown> = {}): Promise<Answer['body']> {
  const booking = await confirmed(body);
  const answer = await act(operator, booking.id, 'deliver', { endpoints: ENDPOINTS });
  expect(answer.status).toBe(200);
  return answer.body;
}

const get = async (party: Party, id: string): Promise<Answer['body']> =>
  (await party.api.get(`/v1/bookings/${id}`)).body;

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, type: `/problems/${code}` });
  expect(answer.status).toBe(status);
}

const pointers = (answer: Answer): string[] =>
  answer.body.errors.map((error: { pointer: string }) => error.pointer);

describe('holding', () => {
  it('takes numbered GPUs for some minutes, at the price of now', async () => {
    const { status, body, headers } = await hold({ sshPublicKeys: [SSH_KEY] });
    expect(status).toBe(201);
    expect(headers.get('etag')).toBe('"1"');
    expect(body).toMatchObject({
      state: 'held',
      organizationId: buyer.organizationId,
      operatorId: operator.organizationId,
      pricePerGpuHour: { amount: '2.000000', currency: 'USD' },
      total: { amount: '160.000000', currency: 'USD' },
      allocations: [{ gpus: 8, gpuNumbers: [0, 1, 2, 3, 4, 5, 6, 7] }],
      sshPublicKeys: [SSH_KEY],
      endpoints: [],
      delivered: false,
    });
    expect(body).not.toHaveProperty('fee');
    const minutes = (Date.parse(body.expiresAt) - Date.parse(body.createdAt)) / 60_000;
    expect(minutes).toBe(15);
    expect(await get(buyer, body.id)).toEqual(body);
  });

  it('locks the price, whatever the operator asks later', async () => {
    const listingId = await market.listing(operator);
    const held = await hold({ listingId });
    await market.dataSource.query(`update listings set rate_micros = 9000000 where id = $1`, [listingId]);
    const paid = await act(buyer, held.body.id, 'confirm');
    expect(paid.body.total.amount).toBe('160.000000');
  });

  it('gives the term discount that the length earns', async () => {
    const listingId = await market.listing(operator, { termDiscounts: [{ minHours: 10, percentOff: 12.5 }] });
    expect((await hold({ listingId, hours: 10 })).body.pricePerGpuHour.amount).toBe('1.750000');
    const later = { listingId, hours: 9.5, start: market.inMinutes(20 * DAY) };
    expect((await hold(later)).body.pricePerGpuHour.amount).toBe('2.000000');
  });

  it('says how many GPUs are free when there are too few', async () => {
    const listingId = await market.listing(operator, { nodes: 1 });
    expect((await hold({ listingId, gpus: 5 })).status).toBe(201);
    const refused = await hold({ listingId, gpus: 4 });
    expectProblem(refused, 409, 'insufficient-capacity');
    expect(refused.body).toMatchObject({ listingId, gpus: 4, freeGpus: 3 });
    expect((await hold({ listingId, gpus: 3 })).status).toBe(201);
  });

  it('takes either a match or a listing', async () => {
    const both = await hold({ matchId: '01890000-0000-7000-8000-000000000000' });
    expectProblem(both, 422, 'validation');
    expect(pointers(both)).toEqual(['/listingId', '/gpus', '/start', '/hours']);
    const neither = await buyer.api.post('/v1/bookings', { gpus: 8 });
    expectProblem(neither, 422, 'validation');
    expect(pointers(neither)).toEqual(['/listingId', '/start', '/hours']);
    expectProblem(
      await buyer.api.post('/v1/bookings', { matchId: '01890000-0000-7000-8000-000000000000' }),
      404,
      'not-found',
    );
  });

  it.each([
    ['fewer GPUs than the least', { gpus: 2 }, '/gpus'],
    ['more GPUs than the most', { gpus: 16 }, '/gpus'],
    ['GPUs between two steps', { gpus: 6 }, '/gpus'],
    ['no GPUs', { gpus: 0 }, '/gpus'],
    ['a negative number of GPUs', { gpus: -8 }, '/gpus'],
    ['a broken number of GPUs', { gpus: 8.5 }, '/gpus'],
    ['less time than the least', { hours: 1 }, '/hours'],
    ['more time than the most', { hours: 49 }, '/hours'],
    ['time that makes no whole minutes', { hours: 2.001 }, '/hours'],
    ['negative time', { hours: -2 }, '/hours'],
    ['a start in the past', { start: '2020-01-01T00:00:00Z' }, '/start'],
    ['a start within a minute', { start: '2031-01-01T00:00:30Z' }, '/start'],
    ['a start that is no time', { start: 'tomorrow' }, '/start'],
    ['a key that is none', { sshPublicKeys: ['hello'] }, '/sshPublicKeys/0'],
    [
      'too many keys',
      { sshPublicKeys: Array.from({ length: 21 }, (_, n) => `${SSH_KEY}${n}`) },
      '/sshPublicKeys',
    ],
    ['a voucher', { voucherCode: 'WELCOME' }, '/voucherCode'],
    ['an unknown field', { priority: 1 }, '/priority'],
  ])('refuses %s, and names it', async (_, body, pointer) => {
    const listingId = await market.listing(operator, {
      nodes: 2,
      gpuIncrement: 4,
      minGpus: 4,
      maxGpus: 12,
      minMinutes: 120,
      maxMinutes: 48 * 60,
    });
    const answer = await hold({ listingId, ...body });
    expectProblem(answer, 422, 'validation');
    expect(pointers(answer)).toContain(pointer);
  });

  it('keeps within the window of the listing', async () => {
    const listingId = await market.listing(operator, { fromHours: 24, untilHours: 48 });
    const early = await hold({ listingId, start: market.inMinutes(23 * 60) });
    expect(pointers(early)).toEqual(['/start']);
    const late = await hold({ listingId, start: market.inMinutes(40 * 60) });
    expect(pointers(late)).toEqual(['/hours']);
    expect((await hold({ listingId, start: market.inMinutes(38 * 60) })).status).toBe(201);
  });

  it('starts now, if you like', async () => {
    expect((await hold({ start: market.inMinutes(0) })).status).toBe(201);
    expect((await hold({ start: market.inMinutes(-1) })).status).toBe(201);
    expect((await hold({ start: market.inMinutes(-3) })).status).toBe(422);
  });

  it('is refused on a listing of its own, an unknown one, and one that does not sell', async () => {
    const listingId = await market.listing(operator);
    expectProblem(await hold({ listingId }, operator), 403, 'own-listing');
    expectProblem(await hold({ listingId: buyer.organizationId }), 404, 'not-found');
    await market.dataSource.query(`update listings set state = 'paused' where id = $1`, [listingId]);
    expectProblem(await hold({ listingId }), 409, 'listing-not-available');
    await market.dataSource.query(`update listings set state = 'active' where id = $1`, [listingId]);
    const suspend = (state: string): Promise<unknown> =>
      market.dataSource.query(`update organizations set state = $2 where id = $1`, [
        operator.organizationId,
        state,
      ]);
    await suspend('suspended');
    const refused = await hold({ listingId });
    await suspend('active');
    expectProblem(refused, 409, 'listing-not-available');
  });

  it('refuses what would cost nothing at all', async () => {
    const listingId = await market.listing(operator, { rateMicros: 1n });
    const answer = await hold({ listingId, gpus: 1, hours: 0.1 });
    expectProblem(answer, 422, 'validation');
    expect(pointers(answer)).toEqual(['/hours']);
  });

  it('needs an idempotency key, and gives a repeat the first answer', async () => {
    const listingId = await market.listing(operator);
    const body = { listingId, gpus: 8, start: market.inMinutes(DAY), hours: 1 };
    expectProblem(await buyer.api.post('/v1/bookings', body, { key: null }), 400, 'idempotency-key-required');
    const first = await buyer.api.post('/v1/bookings', body, { key: 'hold-1' });
    const again = await buyer.api.post('/v1/bookings', body, { key: 'hold-1' });
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const other = await buyer.api.post('/v1/bookings', { ...body, gpus: 4 }, { key: 'hold-1' });
    expectProblem(other, 422, 'idempotency-key-reused');
  });
});

describe('a hold that is not paid', () => {
  it('expires, and its GPUs can be had again', async () => {
    const listingId = await market.listing(operator);
    const held = await hold({ listingId });
    expectProblem(await hold({ listingId }), 409, 'insufficient-capacity');
    await market.passUntil(held.body.expiresAt);
    expect(await get(buyer, held.body.id)).toMatchObject({
      state: 'expired',
      stateReason: 'not paid in time',
      allocations: [{ gpus: 8, gpuNumbers: [] }],
    });
    expect((await hold({ listingId })).status).toBe(201);
  });

  it('makes room at once, even before the job has come by', async () => {
    const listingId = await market.listing(operator);
    const held = await hold({ listingId });
    app.clock.advanceMinutes(16);
    expectProblem(await act(buyer, held.body.id, 'confirm'), 409, 'expired');
    expect((await hold({ listingId })).status).toBe(201);
    expect((await get(buyer, held.body.id)).state).toBe('expired');
    expectProblem(await act(buyer, held.body.id, 'confirm'), 409, 'illegal-transition');
  });

  it('costs nothing to let go', async () => {
    const before = await market.wallet(buyer);
    const held = await hold();
    const preview = await act(buyer, held.body.id, 'cancel?preview=true');
    expect(preview.body).toMatchObject({ refund: { amount: '0.000000' }, retained: { amount: '0.000000' } });
    const cancelled = await act(buyer, held.body.id, 'cancel');
    expect(cancelled.body).toMatchObject({ state: 'cancelled', refunded: { amount: '0.000000' } });
    expect(cancelled.body.allocations[0].gpuNumbers).toEqual([]);
    expect(await market.wallet(buyer)).toEqual(before);
  });
});

describe('paying', () => {
  it('moves the total from the wallet into escrow', async () => {
    const before = await market.wallet(buyer);
    const booking = await confirmed();
    expect(booking).toMatchObject({ state: 'confirmed', endpoints: [] });
    const after = await market.wallet(buyer);
    expect(Number(after.available)).toBe(Number(before.available) - 160);
    expect(Number(after.inEscrow)).toBe(Number(before.inEscrow) + 160);
  });

  it('without enough money leaves the hold as it is', async () => {
    const poor = await market.buyer('159.999999', 'poor');
    const held = await hold({}, poor);
    const refused = await act(poor, held.body.id, 'confirm');
    expectProblem(refused, 402, 'insufficient-funds');
    expect(refused.body).toMatchObject({
      available: { amount: '159.999999' },
      required: { amount: '160.000000' },
    });
    expect(await get(poor, held.body.id)).toEqual(held.body);
    await market.fund(poor, '0.000001');
    expect((await act(poor, held.body.id, 'confirm')).body.state).toBe('confirmed');
    expect((await market.wallet(poor)).available).toBe('0.000000');
  });
});

describe('cancelling', () => {
  it.each([
    ['four days', 4 * DAY, '160.000000', '0.000000'],
    ['two days', 2 * DAY, '120.000000', '38.000000'],
    ['two hours', 120, '80.000000', '76.000000'],
    ['half an hour', 30, '40.000000', '114.000000'],
  ])(
    '%s before the start refunds by the schedule, as the preview said',
    async (_, minutes, refund, earned) => {
      const booking = await confirmed({ start: market.inMinutes(minutes + 1) });
      const before = await market.wallet(buyer);
      const earnedBefore = await market.earnings(operator);
      const preview = await act(buyer, booking.id, 'cancel?preview=true');
      expect(preview.body.refund.amount).toBe(refund);
      expect(await get(buyer, booking.id)).toEqual(booking);
      const cancelled = await act(buyer, booking.id, 'cancel');
      expect(cancelled.body).toMatchObject({
        state: 'cancelled',
        stateReason: 'cancelled by buyer',
        refunded: preview.body.refund,
      });
      const after = await market.wallet(buyer);
      expect(Number(after.available)).toBe(Number(before.available) + Number(refund));
      expect(Number(await market.earnings(operator))).toBeCloseTo(Number(earnedBefore) + Number(earned), 6);
      expect((await get(operator, booking.id)).released.amount).toBe(earned);
    },
  );

  it('previews without a key, and refuses in the preview what it refuses in the deed', async () => {
    const booking = await active();
    const preview = await buyer.api.post(`/v1/bookings/${booking.id}/cancel?preview=true`, undefined, {
      key: null,
    });
    expectProblem(preview, 409, 'illegal-transition');
    const terminate = await buyer.api.post(`/v1/bookings/${booking.id}/terminate?preview=true`, undefined, {
      key: null,
    });
    expect(terminate.status).toBe(200);
  });
});

describe('delivering', () => {
  it('hands access over, and again while it runs', async () => {
    const booking = await confirmed({ sshPublicKeys: [SSH_KEY] });
    const delivered = await act(operator, booking.id, 'deliver', { endpoints: ENDPOINTS });
    expect(delivered.body).toMatchObject({ state: 'active', delivered: true, endpoints: ENDPOINTS });
    const moved = [{ host: '2001:db8::7', port: 2222, user: 'root' }];
    expect((await act(operator, booking.id, 'deliver', { endpoints: moved })).status).toBe(200);
    expect(await get(buyer, booking.id)).toMatchObject({ state: 'active', endpoints: moved });
  });

  it.each([
    ['no endpoint', [], '/endpoints'],
    ['a host that is none', [{ host: 'no host', port: 22, user: 'root' }], '/endpoints/0/host'],
    ['a port that is none', [{ host: 'a.example', port: 65_536, user: 'root' }], '/endpoints/0/port'],
    ['a user that is none', [{ host: 'a.example', port: 22, user: '$(id)' }], '/endpoints/0/user'],
  ])('refuses %s', async (_, endpoints, pointer) => {
    const booking = await confirmed();
    const answer = await act(operator, booking.id, 'deliver', { endpoints });
    expectProblem(answer, 422, 'validation');
    expect(pointers(answer)).toContain(pointer);
  });

  it('is for the operator alone', async () => {
    const booking = await confirmed();
    expectProblem(await act(buyer, booking.id, 'deliver', { endpoints: ENDPOINTS }), 403, 'forbidden');
    const rival = await market.register('operator', 'rival');
    expectProblem(await act(rival, booking.id, 'deliver', { endpoints: ENDPOINTS }), 404, 'not-found');
  });

  it('that does not come by the start and the grace fails by itself, with everything refunded', async () => {
    const before = await market.wallet(buyer);
    const booking = await confirmed({ start: market.inMinutes(60) });
    const graceEnds = new Date(Date.parse(booking.start) + 30 * 60_000).toISOString();
    expect(Date.parse(booking.deliverBy)).toBe(Date.parse(graceEnds));
    await market.passUntil(graceEnds);
    expect(await get(buyer, booking.id)).toMatchObject({
      state: 'failed',
      stateReason: 'not delivered in time',
      refunded: { amount: '160.000000' },
    });
    expect(await market.wallet(buyer)).toEqual(before);
  });

  it('is too late after the deadline, even before the job has come by', async () => {
    const booking = await confirmed({ start: market.inMinutes(1) });
    app.clock.advanceMinutes(32);
    expectProblem(await act(operator, booking.id, 'deliver', { endpoints: ENDPOINTS }), 409, 'expired');
    await market.settleDue();
    expect((await get(buyer, booking.id)).state).toBe('failed');
  });
});

describe('running to the end', () => {
  it('completes by itself and pays the operator, less the fee', async () => {
    const lone = await market.register('operator', 'lone');
    const booking = await confirmed({ listingId: await market.listing(lone) });
    await act(lone, booking.id, 'deliver', { endpoints: ENDPOINTS });
    expect((await get(lone, booking.id)).fee.amount).toBe('8.000000');
    await market.passUntil(booking.end);
    expect(await get(lone, booking.id)).toMatchObject({
      state: 'completed',
      fee: { amount: '8.000000' },
      released: { amount: '152.000000' },
      refunded: { amount: '0.000000' },
      allocations: [{ gpus: 8, gpuNumbers: [0, 1, 2, 3, 4, 5, 6, 7] }],
    });
    expect(await market.earnings(lone)).toBe('152.000000');
  });
});

describe('failing', () => {
  it('before delivery refunds everything and gives the GPUs back', async () => {
    const listingId = await market.listing(operator);
    const booking = await confirmed({ listingId });
    const failed = await act(operator, booking.id, 'fail', { reason: 'the rack burnt down' });
    expect(failed.body).toMatchObject({
      state: 'failed',
      stateReason: 'the rack burnt down',
      refunded: { amount: '160.000000' },
      fee: { amount: '0.000000' },
      released: { amount: '0.000000' },
    });
    expect(failed.body.allocations[0].gpuNumbers).toEqual([]);
    expect((await hold({ listingId })).status).toBe(201);
  });

  it('in the middle refunds what was not delivered, by the minute', async () => {
    const booking = await active({ start: market.inMinutes(10) });
    const ahead = Date.parse(booking.start) - app.clock.now().getTime();
    app.clock.advanceMinutes(ahead / 60_000 + 150.5);
    const failed = await act(operator, booking.id, 'fail', { reason: 'power cut' });
    expect(failed.body).toMatchObject({
      state: 'failed',
      refunded: { amount: '120.000000' },
      fee: { amount: '2.000000' },
      released: { amount: '38.000000' },
    });
  });

  it('needs a reason, and the operator', async () => {
    const booking = await confirmed();
    expectProblem(await act(operator, booking.id, 'fail', {}), 422, 'validation');
    expectProblem(await act(buyer, booking.id, 'fail', { reason: 'no' }), 403, 'forbidden');
  });
});

describe('terminating', () => {
  it('shortens a running booking, as the preview said, and the GPUs can be had again', async () => {
    const listingId = await market.listing(operator);
    const booking = await active({ listingId, start: market.inMinutes(10) });
    const ahead = Date.parse(booking.start) - app.clock.now().getTime();
    app.clock.advanceMinutes(ahead / 60_000 + 300.25);
    const preview = await act(buyer, booking.id, 'terminate?preview=true');
    expect(preview.body).toMatchObject({
      refund: { amount: '40.000000' },
      retained: { amount: '120.000000' },
    });
    const ended = await act(buyer, booking.id, 'terminate');
    expect(ended.body).toMatchObject({
      state: 'completed',
      stateReason: 'terminated by buyer',
      refunded: { amount: '40.000000' },
      allocations: [{ gpuNumbers: [0, 1, 2, 3, 4, 5, 6, 7] }],
    });
    expect(Date.parse(ended.body.end)).toBe(Date.parse(booking.start) + 301 * 60_000);
    expect((await get(operator, booking.id)).released.amount).toBe('114.000000');
    expect((await hold({ listingId, start: ended.body.end, hours: 1 })).status).toBe(201);
  });

  it('before the start refunds as a cancellation', async () => {
    const booking = await active({ start: market.inMinutes(2 * DAY) });
    const ended = await act(buyer, booking.id, 'terminate');
    expect(ended.body).toMatchObject({ state: 'completed', refunded: { amount: '120.000000' } });
    expect(ended.body.allocations[0].gpuNumbers).toEqual([]);
  });
});

describe('extending', () => {
  it('keeps the same GPUs for longer at the booked price, paid at once', async () => {
    const listingId = await market.listing(operator, { termDiscounts: [{ minHours: 15, percentOff: 50 }] });
    const booking = await active({ listingId });
    const before = await market.wallet(buyer);
    const extended = await act(buyer, booking.id, 'extend', { hours: 5 });
    expect(extended.status).toBe(200);
    expect(extended.body).toMatchObject({
      total: { amount: '240.000000' },
      allocations: booking.allocations,
    });
    expect(Date.parse(extended.body.end)).toBe(Date.parse(booking.end) + 5 * 3_600_000);
    expect(Number((await market.wallet(buyer)).available)).toBe(Number(before.available) - 80);
    await market.passUntil(booking.end);
    expect((await get(buyer, booking.id)).state).toBe('active');
    await market.passUntil(extended.body.end);
    expect(await get(operator, booking.id)).toMatchObject({
      state: 'completed',
      released: { amount: '228.000000' },
      fee: { amount: '12.000000' },
    });
  });

  it('leaves all as it was where the GPUs are taken', async () => {
    const listingId = await market.listing(operator);
    const booking = await confirmed({ listingId });
    await confirmed({ listingId, start: booking.end });
    const before = await market.wallet(buyer);
    expectProblem(await act(buyer, booking.id, 'extend', { hours: 1 }), 409, 'insufficient-capacity');
    expect(await get(buyer, booking.id)).toEqual(booking);
    expect(await market.wallet(buyer)).toEqual(before);
  });

  it('leaves all as it was where the money is short', async () => {
    const poor = await market.buyer('160.00', 'short');
    const listingId = await market.listing(operator);
    const held = await hold({ listingId }, poor);
    const booking = (await act(poor, held.body.id, 'confirm')).body;
    expectProblem(await act(poor, booking.id, 'extend', { hours: 1 }), 402, 'insufficient-funds');
    expect(await get(poor, booking.id)).toEqual(booking);
    expect((await hold({ listingId, start: booking.end, hours: 1 })).status).toBe(201);
  });

  it('keeps within the terms of the listing', async () => {
    const longest = await confirmed({ listingId: await market.listing(operator, { maxMinutes: 12 * 60 }) });
    expect(pointers(await act(buyer, longest.id, 'extend', { hours: 3 }))).toEqual(['/hours']);
    expect((await act(buyer, longest.id, 'extend', { hours: 2 })).status).toBe(200);
    const listingId = await market.listing(operator, { untilHours: 4 * 24 + 11 });
    const last = await confirmed({ listingId });
    expect(pointers(await act(buyer, last.id, 'extend', { hours: 2 }))).toEqual(['/hours']);
    expect(pointers(await act(buyer, last.id, 'extend', { hours: 0 }))).toEqual(['/hours']);
  });
});

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
    ['held', async () => (await hold()).body.id, ['terminate', 'extend', 'deliver', 'fail']],
    ['confirmed', async () => (await confirmed()).id, ['confirm', 'terminate']],
    ['active', async () => (await active()).id, ['confirm', 'cancel']],
    ['cancelled', async () => (await act(buyer, (await hold()).body.id, 'cancel')).body.id, ended],
    ['completed', async () => (await act(buyer, (await active()).id, 'terminate')).body.id, ended],
    [
      'failed',
      async () => (await act(operator, (await confirmed()).id, 'fail', { reason: 'test' })).body.id,
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
    const booking = await confirmed({ sshPublicKeys: [SSH_KEY] });
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
    const booking = await confirmed();
    const rival = await market.register('operator', 'rival');
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
    expectProblem(await app.api.get('/v1/bookings'), 401, 'unauthenticated');
  });
});

describe('the list', () => {
  it('pages through both sides’ bookings, newest first, and filters them', async () => {
    const own = await market.buyer('10000.00', 'lister');
    const listingId = await market.listing(operator, { nodes: 4 });
    const ids: string[] = [];
    for (let day = 1; day <= 5; day++) {
      const held = await hold({ listingId, start: market.inMinutes(day * DAY) }, own);
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
