import { invalid } from '../kernel/errors.js';
import { MAX_MICROS, divideRounded } from '../kernel/money.js';
import { type Minute, type Period, dateOf, lengthMinutes, minuteOf } from '../kernel/period.js';
import { charge, shareOf } from '../kernel/rate.js';

/** GPUs of one listing at one price per GPU-hour. */
export interface PricedLine {
  gpus: number;
  rateMicros: bigint;
}

/** What of a booking's money has gone where, in micro-units. */
export interface Settled {
  totalMicros: bigint;
  refundedMicros: bigint;
  releasedMicros: bigint;
  feeMicros: bigint;
}

/** The price of all lines for `minutes`: each line is rounded by itself, so that the parts sum to the whole. */
export const chargeLines = (lines: readonly PricedLine[], minutes: number): bigint =>
  lines.reduce((sum, line) => sum + charge(line.rateMicros, line.gpus, minutes), 0n);

/** The price per GPU-hour of several lines together: their mean by GPUs. */
export function meanRate(lines: readonly PricedLine[]): bigint {
  const gpus = lines.reduce((sum, line) => sum + BigInt(line.gpus), 0n);
  const weighted = lines.reduce((sum, line) => sum + line.rateMicros * BigInt(line.gpus), 0n);
  return divideRounded(weighted, gpus);
}

/** @throws AppError 422 at `pointer` for a total that rounds to nothing or that no ledger can hold. */
export function assertChargeable(totalMicros: bigint, pointer: string): void {
  if (totalMicros <= 0n) throw invalid(pointer, 'makes a total below the smallest amount, 0.000001');
  if (totalMicros > MAX_MICROS) throw invalid(pointer, 'makes a total beyond the largest amount');
}

/** Whole minutes of `period` that have passed at `now`; the running minute has not. */
const passedMinutes = (period: Period, now: Date): number =>
  lengthMinutes({ start: period.start, end: Math.min(period.end, minuteOf(now)) });

/**
 * What the operator has earned when it fails at `now`: the whole minutes that have passed at the booked price, never
 * more than the total, and nothing where access was never handed over. The rest is the buyer's.
 */
export function earnedOnFailure(input: {
  lines: readonly PricedLine[];
  period: Period;
  totalMicros: bigint;
  delivered: boolean;
  now: Date;
}): bigint {
  const { lines, period, totalMicros, delivered, now } = input;
  if (!delivered) return 0n;
  const minutes = passedMinutes(period, now);
  if (minutes >= lengthMinutes(period)) return totalMicros;
  const earned = chargeLines(lines, minutes);
  return earned < totalMicros ? earned : totalMicros;
}

/** What escrow still holds of a paid booking. */
export const remaining = (money: Settled): bigint =>
  money.totalMicros - money.refundedMicros - money.releasedMicros - money.feeMicros;

/** The platform's fee on `micros` released to the operator. */
export const feeOn = (micros: bigint, feeBps: number): bigint => shareOf(micros, feeBps);

/**
 * Until when the operator may hand over: the grace counts from the start, or from the payment where that came later,
 * and ends with the window at the latest.
 */
export function deliveryDeadline(start: Minute, end: Minute, confirmedAt: Date, graceSeconds: number): Date {
  const from = Math.max(dateOf(start).getTime(), confirmedAt.getTime());
  return new Date(Math.min(from + graceSeconds * 1000, dateOf(end).getTime()));
}
