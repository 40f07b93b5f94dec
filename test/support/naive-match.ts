import { discountedRate } from '../../src/kernel/rate.js';
import { type Cost, lineCost } from '../../src/matching/engine/cost.js';
import { rttSummary } from '../../src/matching/engine/latency.js';
import type { EngineListing, EngineRequest, Market } from '../../src/matching/engine/market.js';

/**
 * The matching engine's slow twin: the definitions, read aloud. It walks minute by minute over the booking list, node
 * by node and GPU by GPU; only the price of an option (`lineCost`) is shared, which has a table of its own.
 */
export interface NaiveOption {
  lines: { listingId: string; gpus: number }[];
  start: number;
  end: number;
  totalMicros: bigint;
  cost: Cost;
}

/** How many GPUs of each node are free at a minute. */
function freeByNode(listing: EngineListing, minute: number): number[] {
  const free: number[] = [];
  for (let node = 0; node < listing.nodes; node++) {
    let count = 0;
    for (let gpu = node * listing.gpusPerNode; gpu < (node + 1) * listing.gpusPerNode; gpu++) {
      const taken = listing.busy.some(
        (busy) =>
          busy.start <= minute &&
          minute < busy.end &&
          busy.gpus.some((span) => span.from <= gpu && gpu < span.to),
      );
      if (!taken) count++;
    }
    free.push(count);
  }
  return free;
}

/** Whether one booking of `gpus` GPUs can be placed for all minutes of `[start, end)`. */
export function naiveFits(listing: EngineListing, gpus: number, start: number, end: number): boolean {
  const { gpusPerNode, nodes } = listing;
  const leastFree = Array.from({ length: nodes }, () => gpusPerNode);
  let leastWhole = nodes;
  for (let minute = start; minute < end; minute++) {
    const free = freeByNode(listing, minute);
    free.forEach((count, node) => (leastFree[node] = Math.min(leastFree[node]!, count)));
    leastWhole = Math.min(leastWhole, free.filter((count) => count === gpusPerNode).length);
  }
  if (listing.gpuIncrement === gpusPerNode) return Math.ceil(gpus / gpusPerNode) <= leastWhole;
  const whole = gpus <= gpusPerNode ? 0 : Math.floor(gpus / gpusPerNode);
  const rest = gpus - whole * gpusPerNode;
  const wholeNodes = leastFree.filter((count) => count === gpusPerNode).length;
  if (whole > wholeNodes) return false;
  if (rest === 0) return true;
  // The rest goes to a further node: any with room, after `whole` of the empty ones are gone.
  return leastFree.some((count) => count < gpusPerNode && count >= rest) || wholeNodes > whole;
}

/** The largest legal size that fits in the window, by trying each; 0 when none does. */
export function naiveFree(listing: EngineListing, start: number, end: number): number {
  for (let gpus = listing.maxGpus; gpus > 0; gpus--) {
    if (gpus % listing.gpuIncrement === 0 && naiveFits(listing, gpus, start, end)) return gpus;
  }
  return 0;
}

/** Every constraint but size and calendar, tested literally. */
export function naiveTermsHold(market: Market, request: EngineRequest, listing: EngineListing): boolean {
  const { chip } = listing;
  const rate = discountedRate(listing.rateMicros, listing.termDiscounts, request.minutes);
  if (request.exceptOperatorId === listing.operatorId) return false;
  if (request.chips !== null && !request.chips.has(chip.code)) return false;
  if (request.vendor !== null && request.vendor.toLowerCase() !== chip.vendor.toLowerCase()) return false;
  if (request.minMemoryGib !== null && chip.memoryGib < request.minMemoryGib) return false;
  if (request.minBf16Tflops !== null && (chip.bf16Tflops ?? 0) < request.minBf16Tflops) return false;
  if (!listing.workloads.includes(request.workload)) return false;
  if (request.gpusPerNode !== null && listing.gpusPerNode !== request.gpusPerNode) return false;
  if (request.interconnect !== null && listing.interconnect !== request.interconnect) return false;
  const gbps = listing.interconnectGbps ?? 0;
  if (request.minInterconnectGbps !== null && gbps < request.minInterconnectGbps) return false;
  if (request.regions !== null && !request.regions.has(listing.region)) return false;
  if (request.countriesAllowed !== null && !request.countriesAllowed.has(listing.country)) return false;
  if (request.countriesDenied !== null && request.countriesDenied.has(listing.country)) return false;
  if (request.verified && listing.verificationTier < 1) return false;
  if (request.minReliability !== null && listing.reliability < request.minReliability) return false;
  if (request.maxRateMicros !== null && rate > request.maxRateMicros) return false;
  for (const origin of request.origins) {
    const { rttMs } = market.rtt(origin.region, listing.region);
    if (origin.maxRttMs !== null && rttMs > origin.maxRttMs) return false;
  }
  if (request.minutes < listing.minMinutes) return false;
  return listing.maxMinutes === null || request.minutes <= listing.maxMinutes;
}

