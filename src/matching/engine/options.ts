import { divideRounded } from '../../kernel/money.js';
import { MINUTES_PER_HOUR, type Minute } from '../../kernel/period.js';
import { charge } from '../../kernel/rate.js';
import { earliestStart, sellableGpus, sellsLength } from './capacity.js';
import { type Constraint, failedStatic, failedTerms, rateFor } from './constraints.js';
import { type Cost, type PricedLine, addCosts, lineCost } from './cost.js';
import { type RttSummary, rttSummary } from './latency.js';
import type { EngineListing, EngineRequest, Market } from './market.js';

export interface OptionLine extends PricedLine {
  totalMicros: bigint;
}

/** One way to serve a request: one listing, or several of one operator at one start. */
export interface Option {
  lines: OptionLine[];
  start: Minute;
  end: Minute;
  /** What is paid: the sum of the lines. */
  totalMicros: bigint;
  /** What a GPU-hour costs; of several lines the mean, rounded. */
  rateMicros: bigint;
  cost: Cost;
  rtt: RttSummary | null;
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const integer = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

const idsOf = (option: Option): string => option.lines.map((line) => line.listing.id).join();

/** The total order of options: effective cost, start, ask, listing id. Integers and ids only, so it never drifts. */
export function compareOptions(a: Option, b: Option): number {
  return (
    integer(a.cost.micros, b.cost.micros) ||
    a.start - b.start ||
    integer(a.rateMicros, b.rateMicros) ||
    text(idsOf(a), idsOf(b))
  );
}

/** The option that these parts of listings make, starting together. */
function optionOf(
  market: Market,
  request: EngineRequest,
  parts: readonly { listing: EngineListing; gpus: number }[],
  start: Minute,
): Option {
  const regions = parts.map((part) => part.listing.region);
  const rtt = rttSummary(market, request.origins, regions);
  const lines = parts.map(({ listing, gpus }): OptionLine => {
    const rateMicros = rateFor(listing, request.minutes);
    return { listing, gpus, rateMicros, totalMicros: charge(rateMicros, gpus, request.minutes) };
  });
  const costs = lines.map((line) => {
    const own = rttSummary(market, request.origins, [line.listing.region]);
    return lineCost(market, request, line, { start, weightedRttMs: own?.weighted ?? null });
  });
  const totalMicros = lines.reduce((sum, line) => sum + line.totalMicros, 0n);
  const gpuMinutes = BigInt(request.gpus) * BigInt(request.minutes);
  return {
    lines,
    start,
    end: start + request.minutes,
    totalMicros,
    rateMicros:
      lines.length === 1
        ? lines[0]!.rateMicros
        : divideRounded(totalMicros * BigInt(MINUTES_PER_HOUR), gpuMinutes),
    cost: addCosts(costs),
    rtt,
  };
}

/** The listing's earliest feasible start for the request; null when its calendar has none. */
export function startOf(request: EngineRequest, listing: EngineListing): Minute | null {
  return earliestStart(listing, {
    gpus: request.gpus,
    minutes: request.minutes,
    notBefore: request.earliestStart,
    deadline: request.deadline,
    horizon: request.horizon,
  });
}

/** What became of a listing: the constraints it fails, or the option it is when it fails none. */
export interface Verdict {
  listing: EngineListing;
  failed: Constraint[];
  option: Option | null;
}

/**
 * Step one for a single listing, with every constraint tested. The calendar is only read where the listing sells the
 * size and the length at all, so `window` never repeats `gpus` or `hours`.
 */
export function judge(market: Market, request: EngineRequest, listing: EngineListing): Verdict {
  const failed = failedStatic(market, request, listing);
  const sells = !failed.includes('gpus') && !failed.includes('hours');
  const start = sells ? startOf(request, listing) : null;
  if (sells && start === null) failed.push('window');
  if (start === null || failed.length > 0) return { listing, failed, option: null };
  return { listing, failed, option: optionOf(market, request, [{ listing, gpus: request.gpus }], start) };
}

/** The listings that a request may consider at all. */
export const considered = (market: Market, request: EngineRequest): readonly EngineListing[] =>
  request.exceptOperatorId === null
    ? market.listings
    : market.listings.filter((listing) => listing.operatorId !== request.exceptOperatorId);

/** How many options the request has: what `feasible` would give, counted without pricing. */
export function countOptions(market: Market, request: EngineRequest): number {
  const single = considered(market, request).filter(
    (listing) => failedStatic(market, request, listing).length === 0 && startOf(request, listing) !== null,
  );
  return single.length + (request.spread ? spreadOptions(market, request).length : 0);
}

/** The listings that may carry part of a spread request, cheapest first (by the request served from each alone). */
function carriers(market: Market, request: EngineRequest): Option[] {
  return considered(market, request)
    .filter(
      (listing) =>
        failedTerms(market, request, listing, request.minutes).length === 0 &&
        sellsLength(listing, request.minutes),
    )
    .map((listing) => optionOf(market, request, [{ listing, gpus: request.gpus }], request.earliestStart))
    .sort(compareOptions);
}

/** How many GPUs of a spread request the listing takes: as many as it can, in its increments, not below its least. */
function share(request: EngineRequest, listing: EngineListing, wanted: number): number {
  const start = request.earliestStart;
  const window = { start, end: start + request.minutes };
  const outside =
    start < (listing.availableFrom ?? 0) ||
    start > request.horizon ||
    window.end > Math.min(request.deadline, listing.availableUntil ?? Infinity);
  if (outside) return 0;
  // A request for whole nodes takes whole nodes of each listing.
  const step = request.gpusPerNode === null ? listing.gpuIncrement : listing.gpusPerNode;
  const most = Math.min(wanted, sellableGpus(listing, window));
  const gpus = most - (most % step);
  return gpus >= listing.minGpus ? gpus : 0;
}

/**
 * Step one for requests that may be spread: for each operator, its listings in rank order, each as far as it goes, all
 * from `earliestStart`, until the size is met. One option an operator, and only where it takes two listings or more.
 * Listings have a least size, so greedy is not always optimal; it is deterministic and never infeasible.
 */
export function spreadOptions(market: Market, request: EngineRequest): Option[] {
  const byOperator = new Map<string, EngineListing[]>();
  for (const { lines } of carriers(market, request)) {
    const listing = lines[0]!.listing;
    const list = byOperator.get(listing.operatorId);
    if (list) list.push(listing);
    else byOperator.set(listing.operatorId, [listing]);
  }
  const options: Option[] = [];
  for (const listings of byOperator.values()) {
    const parts: { listing: EngineListing; gpus: number }[] = [];
    let wanted = request.gpus;
    for (const listing of listings) {
      if (wanted === 0) break;
      const gpus = share(request, listing, wanted);
      if (gpus > 0) parts.push({ listing, gpus });
      wanted -= gpus;
    }
    if (wanted === 0 && parts.length > 1) {
      options.push(optionOf(market, request, parts, request.earliestStart));
    }
  }
  return options;
}

/** Step one, feasible: the verdict on every listing, and every option there is, in no particular order. */
export function feasible(market: Market, request: EngineRequest): { verdicts: Verdict[]; options: Option[] } {
  const verdicts = considered(market, request).map((listing) => judge(market, request, listing));
  const single = verdicts.flatMap(({ option }) => option ?? []);
  return { verdicts, options: request.spread ? [...single, ...spreadOptions(market, request)] : single };
}

/** Step two, rank: cheapest first in the total order. */
export const rank = (options: readonly Option[]): Option[] => [...options].sort(compareOptions);

/** Step three, choose: the best of them, as many as the request wants to see. */
export const choose = (ranked: readonly Option[], limit: number): Option[] => ranked.slice(0, limit);
