import type { Minute, Period } from '../../kernel/period.js';
import type { EngineListing, GpuSpan, Seats } from './market.js';

/** A change of how much is taken at a minute. */
type Change = readonly [at: Minute, delta: number];

/** The most that is taken at once; what ends at a minute is free for what starts at it. */
function peak(changes: Change[]): number {
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let taken = 0;
  let most = 0;
  for (const [, delta] of changes) {
    taken += delta;
    if (taken > most) most = taken;
  }
  return most;
}

/** How many GPUs of each node the spans hold. */
function gpusByNode(spans: readonly GpuSpan[], gpusPerNode: number): Map<number, number> {
  const byNode = new Map<number, number>();
  for (const { from, to } of spans) {
    for (let node = Math.floor(from / gpusPerNode); node * gpusPerNode < to; node++) {
      const gpus = Math.min(to, (node + 1) * gpusPerNode) - Math.max(from, node * gpusPerNode);
      byNode.set(node, (byNode.get(node) ?? 0) + gpus);
    }
  }
  return byNode;
}

/**
 * Whole nodes free for all of the window, by count: seats of bookings that have not started can be moved, so the
 * count of nodes taken at the worst minute decides, not which ones.
 */
function freeWholeNodes(seats: Seats, window: Period): number {
  const changes: Change[] = [];
  for (const { gpus, start, end } of seats.busy) {
    if (start >= window.end || end <= window.start) continue;
    const nodes = gpusByNode(gpus, seats.gpusPerNode).size;
    changes.push([start, nodes], [end, -nodes]);
  }
  return Math.max(0, seats.nodes - peak(changes)) * seats.gpusPerNode;
}

/** As above where nodes are shared: each node has a count of its own, and a part of a node lies inside one. */
function freeFractional(seats: Seats, window: Period): number {
  const changes = new Map<number, Change[]>();
  for (const { gpus, start, end } of seats.busy) {
    if (start >= window.end || end <= window.start) continue;
    for (const [node, count] of gpusByNode(gpus, seats.gpusPerNode)) {
      const list = changes.get(node) ?? [];
      list.push([start, count], [end, -count]);
      changes.set(node, list);
    }
  }
  let largestPart = 0;
  for (const list of changes.values()) {
    largestPart = Math.max(largestPart, seats.gpusPerNode - peak(list));
  }
  const wholeNodes = seats.nodes - changes.size;
  return wholeNodes * seats.gpusPerNode + largestPart;
}

/**
 * The largest number of GPUs that one booking could take for all of `window` under the placement rule: up to a node's
 * worth inside one node, more as whole nodes and, on fractional listings, a remainder inside one further node. Any
 * multiple of `gpuIncrement` up to it fits too. The listing's own bounds on size are not applied.
 */
export function freeGpus(seats: Seats, window: Period): number {
  const free =
    seats.gpuIncrement === seats.gpusPerNode ? freeWholeNodes(seats, window) : freeFractional(seats, window);
  return free - (free % seats.gpuIncrement);
}

/** `freeGpus` within the listing's largest booking. */
export function sellableGpus(listing: EngineListing, window: Period): number {
  const most = listing.maxGpus - (listing.maxGpus % listing.gpuIncrement);
  return Math.min(freeGpus(listing, window), most);
}

/** Whether the listing sells bookings of this many GPUs at all. */
export function sellsSize(listing: EngineListing, gpus: number): boolean {
  return listing.minGpus <= gpus && gpus <= listing.maxGpus && gpus % listing.gpuIncrement === 0;
}

/** Whether the listing sells bookings of this length at all. */
export function sellsLength(listing: EngineListing, minutes: number): boolean {
  return listing.minMinutes <= minutes && minutes <= (listing.maxMinutes ?? Infinity);
}

/**
 * The first minute from `notBefore` on at which `gpus` GPUs are free for `minutes`, the whole window inside the
 * listing's availability and before `deadline`, starting at `horizon` at the latest; null when there is none.
 * Capacity only grows where a booking ends, so those minutes and the first one are all there is to try.
 */
export function earliestStart(
  listing: EngineListing,
  need: { gpus: number; minutes: number; notBefore: Minute; deadline: Minute; horizon: Minute },
): Minute | null {
  const first = Math.max(need.notBefore, listing.availableFrom ?? 0);
  const until = Math.min(need.deadline, listing.availableUntil ?? Infinity);
  const last = Math.min(until - need.minutes, need.horizon);
  if (first > last) return null;
  const ends = listing.busy.map((busy) => busy.end).filter((end) => first < end && end <= last);
  const starts = [first, ...new Set(ends)].sort((a, b) => a - b);
  return starts.find((start) => freeGpus(listing, { start, end: start + need.minutes }) >= need.gpus) ?? null;
}
