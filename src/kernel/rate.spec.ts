import { describe, expect, it } from '@jest/globals';
import { charge, convert, discountedRate, ratePerGpuHour, shareOf } from './rate.js';

describe('rates', () => {
  it('charges by GPU and minute, rounded once at the end', () => {
    expect(charge(2_150_000n, 8, 72 * 60)).toBe(1_238_400_000n);
    expect(charge(1n, 1, 29)).toBe(0n);
    expect(charge(1n, 1, 30)).toBe(1n);
    expect(charge(10_000_000n, 1, 1)).toBe(166_667n);
  });

  it('turns a server-month of 730 hours into a price per GPU-hour', () => {
    expect(ratePerGpuHour(75_000_000_000n, 8)).toBe(12_842_466n);
    expect(ratePerGpuHour(730_000_000n, 1)).toBe(1_000_000n);
  });

  it('takes the deepest discount that the term earns', () => {
    const discounts = [
      { minHours: 24, percentOff: 5 },
      { minHours: 168, percentOff: 12.5 },
      { minHours: 720, percentOff: 10 },
    ];
    expect(discountedRate(2_000_000n, discounts, 24 * 60 - 1)).toBe(2_000_000n);
    expect(discountedRate(2_000_000n, discounts, 24 * 60)).toBe(1_900_000n);
    expect(discountedRate(2_000_000n, discounts, 168 * 60)).toBe(1_750_000n);
    expect(discountedRate(2_000_000n, discounts, 1000 * 60)).toBe(1_750_000n);
    expect(discountedRate(2_000_000n, [], 60)).toBe(2_000_000n);
  });

  it('takes shares in basis points', () => {
    expect(shareOf(1_000_001n, 500)).toBe(50_000n);
    expect(shareOf(10n, 500)).toBe(1n);
    expect(shareOf(10n, 10_000)).toBe(10n);
    expect(shareOf(10n, 0)).toBe(0n);
  });

  it('converts by the scaled exchange rate', () => {
    expect(convert(75_000_000_000n, 140_000_000n)).toBe(10_500_000_000n);
    expect(convert(1n, 1_000_000_000n)).toBe(1n);
    expect(convert(1n, 499_999_999n)).toBe(0n);
  });
});
