import { describe, expect, it } from '@jest/globals';
import { dateOf } from '../kernel/period.js';
import { DEFAULT_POLICY, type Policy } from '../payments/policy.js';
import { endingOf } from './booking-endings.js';
import { Booking } from './booking.entity.js';

const START = 30_000_000;
const POLICY: Policy = { ...DEFAULT_POLICY, version: 1, holdSeconds: 900, deliveryGraceSeconds: 1800 };

const booking = (state: Booking['state']): Booking =>
  Object.assign(new Booking(), { state, start: START, end: START + 600, totalMicros: 1_000_000n });

describe('what ending a booking does', () => {
  it('costs nothing while it is held, and gives the GPUs back', () => {
    const ending = endingOf('cancel', booking('held'), POLICY, dateOf(START - 1));
    expect(ending).toEqual({ refundMicros: 0n, retainedMicros: 0n, shortenTo: null });
  });

  it.each([
    [80 * 60, 1_000_000n],
    [30 * 60, 750_000n],
    [2 * 60, 500_000n],
    [10, 250_000n],
  ])('refunds by the notice: %i minutes before the start %i micros', (notice, refundMicros) => {
    const ending = endingOf('cancel', booking('confirmed'), POLICY, dateOf(START - notice));
    expect(ending.refundMicros).toBe(refundMicros);
    expect(ending.refundMicros + ending.retainedMicros).toBe(1_000_000n);
    expect(ending.shortenTo).toBeNull();
  });

  it('shortens a running booking to the minute that has begun, and refunds half of the rest', () => {
    const now = new Date(dateOf(START + 300).getTime() + 1_000);
    const ending = endingOf('terminate', booking('active'), POLICY, now);
    expect(ending).toEqual({ refundMicros: 250_000n, retainedMicros: 750_000n, shortenTo: START + 301 });
  });

  it('treats a termination before the start as a cancellation', () => {
    const now = dateOf(START - 30 * 60);
    const cancelled = endingOf('cancel', booking('confirmed'), POLICY, now);
    expect(endingOf('terminate', booking('active'), POLICY, now)).toEqual(cancelled);
  });

  it('has nothing left to end once the window is over', () => {
    const over = new Date(dateOf(START + 600).getTime() + 1);
    expect(() => endingOf('terminate', booking('active'), POLICY, over)).toThrow('expired');
  });

  it('is refused from the wrong state', () => {
    expect(() => endingOf('cancel', booking('active'), POLICY, dateOf(START))).toThrow('cannot cancel');
    expect(() => endingOf('terminate', booking('held'), POLICY, dateOf(START))).toThrow('cannot terminate');
  });
});