function naiveOption(
  market: Market,
  request: EngineRequest,
  parts: { listing: EngineListing; gpus: number }[],
  start: number,
): NaiveOption {
  const cost: Cost = { micros: 0n, parts: [] };
  let totalMicros = 0n;
  for (const { listing, gpus } of parts) {
    const rateMicros = discountedRate(listing.rateMicros, listing.termDiscounts, request.minutes);
    const weightedRttMs = rttSummary(market, request.origins, [listing.region])?.weighted ?? null;
    const own = lineCost(market, request, { listing, gpus, rateMicros }, { start, weightedRttMs });
    cost.micros += own.micros;
    own.parts.forEach((part, i) => {
      cost.parts[i] = { name: part.name, micros: (cost.parts[i]?.micros ?? 0n) + part.micros };
    });
    totalMicros += own.parts[0]!.micros;
  }
  return {
    lines: parts.map(({ listing, gpus }) => ({ listingId: listing.id, gpus })),
    start,
    end: start + request.minutes,
    totalMicros,
    cost,
  };
}

function inside(request: EngineRequest, listing: EngineListing, start: number): boolean {
  const end = start + request.minutes;
  return (
    start >= request.earliestStart &&
    end <= request.deadline &&
    start <= request.horizon &&
    (listing.availableFrom === null || start >= listing.availableFrom) &&
    (listing.availableUntil === null || end <= listing.availableUntil)
  );
}

function naiveSingle(market: Market, request: EngineRequest, listing: EngineListing): NaiveOption | null {
  if (!naiveTermsHold(market, request, listing)) return null;
  if (request.gpus < listing.minGpus || request.gpus > listing.maxGpus) return null;
  if (request.gpus % listing.gpuIncrement !== 0) return null;
  for (let start = request.earliestStart; start <= request.deadline; start++) {
    if (!inside(request, listing, start)) continue;
    if (naiveFits(listing, request.gpus, start, start + request.minutes)) {
      return naiveOption(market, request, [{ listing, gpus: request.gpus }], start);
    }
  }
  return null;
}

type Ranked = { option: NaiveOption; ask: bigint };

function before(a: Ranked, b: Ranked): number {
  if (a.option.cost.micros !== b.option.cost.micros)
    return a.option.cost.micros < b.option.cost.micros ? -1 : 1;
  if (a.option.start !== b.option.start) return a.option.start - b.option.start;
  if (a.ask !== b.ask) return a.ask < b.ask ? -1 : 1;
  const [x, y] = [a.option, b.option].map(({ lines }) => lines.map((line) => line.listingId).join()) as [
    string,
    string,
  ];
  return x < y ? -1 : 1;
}

const askOf = (listing: EngineListing, minutes: number): bigint =>
  discountedRate(listing.rateMicros, listing.termDiscounts, minutes);

function naiveSpread(market: Market, request: EngineRequest, operatorId: string): Ranked | null {
  const start = request.earliestStart;
  const carriers = market.listings
    .filter((listing) => listing.operatorId === operatorId && naiveTermsHold(market, request, listing))
    .map((listing) => ({
      listing,
      option: naiveOption(market, request, [{ listing, gpus: request.gpus }], start),
      ask: askOf(listing, request.minutes),
    }))
    .sort(before);
  const parts: { listing: EngineListing; gpus: number }[] = [];
  let wanted = request.gpus;
  for (const { listing } of carriers) {
    if (!inside(request, listing, start)) continue;
    const step = request.gpusPerNode ?? listing.gpuIncrement;
    for (let gpus = Math.min(wanted, listing.maxGpus); gpus >= listing.minGpus; gpus--) {
      if (gpus % step !== 0 || !naiveFits(listing, gpus, start, start + request.minutes)) continue;
      parts.push({ listing, gpus });
      wanted -= gpus;
      break;
    }
  }
  if (wanted > 0 || parts.length < 2) return null;
  const option = naiveOption(market, request, parts, start);
  // The mean rate of the lines, halves up.
  const gpuMinutes = BigInt(request.gpus) * BigInt(request.minutes);
  return { option, ask: (2n * option.totalMicros * 60n + gpuMinutes) / (2n * gpuMinutes) };
}

/** All options for a request, best first. */
export function naiveMatch(market: Market, request: EngineRequest): NaiveOption[] {
  const ranked: Ranked[] = [];
  for (const listing of market.listings) {
    const option = naiveSingle(market, request, listing);
    if (option) ranked.push({ option, ask: askOf(listing, request.minutes) });
  }
  if (request.spread) {
    for (const operatorId of new Set(market.listings.map((listing) => listing.operatorId))) {
      const spread = naiveSpread(market, request, operatorId);
      if (spread) ranked.push(spread);
    }
  }
  return ranked.sort(before).map(({ option }) => option);
}
