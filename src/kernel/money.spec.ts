import { describe, expect, it } from '@jest/globals';
import { AppError } from './errors.js';
import {
  MAX_MICROS,
  assertSameCurrency,
  divideRounded,
  formatMicros,
  moneyView,
  parseMicros,
  splitExactly,
} from './money.js';

describe('money', () => {
  it('reads decimals of up to six places as micro-units', () => {
    expect(parseMicros('2.15', '/amount')).toBe(2_150_000n);
    expect(parseMicros('0.000001', '/amount')).toBe(1n);
    expect(parseMicros('-3', '/amount')).toBe(-3_000_000n);
    expect(parseMicros('1000000000000', '/amount')).toBe(MAX_MICROS);
  });

  it.each(['', ' 1', '1.', '.5', '1e3', '+1', '1,5', '0x10', '1.0000001', '12345678901234', 'NaN', '１'])(
    'refuses %j and names the field',
    (text) => {
      expect(() => parseMicros(text, '/amount')).toThrow(
        expect.objectContaining({
          kind: 'invalid',
          fields: [expect.objectContaining({ pointer: '/amount' })],
        }),
      );
    },
  );

  it('refuses what is not text, and what is too large', () => {
    expect(() => parseMicros(5 as unknown as string, '/amount')).toThrow(AppError);
    expect(() => parseMicros('1000000000000.000001', '/amount')).toThrow('is too large');
  });

  it('writes six decimals and keeps the sign of amounts below one', () => {
    expect(formatMicros(2_150_000n)).toBe('2.150000');
    expect(formatMicros(0n)).toBe('0.000000');
    expect(formatMicros(-1n)).toBe('-0.000001');
    expect(moneyView(-1_500_000n, 'EUR')).toEqual({ amount: '-1.500000', currency: 'EUR' });
  });

  it('rounds to the nearest, halves away from zero', () => {
    expect(divideRounded(5n, 2n)).toBe(3n);
    expect(divideRounded(-5n, 2n)).toBe(-3n);
    expect(divideRounded(7n, 3n)).toBe(2n);
    expect(divideRounded(8n, 3n)).toBe(3n);
    expect(divideRounded(0n, 3n)).toBe(0n);
    expect(() => divideRounded(1n, 0n)).toThrow(RangeError);
  });

  it('splits a total into parts that sum to it, the largest remainder first', () => {
    expect(splitExactly(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
    expect(splitExactly(10n, [0n, 7n, 3n])).toEqual([0n, 7n, 3n]);
    expect(splitExactly(1n, [1n, 2n])).toEqual([0n, 1n]);
    expect(splitExactly(0n, [1n])).toEqual([0n]);
    expect(() => splitExactly(1n, [0n])).toThrow(RangeError);
    expect(() => splitExactly(-1n, [1n])).toThrow(RangeError);
  });

  it('never adds two currencies', () => {
    expect(() => assertSameCurrency('USD', 'CNY')).toThrow('Cannot combine USD with CNY');
    expect(() => assertSameCurrency('USD', 'USD')).not.toThrow();
  });
});
