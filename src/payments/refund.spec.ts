import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dateOf } from '../kernel/period.js';
import { DEFAULT_POLICY } from './policy.js';
import { refundOnCancel, settlementOnTermination } from './refund.js';

const START = 30_000_000;
const TOTAL = 1_000_000n;
const before = (minutes: number, ms = 0): Date => new Date(dateOf(START - minutes).getTime() + ms);
const cancelled = (now: Date): bigint =>
  refundOnCancel({ totalMicros: TOTAL, startMinute: START, now, policy: DEFAULT_POLICY });

describe('refund on cancelling', () => {
  it.each([
    ['a year before', before(365 * 24 * 60), 1_000_000n],
    ['exactly 72 hours before', before(72 * 60), 1_000_000n],
    ['a millisecond later', before(72 * 60, 1), 750_000n],
    ['exactly 24 hours before', before(24 * 60), 750_000n],
    ['a millisecond later', before(24 * 60, 1), 500_000n],
    ['exactly an hour before', before(60), 500_000n],
    ['a millisecond later', before(60, 1), 250_000n],
    ['at the start', before(0), 250_000n],
    ['after the start', before(0, 1), 0n],
  ])('%s keeps its step', (_, now, refund) => {
    expect(cancelled(now)).toBe(refund);
  });

  it('does not depend on the order of the schedule', () => {
    const policy = { refundSchedule: [...DEFAULT_POLICY.refundSchedule].reverse() };
    expect(refundOnCancel({ totalMicros: TOTAL, startMinute: START, now: before(30 * 60), policy })).toBe(
      750_000n,
    );
  });

  it('refunds nothing where the notice is shorter than every step', () => {
    const policy = { refundSchedule: [{ noticeHours: 48, percent: 100 }] };
    expect(refundOnCancel({ totalMicros: TOTAL, startMinute: START, now: before(60), policy })).toBe(0n);
  });

  it('rounds to the micro-unit, halves up', () => {
    const policy = { refundSchedule: [{ noticeHours: 0, percent: 50 }] };
    expect(refundOnCancel({ totalMicros: 5n, startMinute: START, now: before(1), policy })).toBe(3n);
  });
});

describe('settlement on termination', () => {
  const ended = (now: Date, terminationPercent = 50) =>
    settlementOnTermination({
      totalMicros: TOTAL,
      startMinute: START,
      endMinute: START + 100,
      now,
      policy: { terminationPercent },
    });

  it('refunds its share of the minutes that are left', () => {
    expect(ended(before(-40))).toEqual({ refundMicros: 300_000n, operatorMicros: 700_000n });
    expect(ended(before(-40), 100)).toEqual({ refundMicros: 600_000n, operatorMicros: 400_000n });
    expect(ended(before(-40), 0)).toEqual({ refundMicros: 0n, operatorMicros: 1_000_000n });
  });

  it('does not count the minute that is running', () => {
    expect(ended(before(-40, 59_999))).toEqual(ended(before(-40)));
    expect(ended(before(-41)).refundMicros).toBe(295_000n);
  });

  it('counts nothing before the start and everything after the end', () => {
    expect(ended(before(500))).toEqual({ refundMicros: 500_000n, operatorMicros: 500_000n });
    expect(ended(before(-100))).toEqual({ refundMicros: 0n, operatorMicros: 1_000_000n });
    expect(ended(before(-101))).toEqual({ refundMicros: 0n, operatorMicros: 1_000_000n });
  });
});

describe('refunds of any booking', () => {
  const total = fc.bigInt({ min: 1n, max: 10n ** 18n });
  const offsetMs = fc.integer({ min: -400 * 86_400_000, max: 400 * 86_400_000 });

  it('lie between nothing and the total, and never grow by waiting', () => {
    fc.assert(
      fc.property(total, offsetMs, fc.nat({ max: 86_400_000 }), (totalMicros, offset, wait) => {
        const at = (ms: number): bigint =>
          refundOnCancel({ totalMicros, startMinute: START, now: before(0, ms), policy: DEFAULT_POLICY });
        expect(at(offset) >= 0n && at(offset) <= totalMicros).toBe(true);
        expect(at(offset + wait) <= at(offset)).toBe(true);
      }),
    );
  });

  it('sum with what the operator keeps to the total', () => {
    const length = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(
        total,
        length,
        offsetMs,
        fc.integer({ min: 0, max: 100 }),
        (totalMicros, minutes, offset, percent) => {
          const { refundMicros, operatorMicros } = settlementOnTermination({
            totalMicros,
            startMinute: START,
            endMinute: START + minutes,
            now: before(0, offset),
            policy: { terminationPercent: percent },
          });
          expect(refundMicros + operatorMicros).toBe(totalMicros);
          expect(refundMicros >= 0n && operatorMicros >= 0n).toBe(true);
        },
      ),
    );
  });
});
