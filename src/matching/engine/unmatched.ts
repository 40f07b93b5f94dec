import type { Minute } from '../../kernel/period.js';
import { earliestStart } from './capacity.js';
import { CONSTRAINTS, type Constraint, rateFor } from './constraints.js';
import type { EngineListing, EngineRequest, Market } from './market.js';
import { type Verdict, considered, countOptions } from './options.js';

/** How many listings a constraint rules out. */
export interface Removal {
  constraint: Constraint;
  /** Fail it, whatever else they fail. */
  removed: number;
  /** Fail it and nothing else. */
  alone: number;
}

/** One bound of the request moved to where more options match; `matches` counts all that do then. */
export type Relaxation = { matches: number } & (
  | { constraint: 'maxPricePerGpuHour'; rateMicros: bigint }
  | { constraint: 'latency'; maxRttMs: number }
  | { constraint: 'window'; deadline: Minute }
  | { constraint: 'gpus'; gpus: number }
);

type Step = Relaxation extends infer R ? (R extends unknown ? Omit<R, 'matches'> : never) : never;

export interface Unmatched {
  /** Listings that were considered. */
  total: number;
  /** Options that fit: all of them, not only those shown. */
  matched: number;
  removedByConstraint: Removal[];
  /** The constraint that alone keeps the most listings out (or, where each fails several, removes the most). */
  binding: Constraint | null;
  nearest: Relaxation[];
}

/** With this many options the nearest misses are left out. */
const ENOUGH_MATCHES = 5;
/** The second step of a relaxation brings at least so many more. */
const MORE_MATCHES = 5;
/** Sizes tried in each direction before giving up. */
const SIZES_TRIED = 5;

/** The request as it would be with the relaxation applied. */
export function applyRelaxation(request: EngineRequest, step: Step): EngineRequest {
  switch (step.constraint) {
    case 'maxPricePerGpuHour':
      return { ...request, maxRateMicros: step.rateMicros };
    case 'window':
      return { ...request, deadline: step.deadline };
    case 'gpus':
      return { ...request, gpus: step.gpus };
    case 'latency': {
      const raise = (bound: number | null): number | null =>
        bound === null ? null : Math.max(bound, step.maxRttMs);
      return {
        ...request,
        origins: request.origins.map((origin) => ({ ...origin, maxRttMs: raise(origin.maxRttMs) })),
      };
    }
  }
}

function removals(verdicts: readonly Verdict[]): Removal[] {
  return CONSTRAINTS.map((constraint) => {
    const failing = verdicts.filter(({ failed }) => failed.includes(constraint));
    const alone = failing.filter(({ failed }) => failed.length === 1).length;
    return { constraint, removed: failing.length, alone };
  }).filter(({ removed }) => removed > 0);
}

function bindingOf(removed: readonly Removal[]): Constraint | null {
  let binding: Removal | undefined;
  for (const removal of removed) {
    const tighter =
      !binding ||
      removal.alone > binding.alone ||
      (removal.alone === binding.alone && removal.removed > binding.removed);
    if (tighter) binding = removal;
  }
  return binding?.constraint ?? null;
}

/** Of ascending values, the first, and the first that brings `MORE_MATCHES` (or all there are). */
function steps<T>(values: readonly T[]): T[] {
  if (values.length === 0) return [];
  const further = Math.min(MORE_MATCHES, values.length) - 1;
  return [...new Set([values[0]!, values[further]!])];
}

const ascending = (a: number, b: number): number => a - b;

/** The whole millisecond at which every bounded origin of the request is within reach of the listing. */
function neededRttMs(market: Market, request: EngineRequest, listing: EngineListing): number {
  const bounded = request.origins.filter(({ maxRttMs }) => maxRttMs !== null);
  const trips = bounded
    .map(({ region, maxRttMs }) => ({ rttMs: market.rtt(region, listing.region).rttMs, maxRttMs }))
    .filter(({ rttMs, maxRttMs }) => rttMs > maxRttMs!);
  return Math.ceil(Math.max(...trips.map(({ rttMs }) => rttMs)));
}

const need = (
  request: EngineRequest,
  gpus: number,
  deadline: Minute,
): Parameters<typeof earliestStart>[1] => ({
  gpus,
  minutes: request.minutes,
  notBefore: request.earliestStart,
  deadline,
  horizon: request.horizon,
});

/** The deadline at which the listing would have a start, or null. */
function neededDeadline(request: EngineRequest, listing: EngineListing): Minute | null {
  const start = earliestStart(listing, need(request, request.gpus, Infinity));
  return start === null ? null : start + request.minutes;
}

