import { describe, expect, it } from '@jest/globals';
import { earliestStart, freeGpus } from './capacity.js';
import type { Busy, EngineListing, Seats } from './market.js';

const seats = (over: Partial<Seats> = {}): Seats => ({
  nodes: 2,
  gpusPerNode: 8,
  gpuIncrement: 8,
  busy: [],
  ...over,
});

const busy = (from: number, to: number, start: number, end: number): Busy => ({
  gpus: [{ from, to }],
  start,
  end,
});

const HOUR = { start: 600, end: 660 };

describe('free GPUs in a window', () => {
  it('are all of them while nothing is booked', () => {
    expect(freeGpus(seats(), HOUR)).toBe(16);
  });

  it('count whole nodes at the worst minute, since bookings can be seated again', () => {
    // Two bookings on different nodes that never meet: one node is always free, though not always the same.
    const bookings = [busy(0, 8, 600, 620), busy(8, 16, 620, 660)];
    expect(freeGpus(seats({ busy: bookings }), HOUR)).toBe(8);
  });

  it('are not touched by what ends as the window starts or starts as it ends', () => {
    const bookings = [busy(0, 8, 0, 600), busy(0, 8, 660, 700)];
    expect(freeGpus(seats({ busy: bookings }), HOUR)).toBe(16);
  });

  it('lie inside one node where parts of nodes are sold: two half-free nodes are no whole one', () => {
    const bookings = [busy(0, 4, 600, 660), busy(8, 12, 600, 660)];
    expect(freeGpus(seats({ gpuIncrement: 1, busy: bookings }), HOUR)).toBe(4);
  });

  it('add the roomiest part of a node to the whole ones', () => {
    const bookings = [busy(0, 3, 600, 660), busy(8, 14, 600, 660)];
    expect(freeGpus(seats({ nodes: 3, gpuIncrement: 1, busy: bookings }), HOUR)).toBe(13);
    expect(freeGpus(seats({ nodes: 3, gpuIncrement: 2, busy: bookings }), HOUR)).toBe(12);
  });
});

describe('the earliest start', () => {
  const listing = (over: Partial<EngineListing> = {}): EngineListing =>
    ({ ...seats(), availableFrom: null, availableUntil: null, ...over }) as EngineListing;
  const need = { gpus: 8, minutes: 60, notBefore: 600, deadline: 10_000, horizon: 20_000 };

  it('is at once when the GPUs are free', () => {
    expect(earliestStart(listing(), need)).toBe(600);
  });

  it('is where the booking in the way ends', () => {
    const full = listing({ busy: [busy(0, 16, 500, 725)] });
    expect(earliestStart(full, need)).toBe(725);
  });

  it('skips a gap that is too short and takes one that is just long enough', () => {
    const gaps = listing({ busy: [busy(0, 16, 500, 700), busy(0, 16, 759, 800), busy(0, 16, 860, 900)] });
    expect(earliestStart(gaps, need)).toBe(800);
  });

  it('keeps to the availability, the deadline and the horizon, each to the minute', () => {
    expect(earliestStart(listing({ availableFrom: 610, availableUntil: 670 }), need)).toBe(610);
    expect(earliestStart(listing({ availableFrom: 610, availableUntil: 669 }), need)).toBeNull();
    expect(earliestStart(listing(), { ...need, deadline: 660 })).toBe(600);
    expect(earliestStart(listing(), { ...need, deadline: 659 })).toBeNull();
    const full = listing({ busy: [busy(0, 16, 500, 725)] });
    expect(earliestStart(full, { ...need, horizon: 724 })).toBeNull();
  });
});
