import type { EntityManager } from 'typeorm';
import { notFound } from '../../kernel/errors.js';
import { type Minute, type Period, contains, overlaps } from '../../kernel/period.js';
import { type HeldGpus, type ListingPool, readHeld, readPool } from './allocate.query.js';
import { countOf } from './gpu-set.js';
import { largestOrder } from './reseating.js';

/** A stretch of time in which the number of booked GPUs does not change. */
export interface CalendarSegment extends Period {
  freeGpus: number;
  bookedGpus: number;
}

/**
 * The window as contiguous segments, neighbours with equal numbers joined. Outside the listing's own window nothing
 * is free, whoever holds what.
 */
export function segmentsOf(
  window: Period,
  totalGpus: number,
  available: Period,
  bookings: readonly { period: Period; gpus: number }[],
): CalendarSegment[] {
  const changes = new Map<Minute, number>([
    [window.start, 0],
    [window.end, 0],
  ]);
  const add = (at: Minute, change: number): void => {
    const minute = Math.max(at, window.start);
    if (minute < window.end) changes.set(minute, (changes.get(minute) ?? 0) + change);
  };
  for (const { period, gpus } of bookings.filter((booking) => overlaps(booking.period, window))) {
    add(period.start, gpus);
    add(period.end, -gpus);
  }
  for (const edge of [available.start, available.end]) if (Number.isFinite(edge)) add(edge, 0);
  const times = [...changes.keys()].toSorted((a, b) => a - b);
  const segments: CalendarSegment[] = [];
  let bookedGpus = 0;
  for (const [index, start] of times.slice(0, -1).entries()) {
    bookedGpus += changes.get(start)!;
    const end = times[index + 1]!;
    const freeGpus = contains(available, { start, end }) ? Math.max(0, totalGpus - bookedGpus) : 0;
    const last = segments.at(-1);
    if (last && last.bookedGpus === bookedGpus && last.freeGpus === freeGpus) last.end = end;
    else segments.push({ start, end, freeGpus, bookedGpus });
  }
  return segments;
}

const availableOf = (pool: ListingPool): Period => ({
  start: pool.availableFrom ?? -Infinity,
  end: pool.availableUntil ?? Infinity,
});

/** A listing's free and booked GPUs over a window. */
export async function calendarOf(
  manager: EntityManager,
  listingId: string,
  window: Period,
): Promise<CalendarSegment[]> {
  const pool = await readPool(manager, listingId);
  if (!pool) throw notFound('listing');
  const held = await readHeld(manager, listingId, window.start, window.end);
  const bookings = held.map(({ period, gpus }) => ({ period, gpus: countOf(gpus) }));
  return segmentsOf(window, pool.nodes * pool.gpusPerNode, availableOf(pool), bookings);
}

/** The most GPUs one order may have of a pool for the whole period: what fits, and what the listing's terms allow. */
export function freeGpusOf(pool: ListingPool, held: readonly HeldGpus[], period: Period): number {
  if (!contains(availableOf(pool), period)) return 0;
  const fitting = largestOrder(
    pool,
    held.map((row) => ({ ...row, pinned: false })),
    period,
  );
  const gpus = Math.min(fitting, pool.maxGpus);
  return gpus - (gpus % pool.gpuIncrement);
}

/** The same, read from the database. A listing that does not sell has none. */
export async function freeSeats(manager: EntityManager, listingId: string, period: Period): Promise<number> {
  const pool = await readPool(manager, listingId);
  if (!pool || pool.state !== 'active') return 0;
  return freeGpusOf(pool, await readHeld(manager, listingId, period.start, period.end), period);
}
