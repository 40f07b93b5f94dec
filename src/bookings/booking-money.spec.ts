import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dateOf } from '../kernel/period.js';
import {
  assertChargeable,
  chargeLines,
  deliveryDeadline,
  earnedOnFailure,
  meanRate,
  remaining,
} from './booking-money.js';

const START = 30_000_000;
const line = fc.record({
  gpus: fc.integer({ min: 1, max: 4096 }),
  rateMicros: fc.bigInt({ min: 1n, max: 10n ** 8n }),
});

describe('the money of a booking', () => {
  it('adds up its lines, each rounded by itself', () => {
    const lines = [
      { gpus: 1, rateMicros: 1n },
      { gpus: 1, rateMicros: 1n },
    ];
    expect(chargeLines(lines, 30)).toBe(2n);
    expect(chargeLines([{ gpus: 8, rateMicros: 2_150_000n }], 72 * 60)).toBe(1_238_400_000n);
  });

  it('has a price per GPU-hour between those of its lines', () => {
    expect(
      meanRate([
        { gpus: 8, rateMicros: 2_000_000n },
        { gpus: 24, rateMicros: 3_000_000n },
      ]),
    ).toBe(2_750_000n);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        const rates = lines.map(({ rateMicros }) => rateMicros).sort((a, b) => (a < b ? -1 : 1));
        const mean = meanRate(lines);
        expect(mean >= rates[0]! && mean <= rates.at(-1)!).toBe(true);
      }),
    );
  });

  it('refuses a total of nothing and one beyond the ledger', () => {
    expect(() => assertChargeable(0n, '/hours')).toThrow('smallest');
    expect(() => assertChargeable(10n ** 30n, '/hours')).toThrow('largest');
    expect(() => assertChargeable(1n, '/hours')).not.toThrow();
  });

  it('never earns more by failing later than there is, and nothing without access', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -100, max: 11_000 }),
        (lines, length, elapsed) => {
          const totalMicros = chargeLines(lines, length);
          const at = { lines, period: { start: START, end: START + length }, totalMicros };
          const now = dateOf(START + elapsed);
          const earned = earnedOnFailure({ ...at, delivered: true, now });
          const later = earnedOnFailure({ ...at, delivered: true, now: dateOf(START + elapsed + 1) });
          expect(earned >= 0n && earned <= later && later <= totalMicros).toBe(true);
          expect(earnedOnFailure({ ...at, delivered: false, now })).toBe(0n);
          if (elapsed <= 0) expect(earned).toBe(0n);
          if (elapsed >= length) expect(earned).toBe(totalMicros);
        },
      ),
    );
  });

  it('does not count the running minute as delivered', () => {
    const lines = [{ gpus: 8, rateMicros: 60_000_000n }];
    const input = {
      lines,
      period: { start: START, end: START + 60 },
      totalMicros: 480_000_000n,
      delivered: true,
    };
    const now = new Date(dateOf(START + 10).getTime() + 59_999);
    expect(earnedOnFailure({ ...input, now })).toBe(80_000_000n);
  });

  it('leaves in escrow what has not gone anywhere yet', () => {
    const money = { totalMicros: 100n, refundedMicros: 20n, releasedMicros: 57n, feeMicros: 3n };
    expect(remaining(money)).toBe(20n);
  });
});

describe('the deadline of a delivery', () => {
  const end = START + 120;
  const grace = 1_800;

  it('is the grace after the start, when it was paid before', () => {
    expect(deliveryDeadline(START, end, dateOf(START - 60), grace)).toEqual(dateOf(START + 30));
  });

  it('is the grace after the payment, when that came later', () => {
    expect(deliveryDeadline(START, end, dateOf(START + 10), grace)).toEqual(dateOf(START + 40));
  });

  it('is never after the end', () => {
    expect(deliveryDeadline(START, START + 5, dateOf(START), grace)).toEqual(dateOf(START + 5));
  });
});
