import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_MICROS,
  divideRounded,
  formatMicros,
  parseMicros,
  splitExactly,
} from '../../src/kernel/money.js';
import { charge, convert, discountedRate, ratePerGpuHour, shareOf } from '../../src/kernel/rate.js';

const micros = fc.bigInt({ min: -MAX_MICROS, max: MAX_MICROS });
const amount = fc.bigInt({ min: 0n, max: MAX_MICROS });
const RUNS = { numRuns: 500 };

/** The obvious twin: walk from the floor to whichever neighbour is nearer; a tie goes away from zero. */
function naiveRound(numerator: bigint, denominator: bigint): bigint {
  let floor = numerator / denominator;
  if (floor * denominator > numerator) floor -= 1n;
  const below = numerator - floor * denominator;
  const above = (floor + 1n) * denominator - numerator;
  if (below < above) return floor;
  if (above < below) return floor + 1n;
  return numerator >= 0n ? floor + 1n : floor;
}

describe('money, against slow twins', () => {
  it('reads back every amount that it writes', () => {
    fc.assert(
      fc.property(micros, (value) => {
        expect(parseMicros(formatMicros(value), '/amount')).toBe(value);
      }),
      RUNS,
    );
  });

  it('reads a decimal as its digits say, however many decimals are written', () => {
    const decimal = fc.tuple(
      fc.boolean(),
      fc.nat({ max: 999_999_999 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
    );
    fc.assert(
      fc.property(decimal, ([negative, units, decimals]) => {
        const text = `${negative ? '-' : ''}${units}${decimals.length > 0 ? `.${decimals.join('')}` : ''}`;
        const digits = BigInt(`${units}${decimals.join('')}`) * 10n ** BigInt(6 - decimals.length);
        expect(parseMicros(text, '/amount')).toBe(negative ? -digits : digits);
      }),
      RUNS,
    );
  });

  it('takes no text that is not such a decimal, and never fails in another way', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.-+eE ') })),
        (text) => {
          let parsed: bigint;
          try {
            parsed = parseMicros(text, '/amount');
          } catch (error) {
            expect(error).toMatchObject({ kind: 'invalid', code: 'validation' });
            return;
          }
          expect(Number(text) * 1e6).toBeCloseTo(Number(parsed), -Math.max(0, text.length - 12));
        },
      ),
      RUNS,
    );
  });

  it('rounds as the twin does, symmetrically around zero, never off by more than a half', () => {
    const any = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    const small = fc.bigInt({ min: -1000n, max: 1000n });
    const divisor = fc.oneof(fc.bigInt({ min: 1n, max: 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }));
    fc.assert(
      fc.property(fc.oneof(any, small), divisor, (numerator, denominator) => {
        const rounded = divideRounded(numerator, denominator);
        expect(rounded).toBe(naiveRound(numerator, denominator));
        expect(divideRounded(-numerator, denominator)).toBe(-rounded);
        const error = 2n * (rounded * denominator - numerator);
        expect(error <= denominator && -error <= denominator).toBe(true);
      }),
      RUNS,
    );
  });

  it('splits into parts that sum to the whole, each within one unit of its exact share', () => {
    const weights = fc
      .array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 })
      .filter((list) => list.some((weight) => weight > 0n));
    fc.assert(
      fc.property(amount, weights, (total, list) => {
        const parts = splitExactly(total, list);
        const sum = list.reduce((a, b) => a + b, 0n);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(total);
        for (const [index, part] of parts.entries()) {
          const exact = total * list[index]!;
          expect(part >= exact / sum && part <= exact / sum + 1n).toBe(true);
          if (list[index] === 0n) expect(part).toBe(0n);
        }
      }),
      RUNS,
    );
  });

  it('gives no part more than one of a larger weight', () => {
    const weights = fc.array(fc.bigInt({ min: 1n, max: 1000n }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10_000n }), weights, (total, list) => {
        const parts = splitExactly(total, list);
        for (const [i, a] of list.entries()) {
          for (const [j, b] of list.entries()) if (a > b) expect(parts[i]! >= parts[j]!).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('rates, against slow twins', () => {
  const rate = fc.bigInt({ min: 1n, max: 10n ** 12n });
  const gpus = fc.integer({ min: 1, max: 100_000 });
  const minutes = fc.integer({ min: 1, max: 2 * 365 * 24 * 60 });

  it('charges what GPU-minutes cost, rounded once', () => {
    fc.assert(
      fc.property(rate, gpus, minutes, (price, count, length) => {
        expect(charge(price, count, length)).toBe(naiveRound(price * BigInt(count) * BigInt(length), 60n));
      }),
      RUNS,
    );
  });

  it('charges whole hours exactly, and never less for more', () => {
    fc.assert(
      fc.property(rate, gpus, minutes, (price, count, length) => {
        expect(charge(price, count, 60)).toBe(price * BigInt(count));
        expect(charge(price, count, length + 1) >= charge(price, count, length)).toBe(true);
        expect(charge(price, count + 1, length) >= charge(price, count, length)).toBe(true);
      }),
      RUNS,
    );
  });

  it('takes and leaves shares that sum to the whole', () => {
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 10_000 }), (total, bps) => {
        const share = shareOf(total, bps);
        expect(share).toBe(naiveRound(total * BigInt(bps), 10_000n));
        expect(share >= 0n && share <= total).toBe(true);
      }),
      RUNS,
    );
  });

  it('discounts by the deepest step earned, whatever the order of the steps', () => {
    const discount = fc.record({
      minHours: fc.integer({ min: 1, max: 2000 }),
      percentOff: fc.integer({ min: 0, max: 9999 }).map((bps) => bps / 100),
    });
    fc.assert(
      fc.property(rate, fc.array(discount, { maxLength: 6 }), minutes, (price, discounts, length) => {
        const earned = discounts.filter(({ minHours }) => length >= minHours * 60);
        const bps = Math.max(0, ...earned.map(({ percentOff }) => Math.round(percentOff * 100)));
        const expected = naiveRound(price * BigInt(10_000 - bps), 10_000n);
        expect(discountedRate(price, discounts, length)).toBe(expected);
        expect(discountedRate(price, [...discounts].reverse(), length)).toBe(expected);
      }),
      RUNS,
    );
  });

  it('converts and normalises by the one rounding rule', () => {
    const rateNanos = fc.bigInt({ min: 1n, max: 10n ** 13n });
    fc.assert(
      fc.property(amount, rateNanos, fc.integer({ min: 1, max: 128 }), (value, nanos, perNode) => {
        expect(convert(value, nanos)).toBe(naiveRound(value * nanos, 10n ** 9n));
        expect(convert(value, 10n ** 9n)).toBe(value);
        expect(ratePerGpuHour(value, perNode)).toBe(naiveRound(value, BigInt(perNode) * 730n));
      }),
      RUNS,
    );
  });
});
