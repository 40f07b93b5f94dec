import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BookingMarket, type Party, SSH_KEY } from '../support/booking-market.js';
import { BookingStory, DAY, act, expectProblem, get, pointers } from '../support/booking-story.js';

let story: BookingStory;
let market: BookingMarket;
let operator: Party;
let buyer: Party;

beforeAll(async () => {
  story = await BookingStory.begin();
  ({ market, operator, buyer } = story);
});

afterAll(() => story.end());

describe('holding', () => {
  it('takes numbered GPUs for some minutes, at the price of now', async () => {
    const { status, body, headers } = await story.hold({ sshPublicKeys: [SSH_KEY] });
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

  it('reads ids in either case', async () => {
    const listingId = await market.listing(operator);
    const { status, body } = await story.hold({ listingId: listingId.toUpperCase() });
    expect(status).toBe(201);
    expect(body.allocations[0].listingId).toBe(listingId);
  });

  it('locks the price, whatever the operator asks later', async () => {
    const listingId = await market.listing(operator);
    const held = await story.hold({ listingId });
    await market.dataSource.query(`update listings set rate_micros = 9000000 where id = $1`, [listingId]);
    const paid = await act(buyer, held.body.id, 'confirm');
    expect(paid.body.total.amount).toBe('160.000000');
  });

  it('gives the term discount that the length earns', async () => {
    const listingId = await market.listing(operator, { termDiscounts: [{ minHours: 10, percentOff: 12.5 }] });
    expect((await story.hold({ listingId, hours: 10 })).body.pricePerGpuHour.amount).toBe('1.750000');
    const later = { listingId, hours: 9.5, start: market.inMinutes(20 * DAY) };
    expect((await story.hold(later)).body.pricePerGpuHour.amount).toBe('2.000000');
  });

  it('says how many GPUs are free when there are too few', async () => {
    const listingId = await market.listing(operator, { nodes: 1 });
    expect((await story.hold({ listingId, gpus: 5 })).status).toBe(201);
    const refused = await story.hold({ listingId, gpus: 4 });
    expectProblem(refused, 409, 'insufficient-capacity');
    expect(refused.body).toMatchObject({ listingId, gpus: 4, freeGpus: 3 });
    expect((await story.hold({ listingId, gpus: 3 })).status).toBe(201);
  });

  it('takes either a match or a listing', async () => {
    const both = await story.hold({ matchId: '01890000-0000-7000-8000-000000000000' });
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
    const answer = await story.hold({ listingId, ...body });
    expectProblem(answer, 422, 'validation');
    expect(pointers(answer)).toContain(pointer);
  });

  it('keeps within the window of the listing', async () => {
    const listingId = await market.listing(operator, { fromHours: 24, untilHours: 48 });
    const early = await story.hold({ listingId, start: market.inMinutes(23 * 60) });
    expect(pointers(early)).toEqual(['/start']);
    const late = await story.hold({ listingId, start: market.inMinutes(40 * 60) });
    expect(pointers(late)).toEqual(['/hours']);
    expect((await story.hold({ listingId, start: market.inMinutes(38 * 60) })).status).toBe(201);
  });

  it('starts now, if you like', async () => {
    expect((await story.hold({ start: market.inMinutes(0) })).status).toBe(201);
    expect((await story.hold({ start: market.inMinutes(-1) })).status).toBe(201);
    expect((await story.hold({ start: market.inMinutes(-3) })).status).toBe(422);
  });

  it('is refused on a listing of its own, an unknown one, and one that does not sell', async () => {
    const listingId = await market.listing(operator);
    expectProblem(await story.hold({ listingId }, operator), 403, 'own-listing');
    expectProblem(await story.hold({ listingId: buyer.organizationId }), 404, 'not-found');
    await market.dataSource.query(`update listings set state = 'paused' where id = $1`, [listingId]);
    expectProblem(await story.hold({ listingId }), 409, 'listing-not-available');
    await market.dataSource.query(`update listings set state = 'active' where id = $1`, [listingId]);
    const suspend = (state: string): Promise<unknown> =>
      market.dataSource.query(`update organizations set state = $2 where id = $1`, [
        operator.organizationId,
        state,
      ]);
    await suspend('suspended');
    const refused = await story.hold({ listingId });
    await suspend('active');
    expectProblem(refused, 409, 'listing-not-available');
  });

  it('refuses what would cost nothing at all', async () => {
    const listingId = await market.listing(operator, { rateMicros: 1n });
    const answer = await story.hold({ listingId, gpus: 1, hours: 0.1 });
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
    const held = await story.hold({ listingId });
    expectProblem(await story.hold({ listingId }), 409, 'insufficient-capacity');
    await market.passUntil(held.body.expiresAt);
    expect(await get(buyer, held.body.id)).toMatchObject({
      state: 'expired',
      stateReason: 'not paid in time',
      allocations: [{ gpus: 8, gpuNumbers: [] }],
    });
    expect((await story.hold({ listingId })).status).toBe(201);
  });

  it('makes room at once, even before the job has come by', async () => {
    const listingId = await market.listing(operator);
    const held = await story.hold({ listingId });
    story.app.clock.advanceMinutes(16);
    expectProblem(await act(buyer, held.body.id, 'confirm'), 409, 'expired');
    expect((await story.hold({ listingId })).status).toBe(201);
    expect((await get(buyer, held.body.id)).state).toBe('expired');
    expectProblem(await act(buyer, held.body.id, 'confirm'), 409, 'illegal-transition');
  });

  it('costs nothing to let go', async () => {
    const before = await market.wallet(buyer);
    const held = await story.hold();
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
    const booking = await story.confirmed();
    expect(booking).toMatchObject({ state: 'confirmed', endpoints: [] });
    const after = await market.wallet(buyer);
    expect(Number(after.available)).toBe(Number(before.available) - 160);
    expect(Number(after.inEscrow)).toBe(Number(before.inEscrow) + 160);
  });

  it('without enough money leaves the hold as it is', async () => {
    const poor = await market.buyer('159.999999', 'poor');
    const held = await story.hold({}, poor);
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
