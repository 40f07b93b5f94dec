import { invalid } from './errors.js';

/** Whole minutes since 1970-01-01T00:00:00Z: the market's unit of time for windows. */
export type Minute = number;

/** A half-open window `[start, end)` in whole minutes. */
export interface Period {
  start: Minute;
  end: Minute;
}

const MS_PER_MINUTE = 60_000;
export const MINUTES_PER_HOUR = 60;
export const MINUTES_PER_DAY = 24 * 60;

/** The last minute the market knows: 2200-01-01, so that no arithmetic leaves PostgreSQL's or JavaScript's range. */
export const MAX_MINUTE: Minute = Date.UTC(2200, 0, 1) / MS_PER_MINUTE;

/** RFC 3339 with seconds and an offset; JavaScript's own parser is laxer than the contract. */
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Whether the day exists: JavaScript reads 30 February as 2 March. */
function isRealDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * The minute an RFC 3339 instant names.
 * @throws AppError 422 at `pointer` when it is not RFC 3339, not a real date, not a whole minute or out of range.
 */
export function parseMinute(text: string, pointer: string): Minute {
  const ms = isRfc3339(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw invalid(pointer, 'must be an RFC 3339 time such as 2027-03-01T00:00:00Z');
  if (ms % MS_PER_MINUTE !== 0) throw invalid(pointer, 'must fall on a whole minute');
  const minute = ms / MS_PER_MINUTE;
  if (minute < 0 || minute > MAX_MINUTE) throw invalid(pointer, 'is out of range');
  return minute;
}

/** Whether `text` is an RFC 3339 instant that exists. */
export const isRfc3339 = (text: unknown): text is string =>
  typeof text === 'string' && RFC3339.test(text) && isRealDay(text) && !Number.isNaN(Date.parse(text));

export const minuteOf = (date: Date): Minute => Math.floor(date.getTime() / MS_PER_MINUTE);

/** The first whole minute that is not before `date`. */
export const minuteAfter = (date: Date): Minute => Math.ceil(date.getTime() / MS_PER_MINUTE);

export const dateOf = (minute: Minute): Date => new Date(minute * MS_PER_MINUTE);

/** The wire form of a minute: `2027-03-01T00:00:00Z`. */
export const isoMinute = (minute: Minute): string => dateOf(minute).toISOString().replace('.000Z', 'Z');

/** The wire form of an instant, with milliseconds only where there are any. */
export const isoInstant = (date: Date): string => date.toISOString().replace('.000Z', 'Z');

/** The PostgreSQL literal of a half-open `tstzrange`. */
export const rangeLiteral = (period: Period): string =>
  `[${dateOf(period.start).toISOString()},${dateOf(period.end).toISOString()})`;

/**
 * Minutes in `hours`, a positive decimal that makes whole minutes (0.5 is 30; 0.01 is refused).
 * @throws AppError 422 at `pointer`.
 */
export function minutesOfHours(hours: number, pointer: string): number {
  const minutes = hours * MINUTES_PER_HOUR;
  const whole = Math.round(minutes);
  // A decimal such as 0.35 h is 21 minutes but not exactly so in binary; a millionth of a minute is no minute.
  if (!Number.isFinite(minutes) || whole < 1 || Math.abs(minutes - whole) > 1e-6) {
    throw invalid(pointer, 'must be a positive number of hours that makes whole minutes');
  }
  return whole;
}

export const overlaps = (a: Period, b: Period): boolean => a.start < b.end && b.start < a.end;

export const contains = (outer: Period, inner: Period): boolean =>
  outer.start <= inner.start && inner.end <= outer.end;

/** Minutes in the period; an empty one has 0. */
export const lengthMinutes = (period: Period): number => Math.max(0, period.end - period.start);
