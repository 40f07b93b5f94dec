import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BookingStory, DAY, act, expectProblem, get } from '../support/booking-story.js';

let story: BookingStory;

beforeAll(async () => {
  // A tenth of the usual limits: 10 unpaid holds at once, 120 calls a minute.
  story = await BookingStory.begin({ RATE_LIMIT_SCALE: '0.1' });
});

afterAll(() => story.end());

describe('unpaid holds', () => {
  it('are limited for each buyer, however many it asks for at once, and come back when they end', async () => {
    const { market, operator, buyer } = story;
    const listingId = await market.listing(operator, { nodes: 8 });
    const hold = () => story.hold({ listingId, gpus: 1 });
    const answers = await Promise.all(Array.from({ length: 20 }, hold));
    const held = answers.filter(({ status }) => status === 201);
    expect(held).toHaveLength(10);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expectProblem(answer, 409, 'too-many-holds');
      expect(answer.body.limit).toBe(10);
    }
    expect((await act(buyer, held[0]!.body.id, 'confirm')).status).toBe(200);
    expect((await act(buyer, held[1]!.body.id, 'cancel')).status).toBe(200);
    expect((await Promise.all([hold(), hold(), hold()])).map(({ status }) => status).sort()).toEqual([
      201, 201, 409,
    ]);
    const other = await market.buyer('100.00', 'other');
    expect((await story.hold({ listingId, gpus: 1 }, other)).status).toBe(201);
    story.app.clock.advanceMinutes(16);
    expect((await hold()).status).toBe(201);
  });
});

describe('what is due', () => {
  it('is settled even where one booking cannot be', async () => {
    const { market, operator } = story;
    story.app.clock.advanceMinutes(2);
    await market.settleDue();
    const listingId = await market.listing(operator);
    const start = market.inMinutes(DAY);
    const [stuck, fine] = [
      await story.active({ listingId, gpus: 4, start }),
      await story.active({ listingId, gpus: 4, start }),
    ];
    // It says that more was paid than escrow holds, so that its release is refused.
    const inflate = (by: string): Promise<unknown> =>
      market.dataSource.query(`update bookings set total_micros = total_micros ${by} 1000000 where id = $1`, [
        stuck.id,
      ]);
    await inflate('+');
    await market.passUntil(stuck.end);
    expect((await get(operator, stuck.id)).state).toBe('active');
    expect((await get(operator, fine.id)).state).toBe('completed');
    await inflate('-');
    await market.settleDue();
    expect((await get(operator, stuck.id)).state).toBe('completed');
  });
});
