import { type Minute, type Period, lengthMinutes } from '../../kernel/period.js';

/** A node of a fractional listing that could seat a booking: it has `free` GPUs throughout the booking's window. */
export interface Candidate {
  node: number;
  free: number;
  /** Windows of the bookings on the node, in any order; those outside the booking's window do not matter. */
  held: readonly Period[];
}

/**
 * Minutes of a window in which a node holds no booking: while a whole node is free it can be sold as one, so these are
 * what a booking costs that is placed there.
 */
export function untouchedMinutes(window: Period, held: readonly Period[]): number {
  let untouched = 0;
  let until: Minute = window.start;
  for (const { start, end } of held.toSorted((a, b) => a.start - b.start)) {
    if (start >= window.end) break;
    untouched += Math.max(0, start - until);
    until = Math.max(until, end);
  }
  return untouched + lengthMinutes({ start: until, end: window.end });
}

/** 0: the node is in use for more than half of the window anyway; 1: for half or less; 2: not at all. */
export function freshness(window: Period, held: readonly Period[]): number {
  const length = lengthMinutes(window);
  return length === 0 ? 0 : Math.floor((2 * untouchedMinutes(window, held)) / length);
}

/**
 * The node for a booking that fills none: of those with room the least fresh, and the lowest of equals. Bookings come to
 * lie where others already are for most of their time, so whole nodes fall free sooner; the order of the nodes does the
 * packing that is left. Measured against other rules in docs/benchmarks/placement.md.
 */
export function alignEnds(
  candidates: readonly Candidate[],
  gpus: number,
  window: Period,
): number | undefined {
  let best: { node: number; fresh: number } | undefined;
  for (const { node, free, held } of candidates) {
    if (free < gpus) continue;
    const fresh = freshness(window, held);
    if (!best || fresh < best.fresh || (fresh === best.fresh && node < best.node)) best = { node, fresh };
  }
  return best?.node;
}
