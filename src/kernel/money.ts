import { AppError, invalid } from './errors.js';

/** An amount of money: integer micro-units (1e-6 of the major unit) of one ISO 4217 currency. */
export interface Money {
  micros: bigint;
  currency: string;
}

/** Money on the wire: a decimal string, never a float. */
export interface MoneyView {
  amount: string;
  currency: string;
}

const MICROS_PER_UNIT = 1_000_000n;

/** The largest amount the API takes: one trillion major units, far inside a PostgreSQL bigint of micro-units. */
export const MAX_MICROS = 1_000_000_000_000n * MICROS_PER_UNIT;

const DECIMAL = /^-?\d{1,13}(\.\d{1,6})?$/;

/**
 * Micro-units of a decimal string with at most six decimals.
 * @throws AppError 422 at `pointer` when the text is not such a decimal or is out of range.
 */
export function parseMicros(text: string, pointer: string): bigint {
  if (typeof text !== 'string' || !DECIMAL.test(text)) {
    throw invalid(pointer, 'must be a decimal string with at most 6 decimals, such as "2.15"');
  }
  const negative = text.startsWith('-');
  const [units = '0', decimals = ''] = text.replace('-', '').split('.');
  const micros = BigInt(units) * MICROS_PER_UNIT + BigInt(decimals.padEnd(6, '0'));
  if (micros > MAX_MICROS) throw invalid(pointer, 'is too large');
  return negative ? -micros : micros;
}

/** The decimal string of an amount, always with six decimals: `2150000n` is `"2.150000"`. */
export function formatMicros(micros: bigint): string {
  const magnitude = micros < 0n ? -micros : micros;
  const units = magnitude / MICROS_PER_UNIT;
  const decimals = (magnitude % MICROS_PER_UNIT).toString().padStart(6, '0');
  return `${micros < 0n ? '-' : ''}${units}.${decimals}`;
}

export function moneyView(micros: bigint, currency: string): MoneyView {
  return { amount: formatMicros(micros), currency };
}

/**
 * The one rounding rule of the market: the integer nearest to `numerator / denominator`, halves away from zero.
 * Every division of money goes through here.
 * @throws RangeError when the denominator is not positive (a bug, never an input).
 */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError('divideRounded needs a positive denominator');
  const magnitude = numerator < 0n ? -numerator : numerator;
  const quotient = (2n * magnitude + denominator) / (2n * denominator);
  return numerator < 0n ? -quotient : quotient;
}

/**
 * Splits `total` in proportion to `weights` so that the parts sum to it exactly (largest remainder; ties to the
 * earlier part).
 * @param weights non-negative, at least one positive.
 */
export function splitExactly(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum <= 0n || total < 0n) throw new RangeError('splitExactly needs a total >= 0 and positive weights');
  const parts = weights.map((weight) => (total * weight) / sum);
  let left = total - parts.reduce((a, b) => a + b, 0n);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder < b.remainder ? 1 : -1));
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = parts[index]! + 1n;
    left -= 1n;
  }
  return parts;
}

/** @throws AppError when two amounts of different currencies meet: a bug or an input that slipped through. */
export function assertSameCurrency(a: string, b: string): void {
  if (a !== b) throw new AppError('invalid', 'currency-mismatch', `Cannot combine ${a} with ${b}.`);
}
