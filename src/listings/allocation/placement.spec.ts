import { describe, expect, it } from '@jest/globals';
import { complement, formatGpus, numbersOf, parseGpus, spansOf, union } from './gpu-set.js';
import { place } from './placement.js';
import { largestOrder, planExtension, planSeats } from './reseating.js';

const taken = (...numbers: number[]) => spansOf(numbers);
const seat = (
  nodes: number,
  gpusPerNode: number,
  gpus: number,
  busy: number[] = [],
  random?: () => number,
) => {
  const spans = place({ nodes, gpusPerNode }, gpus, taken(...busy), random);
  return spans && numbersOf(spans);
};

describe('a set of GPU numbers', () => {
  it('reads and writes the text of a multirange', () => {
    expect(parseGpus('{[0,8),[16,17)}')).toEqual([
      { from: 0, to: 8 },
      { from: 16, to: 17 },
    ]);
    expect(formatGpus(parseGpus('{[0,8),[16,17)}'))).toBe('{[0,8),[16,17)}');
    expect(parseGpus('{}')).toEqual([]);
    expect(() => parseGpus('{(,5)}')).toThrow(RangeError);
  });

  it('joins neighbours and overlaps', () => {
    expect(
      union([
        { from: 4, to: 8 },
        { from: 0, to: 4 },
        { from: 6, to: 9 },
        { from: 3, to: 3 },
      ]),
    ).toEqual([{ from: 0, to: 9 }]);
  });

  it('names what is left', () => {
    expect(complement(8, taken(0, 3, 7))).toEqual([
      { from: 1, to: 3 },
      { from: 4, to: 7 },
    ]);
    expect(complement(8, [{ from: 0, to: 12 }])).toEqual([]);
  });
});

describe('placing an order', () => {
  it('puts it into the fullest node that has room, so that whole nodes stay free', () => {
    expect(seat(3, 4, 1, [4, 5, 8])).toEqual([6]);
    expect(seat(3, 4, 3, [4, 5, 8])).toEqual([9, 10, 11]);
  });

  it('never spreads what fits into one node', () => {
    expect(seat(2, 4, 3, [0, 1, 4, 5])).toBeUndefined();
  });

  it('takes whole nodes, and the rest in one further node', () => {
    expect(seat(4, 4, 9, [0])).toEqual([1, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(seat(3, 4, 9, [])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(seat(3, 4, 9, [0, 1, 2, 3])).toBeUndefined();
  });

  it('takes whole nodes only where they are wholly free', () => {
    expect(seat(3, 8, 8, [0, 17])).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect(seat(2, 8, 8, [0, 15])).toBeUndefined();
  });

  it('starts its search for whole nodes at a random one, going round', () => {
    expect(seat(4, 2, 6, [], () => 0.75)).toEqual([0, 1, 2, 3, 6, 7]);
  });

  it('takes no step per node of a large listing', () => {
    expect(place({ nodes: 100_000, gpusPerNode: 128 }, 128, [{ from: 1, to: 12_799_999 - 128 }])).toEqual([
      { from: 12_799_872, to: 12_800_000 },
    ]);
  });
});

const pool = (nodes: number, gpusPerNode: number, gpuIncrement: number) => ({
  nodes,
  gpusPerNode,
  gpuIncrement,
});
const seating = (bookingId: string, start: number, end: number, numbers: number[], pinned = false) => ({
  bookingId,
  period: { start, end },
  gpus: taken(...numbers),
  pinned,
});

describe('making room by moving bookings that have not started', () => {
  const crossed = [seating('a', 10, 20, [0]), seating('b', 20, 30, [1])];

  it('moves one when the count fits and the seats do not', () => {
    const plan = planSeats(pool(2, 1, 1), crossed, {
      bookingId: 'c',
      period: { start: 10, end: 30 },
      gpus: 1,
    });
    expect(new Set(plan?.keys())).toEqual(new Set(['b', 'c']));
    expect(
      planSeats(pool(1, 2, 1), crossed, { bookingId: 'c', period: { start: 10, end: 30 }, gpus: 1 }),
    ).toBeDefined();
  });

  it('leaves a pinned one where it is', () => {
    const pinned = crossed.map((each) => ({ ...each, pinned: true }));
    expect(
      planSeats(pool(2, 1, 1), pinned, { bookingId: 'c', period: { start: 10, end: 30 }, gpus: 1 }),
    ).toBeUndefined();
  });

  it('refuses when the count does not fit', () => {
    expect(
      planSeats(pool(2, 1, 1), crossed, { bookingId: 'c', period: { start: 10, end: 30 }, gpus: 2 }),
    ).toBeUndefined();
  });

  it('moves nobody when there are free seats', () => {
    const plan = planSeats(pool(3, 1, 1), crossed, {
      bookingId: 'c',
      period: { start: 10, end: 30 },
      gpus: 1,
    });
    expect([...plan!]).toEqual([['c', taken(2)]]);
  });

  it('keeps the GPUs of a booking that is extended and moves the next one away', () => {
    const plan = planExtension(
      pool(1, 2, 1),
      [seating('a', 0, 20, [0], true), seating('b', 20, 30, [0])],
      'a',
      25,
    );
    expect([...plan!]).toEqual([['b', taken(1)]]);
  });

  it('does not extend into a booking that has nowhere to go', () => {
    expect(
      planExtension(pool(1, 1, 1), [seating('a', 0, 20, [0], true), seating('b', 20, 30, [0])], 'a', 25),
    ).toBeUndefined();
  });

  it('counts the largest order that fits the whole period', () => {
    expect(largestOrder(pool(2, 1, 1), crossed, { start: 10, end: 30 })).toBe(1);
    expect(largestOrder(pool(2, 4, 1), [seating('a', 10, 20, [0, 1])], { start: 0, end: 30 })).toBe(6);
    expect(largestOrder(pool(2, 4, 4), [seating('a', 10, 20, [0, 1, 2, 3])], { start: 0, end: 30 })).toBe(4);
    expect(largestOrder(pool(2, 4, 4), [seating('a', 10, 20, [0, 1, 2, 3])], { start: 20, end: 30 })).toBe(8);
  });
});
