import { describe, expect, it } from '@jest/globals';
import { AppError } from './errors.js';
import {
  MAX_MINUTE,
  contains,
  dateOf,
  isRfc3339,
  isoInstant,
  isoMinute,
  lengthMinutes,
  minuteAfter,
  minuteOf,
  minutesOfHours,
  overlaps,
  parseMinute,
  rangeLiteral,
} from './period.js';

describe('periods', () => {
  it('reads RFC 3339 in any offset as a minute of UTC', () => {
    const minute = Date.UTC(2027, 2, 1) / 60_000;
    expect(parseMinute('2027-03-01T00:00:00Z', '/start')).toBe(minute);
    expect(parseMinute('2027-03-01T08:00:00+08:00', '/start')).toBe(minute);
    expect(parseMinute('2027-03-01T00:00:00.000Z', '/start')).toBe(minute);
    expect(isoMinute(minute)).toBe('2027-03-01T00:00:00Z');
  });

  it.each([
    ['2027-03-01', 'must be an RFC 3339 time'],
    ['2027-03-01T00:00Z', 'must be an RFC 3339 time'],
    ['2027-03-01T00:00:00', 'must be an RFC 3339 time'],
    ['2027-13-01T00:00:00Z', 'must be an RFC 3339 time'],
    ['2027-02-29T00:00:00Z', 'must be an RFC 3339 time'],
    ['2027-04-31T00:00:00Z', 'must be an RFC 3339 time'],
    ['now', 'must be an RFC 3339 time'],
    ['2027-03-01T00:00:30Z', 'must fall on a whole minute'],
    ['2027-03-01T00:00:00.500Z', 'must fall on a whole minute'],
    ['1969-12-31T23:59:00Z', 'is out of range'],
    ['2200-01-01T00:01:00Z', 'is out of range'],
  ])('refuses %s', (text, detail) => {
    expect(() => parseMinute(text, '/start')).toThrow(detail);
  });

  it('knows the last minute', () => {
    expect(parseMinute('2200-01-01T00:00:00Z', '/end')).toBe(MAX_MINUTE);
  });

  it('tells real instants from others', () => {
    expect(isRfc3339('2027-03-01T00:00:00.123456789Z')).toBe(true);
    expect(isRfc3339('2027-03-01 00:00:00Z')).toBe(false);
    expect(isRfc3339(12)).toBe(false);
  });

  it('makes whole minutes of hours, as decimals that are not exact in binary too', () => {
    expect(minutesOfHours(0.5, '/hours')).toBe(30);
    expect(minutesOfHours(0.35, '/hours')).toBe(21);
    expect(minutesOfHours(1 / 60, '/hours')).toBe(1);
    for (const hours of [0, -1, 0.01, 0.001, NaN, Infinity]) {
      expect(() => minutesOfHours(hours, '/hours')).toThrow(AppError);
    }
  });

  it('rounds instants down or up to the minute', () => {
    const date = new Date('2027-03-01T00:00:00.001Z');
    expect(dateOf(minuteOf(date)).toISOString()).toBe('2027-03-01T00:00:00.000Z');
    expect(dateOf(minuteAfter(date)).toISOString()).toBe('2027-03-01T00:01:00.000Z');
    expect(isoInstant(date)).toBe('2027-03-01T00:00:00.001Z');
    expect(isoInstant(new Date('2027-03-01T00:00:00Z'))).toBe('2027-03-01T00:00:00Z');
  });

  it('takes windows as half-open: neighbours do not overlap', () => {
    expect(overlaps({ start: 0, end: 10 }, { start: 10, end: 20 })).toBe(false);
    expect(overlaps({ start: 0, end: 11 }, { start: 10, end: 20 })).toBe(true);
    expect(contains({ start: 0, end: 10 }, { start: 0, end: 10 })).toBe(true);
    expect(contains({ start: 0, end: 10 }, { start: 0, end: 11 })).toBe(false);
    expect(lengthMinutes({ start: 5, end: 5 })).toBe(0);
    expect(rangeLiteral({ start: 0, end: 1 })).toBe('[1970-01-01T00:00:00.000Z,1970-01-01T00:01:00.000Z)');
  });
});
