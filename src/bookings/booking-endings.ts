import { expired } from '../kernel/errors.js';
import { type Minute, minuteAfter } from '../kernel/period.js';
import type { Policy } from '../payments/policy.js';
import { refundOnCancel, settlementOnTermination } from '../payments/refund.js';
import type { Booking } from './booking.entity.js';
import { type BookingAction, nextBookingState } from './booking.states.js';

/** How a buyer ends a booking before its time. */
export type BuyerEnding = Extract<BookingAction, 'cancel' | 'terminate'>;

/** What an ending does, decided before anything is written: the preview is this, and so is the deed. */
export interface Ending {
  refundMicros: bigint;
  /** What the operator keeps, the fee included. */
  retainedMicros: bigint;
  /** The new end of the window, when GPUs were used until then; null gives all of them back. */
  shortenTo: Minute | null;
}

/** A hold has been paid nothing, so it costs nothing. */
function cancellation(booking: Booking, policy: Policy, now: Date): Ending {
  if (booking.state === 'held') return { refundMicros: 0n, retainedMicros: 0n, shortenTo: null };
  const { totalMicros, start: startMinute } = booking;
  const refundMicros = refundOnCancel({ totalMicros, startMinute, now, policy });
  return { refundMicros, retainedMicros: totalMicros - refundMicros, shortenTo: null };
}

function termination(booking: Booking, policy: Policy, now: Date): Ending {
  const { totalMicros, start: startMinute, end: endMinute } = booking;
  const shortenTo = minuteAfter(now);
  if (shortenTo <= startMinute) return cancellation(booking, policy, now);
  if (shortenTo > endMinute) throw expired('booking');
  const settlement = settlementOnTermination({ totalMicros, startMinute, endMinute, now, policy });
  return { refundMicros: settlement.refundMicros, retainedMicros: settlement.operatorMicros, shortenTo };
}

/**
 * What `action` does to a booking at `now`, under the policy it was made under.
 * @throws AppError 409 `illegal-transition`; 409 `expired` when its window is over.
 */
export function endingOf(action: BuyerEnding, booking: Booking, policy: Policy, now: Date): Ending {
  nextBookingState(action, booking.state);
  return action === 'cancel' ? cancellation(booking, policy, now) : termination(booking, policy, now);
}
