import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BookingMarket, type Party, SSH_KEY } from '../support/booking-market.js';
import { BookingStory, DAY, ENDPOINTS, act, expectProblem, get, pointers } from '../support/booking-story.js';

let story: BookingStory;
let market: BookingMarket;
let operator: Party;
let buyer: Party;

beforeAll(async () => {
  story = await BookingStory.begin();
  ({ market, operator, buyer } = story);
});

afterAll(() => story.end());

describe('cancelling', () => {
  it.each([
    ['four days', 4 * DAY, '160.000000', '0.000000'],
    ['two days', 2 * DAY, '120.000000', '38.000000'],
    ['two hours', 120, '80.000000', '76.000000'],
    ['half an hour', 30, '40.000000', '114.000000'],
  ])(
    '%s before the start refunds by the schedule, as the preview said',
    async (_, minutes, refund, earned) => {
      const booking = await story.confirmed({ start: market.inMinutes(minutes + 1) });
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
    const booking = await story.active();
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
    const booking = await story.confirmed({ sshPublicKeys: [SSH_KEY] });
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
    const booking = await story.confirmed();
    const answer = await act(operator, booking.id, 'deliver', { endpoints });
    expectProblem(answer, 422, 'validation');
    expect(pointers(answer)).toContain(pointer);
  });

  it('is for the operator alone', async () => {
    const booking = await story.confirmed();
    expectProblem(await act(buyer, booking.id, 'deliver', { endpoints: ENDPOINTS }), 403, 'forbidden');
    const rival = await market.register('operator', 'rival');
    expectProblem(await act(rival, booking.id, 'deliver', { endpoints: ENDPOINTS }), 404, 'not-found');
  });

  it('that does not come by the start and the grace fails by itself, with everything refunded', async () => {
    const before = await market.wallet(buyer);
    const booking = await story.confirmed({ start: market.inMinutes(60) });
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
    const booking = await story.confirmed({ start: market.inMinutes(1) });
    story.app.clock.advanceMinutes(32);
    expectProblem(await act(operator, booking.id, 'deliver', { endpoints: ENDPOINTS }), 409, 'expired');
    await market.settleDue();
    expect((await get(buyer, booking.id)).state).toBe('failed');
  });
});

describe('running to the end', () => {
  it('completes by itself and pays the operator, less the fee', async () => {
    const lone = await market.register('operator', 'lone');
    const booking = await story.confirmed({ listingId: await market.listing(lone) });
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
    const booking = await story.confirmed({ listingId });
    const failed = await act(operator, booking.id, 'fail', { reason: 'the rack burnt down' });
    expect(failed.body).toMatchObject({
      state: 'failed',
      stateReason: 'the rack burnt down',
      refunded: { amount: '160.000000' },
      fee: { amount: '0.000000' },
      released: { amount: '0.000000' },
    });
    expect(failed.body.allocations[0].gpuNumbers).toEqual([]);
    expect((await story.hold({ listingId })).status).toBe(201);
  });

  it('in the middle refunds what was not delivered, by the minute', async () => {
    const booking = await story.active({ start: market.inMinutes(10) });
    story.runFor(booking, 150.5);
    const failed = await act(operator, booking.id, 'fail', { reason: 'power cut' });
    expect(failed.body).toMatchObject({
      state: 'failed',
      refunded: { amount: '120.000000' },
      fee: { amount: '2.000000' },
      released: { amount: '38.000000' },
    });
  });

  it('needs a reason, and the operator', async () => {
    const booking = await story.confirmed();
    expectProblem(await act(operator, booking.id, 'fail', {}), 422, 'validation');
    expectProblem(await act(buyer, booking.id, 'fail', { reason: 'no' }), 403, 'forbidden');
  });
});

describe('terminating', () => {
  it('shortens a running booking, as the preview said, and the GPUs can be had again', async () => {
    const listingId = await market.listing(operator);
    const booking = await story.active({ listingId, start: market.inMinutes(10) });
    story.runFor(booking, 300.25);
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
    expect((await story.hold({ listingId, start: ended.body.end, hours: 1 })).status).toBe(201);
  });

  it('before the start refunds as a cancellation', async () => {
    const booking = await story.active({ start: market.inMinutes(2 * DAY) });
    const ended = await act(buyer, booking.id, 'terminate');
    expect(ended.body).toMatchObject({ state: 'completed', refunded: { amount: '120.000000' } });
    expect(ended.body.allocations[0].gpuNumbers).toEqual([]);
  });
});

describe('extending', () => {
  it('keeps the same GPUs for longer at the booked price, paid at once', async () => {
    const listingId = await market.listing(operator, { termDiscounts: [{ minHours: 15, percentOff: 50 }] });
    const booking = await story.active({ listingId });
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
    const booking = await story.confirmed({ listingId });
    await story.confirmed({ listingId, start: booking.end });
    const before = await market.wallet(buyer);
    expectProblem(await act(buyer, booking.id, 'extend', { hours: 1 }), 409, 'insufficient-capacity');
    expect(await get(buyer, booking.id)).toEqual(booking);
    expect(await market.wallet(buyer)).toEqual(before);
  });

  it('leaves all as it was where the money is short', async () => {
    const poor = await market.buyer('160.00', 'short');
    const listingId = await market.listing(operator);
    const held = await story.hold({ listingId }, poor);
    const booking = (await act(poor, held.body.id, 'confirm')).body;
    expectProblem(await act(poor, booking.id, 'extend', { hours: 1 }), 402, 'insufficient-funds');
    expect(await get(poor, booking.id)).toEqual(booking);
    expect((await story.hold({ listingId, start: booking.end, hours: 1 })).status).toBe(201);
  });

  it('keeps within the terms of the listing', async () => {
    const longest = await story.confirmed({
      listingId: await market.listing(operator, { maxMinutes: 12 * 60 }),
    });
    expect(pointers(await act(buyer, longest.id, 'extend', { hours: 3 }))).toEqual(['/hours']);
    expect((await act(buyer, longest.id, 'extend', { hours: 2 })).status).toBe(200);
    const listingId = await market.listing(operator, { untilHours: 4 * 24 + 11 });
    const last = await story.confirmed({ listingId });
    expect(pointers(await act(buyer, last.id, 'extend', { hours: 2 }))).toEqual(['/hours']);
    expect(pointers(await act(buyer, last.id, 'extend', { hours: 0 }))).toEqual(['/hours']);
  });
});
