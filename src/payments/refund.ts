import { divideRounded } from '../kernel/money.js';
import { MINUTES_PER_HOUR, type Minute, dateOf, minuteOf } from '../kernel/period.js';
import { shareOf } from '../kernel/rate.js';
import type { Policy } from './policy.js';

/** One per cent in basis points. */
const BPS_PER_PERCENT = 100;

/** How a booking's total is divided when it ends early; the two parts sum to the total. Micro-units. */
export interface Settlement {
  refundMicros: bigint;
  /** What the operator has earned, the platform's fee included. */
  operatorMicros: bigint;
}

/**
 * What cancelling before delivery refunds: the share of the first step of the schedule whose notice is kept, and
 * nothing once the start has passed.
 */
export function refundOnCancel(input: {
  totalMicros: bigint;
  startMinute: Minute;
  now: Date;
  policy: Pick<Policy, 'refundSchedule'>;
}): bigint {
  const { totalMicros, startMinute, now, policy } = input;
  const longestFirst = [...policy.refundSchedule].sort((a, b) => b.noticeHours - a.noticeHours);
  const step = longestFirst.find(
    ({ noticeHours }) => now.getTime() <= dateOf(startMinute - noticeHours * MINUTES_PER_HOUR).getTime(),
  );
  return step ? shareOf(totalMicros, step.percent * BPS_PER_PERCENT) : 0n;
}

/** The price of the whole minutes that have passed; the running minute has not. */
function deliveredMicros(totalMicros: bigint, startMinute: Minute, endMinute: Minute, now: Date): bigint {
  const length = endMinute - startMinute;
  if (length <= 0) throw new RangeError('a booking has at least one minute');
  const elapsed = Math.min(Math.max(minuteOf(now) - startMinute, 0), length);
  return divideRounded(totalMicros * BigInt(elapsed), BigInt(length));
}

/**
 * The buyer ends an active booking: the operator keeps what was delivered and, of the rest, what the policy does not
 * refund.
 */
export function settlementOnTermination(input: {
  totalMicros: bigint;
  startMinute: Minute;
  endMinute: Minute;
  now: Date;
  policy: Pick<Policy, 'terminationPercent'>;
}): Settlement {
  const { totalMicros, startMinute, endMinute, now, policy } = input;
  const undelivered = totalMicros - deliveredMicros(totalMicros, startMinute, endMinute, now);
  const refundMicros = shareOf(undelivered, policy.terminationPercent * BPS_PER_PERCENT);
  return { refundMicros, operatorMicros: totalMicros - refundMicros };
}
