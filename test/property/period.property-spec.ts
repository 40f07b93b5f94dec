import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_MINUTE,
  type Period,
  contains,
  dateOf,
  isoInstant,
  isoMinute,
  lengthMinutes,
  minuteAfter,
  minuteOf,
  minutesOfHours,
  overlaps,
  parseMinute,
} from '../../src/kernel/period.js';

const minute = fc.integer({ min: 0, max: MAX_MINUTE });
const nearby = fc.integer({ min: 0, max: 40 });
const period = fc.tuple(nearby, nearby).map(([start, length]): Period => ({ start, end: start + length }));
const RUNS = { numRuns: 500 };

/** The obvious twin of a window: the list of its minutes. */
const minutesIn = ({ start, end }: Period): number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index);

describe('minutes, against Date', () => {
  it('reads back every minute that it writes, and writes what Date writes', () => {
    fc.assert(
      fc.property(minute, (value) => {
        const text = isoMinute(value);
        expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00Z$/);
        expect(parseMinute(text, '/start')).toBe(value);
        expect(new Date(text).getTime()).toBe(value * 60_000);
      }),
      RUNS,
    );
  });

  it('names the same minute from any offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 24 * 60, max: MAX_MINUTE }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (value, offset) => {
          const local = new Date((value + offset) * 60_000).toISOString().slice(0, 19);
          const pad = (part: number): string => String(part).padStart(2, '0');
          const distance = Math.abs(offset);
          const zone = `${offset < 0 ? '-' : '+'}${pad(Math.floor(distance / 60))}:${pad(distance % 60)}`;
          expect(parseMinute(`${local}${zone}`, '/start')).toBe(value);
        },
      ),
      RUNS,
    );
  });

  it('brackets every instant by the minute before and the minute after', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_MINUTE * 60_000 }), (ms) => {
        const date = new Date(ms);
        const before = dateOf(minuteOf(date)).getTime();
        const after = dateOf(minuteAfter(date)).getTime();
        expect(before <= ms && ms <= after).toBe(true);
        expect(after - before).toBe(ms % 60_000 === 0 ? 0 : 60_000);
        expect(Date.parse(isoInstant(date))).toBe(ms);
      }),
      RUNS,
    );
  });

  it('takes any text without failing in another way than a named field', () => {
    const almost = fc
      .tuple(minute, fc.nat({ max: 24 }), fc.string({ maxLength: 3 }))
      .map(([value, at, noise]) => isoMinute(value).slice(0, at) + noise + isoMinute(value).slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (text) => {
        try {
          const value = parseMinute(text, '/start');
          expect(Number.isInteger(value) && value >= 0 && value <= MAX_MINUTE).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid', fields: [{ pointer: '/start' }] });
        }
      }),
      RUNS,
    );
  });
});

describe('hours', () => {
  it('makes n minutes of n/60 hours for every n of two years', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 * 366 * 24 * 60 }), (n) => {
        expect(minutesOfHours(n / 60, '/hours')).toBe(n);
      }),
      RUNS,
    );
  });

  it('makes whole minutes of a decimal exactly when its hundredths of an hour do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (hundredths) => {
        const text = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`;
        if ((hundredths * 60) % 100 === 0) {
          expect(minutesOfHours(Number(text), '/hours')).toBe((hundredths * 60) / 100);
        } else {
          expect(() => minutesOfHours(Number(text), '/hours')).toThrow('whole minutes');
        }
      }),
      RUNS,
    );
  });
});

describe('windows, against lists of minutes', () => {
  it('overlap exactly when they share a minute', () => {
    fc.assert(
      fc.property(period, period, (a, b) => {
        fc.pre(lengthMinutes(a) > 0 && lengthMinutes(b) > 0);
        const taken = new Set(minutesIn(a));
        expect(overlaps(a, b)).toBe(minutesIn(b).some((value) => taken.has(value)));
        expect(overlaps(a, b)).toBe(overlaps(b, a));
      }),
      RUNS,
    );
  });

  it('contain exactly what has all its minutes inside', () => {
    fc.assert(
      fc.property(period, period, (outer, inner) => {
        fc.pre(lengthMinutes(inner) > 0);
        const inside = new Set(minutesIn(outer));
        expect(contains(outer, inner)).toBe(minutesIn(inner).every((value) => inside.has(value)));
      }),
      RUNS,
    );
  });

  it('are as long as the list of their minutes', () => {
    fc.assert(
      fc.property(nearby, nearby, (start, end) => {
        expect(lengthMinutes({ start, end })).toBe(minutesIn({ start, end }).length);
      }),
      RUNS,
    );
  });
});
