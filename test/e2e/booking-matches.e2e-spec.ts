import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/api.js';
import type { BookingMarket, Party } from '../support/booking-market.js';
import { BookingStory, DAY, act, expectProblem, get } from '../support/booking-story.js';

let story: BookingStory;
let market: BookingMarket;
let operator: Party;
let buyer: Party;

beforeAll(async () => {
  story = await BookingStory.begin();
  ({ market, operator, buyer } = story);
});

afterAll(() => story.end());

/** The best match for so many GPUs, at any price; listings of earlier tests are out of the way. */
async function match(gpus: number, split = 'single_site'): Promise<Answer['body']> {
  const { status, body } = await buyer.api.post('/v1/requests', {
    workload: 'inference',
    gpus,
    hours: 10,
    earliestStart: market.inMinutes(4 * DAY),
    deadline: market.inMinutes(8 * DAY),
    split,
    mode: 'instant',
  });
  expect(status).toBe(201);
  expect(body.matches).not.toEqual([]);
  return { ...body.matches[0], requestId: body.id };
}

const bookMatch = (matchId: string, by: Party = buyer): Promise<Answer> =>
  by.api.post('/v1/bookings', { matchId });

const withdrawAll = (): Promise<unknown> =>
  market.dataSource.query(`update listings set state = 'withdrawn' where state = 'active'`);

describe('booking a match', () => {
  it('takes it at its price, even where the ask has risen since', async () => {
    const listingId = await market.listing(operator);
    const offered = await match(8);
    await market.dataSource.query(`update listings set rate_micros = 9000000 where id = $1`, [listingId]);
    const { status, body } = await bookMatch(offered.id);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      matchId: offered.id,
      requestId: offered.requestId,
      start: offered.start,
      end: offered.end,
      total: offered.total,
      pricePerGpuHour: { amount: '2.000000' },
    });
    await withdrawAll();
  });

  it('is for whoever asked', async () => {
    await market.listing(operator);
    const offered = await match(8);
    const stranger = await market.buyer('1000.00', 'stranger');
    expectProblem(await bookMatch(offered.id, stranger), 404, 'not-found');
    await withdrawAll();
  });

  it('is possible until it expires', async () => {
    await market.listing(operator);
    const offered = await match(8);
    story.app.clock.advanceMinutes(16);
    expectProblem(await bookMatch(offered.id), 409, 'expired');
    await withdrawAll();
  });

  it('is a conflict once someone else has the GPUs, or the listing does not sell', async () => {
    const listingId = await market.listing(operator);
    const offered = await match(8);
    const first = await bookMatch(offered.id);
    expect(first.status).toBe(201);
    expectProblem(await bookMatch(offered.id), 409, 'insufficient-capacity');
    await act(buyer, first.body.id, 'cancel');
    await market.dataSource.query(`update listings set max_gpus = 4 where id = $1`, [listingId]);
    expectProblem(await bookMatch(offered.id), 409, 'listing-not-available');
    await withdrawAll();
    expectProblem(await bookMatch(offered.id), 409, 'listing-not-available');
  });

  it('over several listings takes all of them or none, and each keeps its price', async () => {
    const listings = [
      await market.listing(operator, { rateMicros: 2_000_000n }),
      await market.listing(operator, { rateMicros: 3_000_000n }),
    ];
    const offered = await match(12, 'multi_site');
    expect(offered.allocations).toHaveLength(2);
    const { status, body } = await bookMatch(offered.id);
    expect(status).toBe(201);
    expect(body.total).toEqual(offered.total);
    expect(body.total.amount).toBe('280.000000');
    expect(body.pricePerGpuHour.amount).toBe('2.333333');
    expect(body.allocations.map((part: { listingId: string }) => part.listingId)).toEqual(listings.sort());
    await act(buyer, body.id, 'cancel');
    const again = await match(12, 'multi_site');
    const other = await story.hold({ listingId: listings[1], gpus: 6 });
    expect(other.status).toBe(201);
    expectProblem(await bookMatch(again.id), 409, 'insufficient-capacity');
    const both = await Promise.all(
      listings.map((listingId) =>
        story.hold({ listingId, gpus: listingId === other.body.allocations[0].listingId ? 2 : 8 }),
      ),
    );
    expect(both.map(({ status: each }) => each)).toEqual([201, 201]);
    await withdrawAll();
  });

  it('fulfils the request when it is paid', async () => {
    await market.listing(operator);
    const offered = await match(8);
    const held = await bookMatch(offered.id);
    const request = async (): Promise<string> =>
      (await buyer.api.get(`/v1/requests/${offered.requestId}`)).body.state;
    expect(await request()).toBe('matched');
    await act(buyer, held.body.id, 'confirm');
    expect(await request()).toBe('fulfilled');
    expect((await get(buyer, held.body.id)).state).toBe('confirmed');
    await withdrawAll();
  });
});
