import { discountedRate } from '../../kernel/rate.js';
import { sellsLength, sellsSize } from './capacity.js';
import type { EngineListing, EngineRequest, Market, Terms } from './market.js';

/**
 * Everything that can rule a listing out, by the name of the request's field. `window` is the calendar: no start
 * between `earliestStart` and `deadline` at which the GPUs are free.
 */
export const CONSTRAINTS = [
  'chips',
  'vendor',
  'minMemoryGib',
  'minBf16Tflops',
  'workload',
  'gpusPerNode',
  'interconnect',
  'minInterconnectGbps',
  'regions',
  'countries',
  'verified',
  'minReliability',
  'latency',
  'maxPricePerGpuHour',
  'hours',
  'gpus',
  'window',
] as const;

export type Constraint = (typeof CONSTRAINTS)[number];

type Test = (terms: Terms, listing: EngineListing) => boolean;

/** What needs no window, no size and no round trip. */
const TESTS: Partial<Record<Constraint, Test>> = {
  chips: ({ chips }, { chip }) => chips === null || chips.has(chip.code),
  vendor: ({ vendor }, { chip }) => vendor === null || chip.vendor.toLowerCase() === vendor.toLowerCase(),
  minMemoryGib: ({ minMemoryGib }, { chip }) => minMemoryGib === null || chip.memoryGib >= minMemoryGib,
  minBf16Tflops: ({ minBf16Tflops }, { chip }) =>
    minBf16Tflops === null || (chip.bf16Tflops ?? 0) >= minBf16Tflops,
  workload: ({ workload }, listing) => workload === null || listing.workloads.includes(workload),
  gpusPerNode: ({ gpusPerNode }, listing) => gpusPerNode === null || listing.gpusPerNode === gpusPerNode,
  interconnect: ({ interconnect }, listing) => interconnect === null || listing.interconnect === interconnect,
  minInterconnectGbps: ({ minInterconnectGbps }, listing) =>
    minInterconnectGbps === null || (listing.interconnectGbps ?? 0) >= minInterconnectGbps,
  regions: ({ regions }, listing) => regions === null || regions.has(listing.region),
  countries: ({ countriesAllowed, countriesDenied }, { country }) =>
    (countriesAllowed === null || countriesAllowed.has(country)) && !(countriesDenied?.has(country) ?? false),
  verified: ({ verified }, listing) => !verified || listing.verificationTier >= 1,
  minReliability: ({ minReliability }, listing) =>
    minReliability === null || listing.reliability >= minReliability,
};

const TESTED = Object.entries(TESTS) as [Constraint, Test][];

/** Whether every origin that has a bound is within it. */
export function withinLatency(market: Pick<Market, 'rtt'>, terms: Terms, listing: EngineListing): boolean {
  return terms.origins.every(
    ({ region, maxRttMs }) => maxRttMs === null || market.rtt(region, listing.region).rttMs <= maxRttMs,
  );
}

/** What a GPU-hour of the listing costs in a booking of `minutes`. */
export const rateFor = (listing: EngineListing, minutes: number): bigint =>
  discountedRate(listing.rateMicros, listing.termDiscounts, minutes);

/** The constraints among `Terms` that the listing fails, for bookings of `minutes`. */
export function failedTerms(
  market: Pick<Market, 'rtt'>,
  terms: Terms,
  listing: EngineListing,
  minutes: number,
): Constraint[] {
  const failed = TESTED.filter(([, passes]) => !passes(terms, listing)).map(([name]) => name);
  if (!withinLatency(market, terms, listing)) failed.push('latency');
  if (terms.maxRateMicros !== null && rateFor(listing, minutes) > terms.maxRateMicros) {
    failed.push('maxPricePerGpuHour');
  }
  return failed;
}

/** The constraints that the listing fails before its calendar is read: terms, length and size. */
export function failedStatic(
  market: Pick<Market, 'rtt'>,
  request: EngineRequest,
  listing: EngineListing,
): Constraint[] {
  const failed = failedTerms(market, request, listing, request.minutes);
  if (!sellsLength(listing, request.minutes)) failed.push('hours');
  if (!sellsSize(listing, request.gpus)) failed.push('gpus');
  return failed;
}