/** The legal sizes of the listing's bookings are the multiples of this. */
const sizeStep = (request: EngineRequest, listing: EngineListing): number =>
  request.gpusPerNode === null ? listing.gpuIncrement : listing.gpusPerNode;

/** The largest size below the request's that the listing could serve in the window, or null. */
function largestBelow(request: EngineRequest, listing: EngineListing): number | null {
  const step = sizeStep(request, listing);
  const least = Math.ceil(listing.minGpus / step);
  const most = Math.floor(Math.min(request.gpus - 1, listing.maxGpus) / step);
  const fits = (count: number): boolean =>
    earliestStart(listing, need(request, count * step, request.deadline)) !== null;
  if (least > most || !fits(least)) return null;
  // What fits at a size fits at every smaller one: bisect.
  let [low, high] = [least, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low * step;
}

/** The smallest size above the request's that the listing sells and could serve in the window, or null. */
function smallestAbove(request: EngineRequest, listing: EngineListing): number | null {
  const step = sizeStep(request, listing);
  const gpus = Math.ceil(Math.max(request.gpus + 1, listing.minGpus) / step) * step;
  if (gpus > listing.maxGpus) return null;
  return earliestStart(listing, need(request, gpus, request.deadline)) === null ? null : gpus;
}

/** Listings that fail only constraints among `allowed`. */
const failingOnly = (verdicts: readonly Verdict[], ...allowed: Constraint[]): EngineListing[] =>
  verdicts
    .filter(({ failed }) => failed.length > 0 && failed.every((name) => allowed.includes(name)))
    .map(({ listing }) => listing);

const present = (value: number | null): value is number => value !== null;

/** Moves of price, round trip and deadline that let at least one listing in, smallest first. */
function boundSteps(market: Market, request: EngineRequest, verdicts: readonly Verdict[]): Step[] {
  const rates = failingOnly(verdicts, 'maxPricePerGpuHour')
    .map((listing) => rateFor(listing, request.minutes))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const trips = failingOnly(verdicts, 'latency')
    .map((listing) => neededRttMs(market, request, listing))
    .sort(ascending);
  const deadlines = failingOnly(verdicts, 'window')
    .map((listing) => neededDeadline(request, listing))
    .filter(present)
    .sort(ascending);
  return [
    ...steps(rates).map((rateMicros): Step => ({ constraint: 'maxPricePerGpuHour', rateMicros })),
    ...steps(trips).map((maxRttMs): Step => ({ constraint: 'latency', maxRttMs })),
    ...steps(deadlines).map((deadline): Step => ({ constraint: 'window', deadline })),
  ];
}

/** Other sizes, nearest first, below and above. */
function sizes(request: EngineRequest, verdicts: readonly Verdict[]): number[][] {
  const listings = failingOnly(verdicts, 'gpus', 'window');
  const below = listings.map((listing) => largestBelow(request, listing)).filter(present);
  const above = listings.map((listing) => smallestAbove(request, listing)).filter(present);
  return [
    [...new Set(below)].sort((a, b) => b - a).slice(0, SIZES_TRIED),
    [...new Set(above)].sort(ascending).slice(0, SIZES_TRIED),
  ];
}

/** The nearest misses: each counted by matching the relaxed request, so each is true, and each gains something. */
function nearestMisses(
  market: Market,
  request: EngineRequest,
  verdicts: readonly Verdict[],
  matched: number,
): Relaxation[] {
  const counted = (step: Step): Relaxation => ({
    ...step,
    matches: countOptions(market, applyRelaxation(request, step)),
  });
  const gains = (relaxation: Relaxation): boolean => relaxation.matches > matched;
  const moved = boundSteps(market, request, verdicts).map(counted).filter(gains);
  const resized = sizes(request, verdicts).flatMap((candidates) => {
    for (const gpus of candidates) {
      const relaxation = counted({ constraint: 'gpus', gpus });
      if (gains(relaxation)) return [relaxation];
    }
    return [];
  });
  return [...moved, ...resized];
}

/** Why the market answered as it did, and what little would change it. */
export function explainUnmatched(
  market: Market,
  request: EngineRequest,
  verdicts: readonly Verdict[],
  matched: number,
): Unmatched {
  const removedByConstraint = removals(verdicts);
  return {
    total: considered(market, request).length,
    matched,
    removedByConstraint,
    binding: bindingOf(removedByConstraint),
    nearest: matched >= ENOUGH_MATCHES ? [] : nearestMisses(market, request, verdicts, matched),
  };
}
