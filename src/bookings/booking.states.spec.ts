import { describe, expect, it } from '@jest/globals';
import { AppError } from '../kernel/errors.js';
import {
  BOOKING_LIFECYCLE,
  BOOKING_STATES,
  type BookingAction,
  type BookingState,
  assertMayChange,
  nextBookingState,
} from './booking.states.js';

const ENDED: readonly BookingState[] = ['completed', 'expired', 'cancelled', 'failed'];
const ACTIONS = Object.keys(BOOKING_LIFECYCLE) as BookingAction[];

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as AppError).code;
  }
}

describe('the life of a booking', () => {
  it('goes from a hold to a completed booking', () => {
    expect(nextBookingState('confirm', 'held')).toBe('confirmed');
    expect(nextBookingState('deliver', 'confirmed')).toBe('active');
    expect(nextBookingState('complete', 'active')).toBe('completed');
  });

  it.each(ENDED)('ends for good once it is %s', (state) => {
    for (const action of ACTIONS)
      expect(codeOf(() => nextBookingState(action, state))).toBe('illegal-transition');
    for (const change of ['extend', 'redeliver'] as const) {
      expect(codeOf(() => assertMayChange(change, state))).toBe('illegal-transition');
    }
  });

  it('cannot be cancelled once it runs, nor terminated before', () => {
    expect(codeOf(() => nextBookingState('cancel', 'active'))).toBe('illegal-transition');
    expect(codeOf(() => nextBookingState('terminate', 'confirmed'))).toBe('illegal-transition');
  });

  it('is longer only when it is paid, and gets new endpoints only when it runs', () => {
    const may = (change: 'extend' | 'redeliver'): BookingState[] =>
      BOOKING_STATES.filter((state) => codeOf(() => assertMayChange(change, state)) === undefined);
    expect(may('extend')).toEqual(['confirmed', 'active']);
    expect(may('redeliver')).toEqual(['active']);
  });

  it('leads from every state that is not the end to an end', () => {
    const reached = new Set<BookingState>(['held']);
    for (let step = 0; step < BOOKING_STATES.length; step++) {
      for (const { from, to } of Object.values(BOOKING_LIFECYCLE)) {
        if (from.some((state) => reached.has(state))) reached.add(to);
      }
    }
    expect([...reached].sort()).toEqual([...BOOKING_STATES].sort());
  });
});
