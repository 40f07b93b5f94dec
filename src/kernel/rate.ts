import { divideRounded } from './money.js';
import { MINUTES_PER_HOUR } from './period.js';

/** A price: micro-units of a currency per GPU-hour. */
export type RateMicros = bigint;

/** Hours in the market's month, the convention of server rents (8,760 hours a year / 12). */
export const HOURS_PER_MONTH = 730n;

/** 100 % in basis points. */
export const BPS = 10_000n;

/** A discount for long terms: from `minHours` on, `percentOff` per cent (at most two decimals) off the price. */
export interface TermDiscount {
  minHours: number;
  percentOff: number;
}

/** The price of `gpus` GPUs for `minutes` at `rate`: the only place where a rate becomes an amount. */
export function charge(rate: RateMicros, gpus: number, minutes: number): bigint {
  return divideRounded(rate * BigInt(gpus) * BigInt(minutes), BigInt(MINUTES_PER_HOUR));
}

/** The GPU-hour rate of a server rented by the month (730 h), `gpusPerNode` GPUs a server. */
export function ratePerGpuHour(serverMonthMicros: bigint, gpusPerNode: number): RateMicros {
  return divideRounded(serverMonthMicros, BigInt(gpusPerNode) * HOURS_PER_MONTH);
}

/** `rate` less the deepest term discount that `minutes` qualifies for. */
export function discountedRate(
  rate: RateMicros,
  discounts: readonly TermDiscount[],
  minutes: number,
): RateMicros {
  let bps = 0n;
  for (const discount of discounts) {
    const offBps = BigInt(Math.round(discount.percentOff * 100));
    if (minutes >= discount.minHours * MINUTES_PER_HOUR && offBps > bps) bps = offBps;
  }
  return divideRounded(rate * (BPS - bps), BPS);
}

/** `bps` basis points of an amount: fees and refund shares. */
export function shareOf(micros: bigint, bps: number): bigint {
  return divideRounded(micros * BigInt(bps), BPS);
}

/** Exchange rates are kept as integers: units of the settlement currency per unit of the other, times 1e9. */
export const FX_SCALE = 1_000_000_000n;

/** An amount in the settlement currency, by a scaled rate of the FX table. */
export function convert(micros: bigint, rateNanos: bigint): bigint {
  return divideRounded(micros * rateNanos, FX_SCALE);
}
