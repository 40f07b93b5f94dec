import { divideRounded } from '../../kernel/money.js';
import type { Minute } from '../../kernel/period.js';
import { sellableGpus, sellsLength } from './capacity.js';
import { failedTerms, rateFor } from './constraints.js';
import type { EngineListing, Market, Rtt, Terms } from './market.js';

export const OFFER_SORTS = ['price', 'rtt', 'value', 'reliability'] as const;
export type OfferSort = (typeof OFFER_SORTS)[number];

/** What a search asks of the window: `minutes` null takes each listing's shortest booking. */
export interface OfferWindow {
  start: Minute;
  minutes: number | null;
}

/** Where a page of offers ended: the last key and listing id shown. */
export interface OfferPosition {
  /** The sort key as a decimal integer; null where the offer has none (a chip without bf16 has no `value`). */
  key: string | null;
  id: string;
}

export interface OfferSearch extends Terms {
  window: OfferWindow;
  /** At least this many GPUs free. */
  gpus: number | null;
  /** The region that `rtt` is measured from. */
  near: string | null;
  sort: OfferSort;
  descending: boolean;
  after: OfferPosition | null;
  limit: number;
}

/** One bookable slice of a listing in a window. */
export interface Offer {
  listing: EngineListing;
  freeGpus: number;
  /** A GPU-hour in the settlement currency, after the term discount that the window earns. */
  rateMicros: bigint;
  /** From `near`; null where it was not asked. */
  rtt: Rtt | null;
}

/** The listing as an offer in the window; no GPUs are free where it does not sell such a window. */
export function offerOf(
  market: Market,
  listing: EngineListing,
  window: OfferWindow,
  near: string | null,
): Offer {
  const minutes = window.minutes ?? listing.minMinutes;
  const period = { start: window.start, end: window.start + minutes };
  const sold =
    sellsLength(listing, minutes) &&
    (listing.availableFrom ?? 0) <= period.start &&
    period.end <= (listing.availableUntil ?? Infinity);
  return {
    listing,
    freeGpus: sold ? sellableGpus(listing, period) : 0,
    rateMicros: rateFor(listing, minutes),
    rtt: near === null ? null : market.rtt(near, listing.region),
  };
}

/** Every offer that passes the search's filters, in no particular order. */
export function matchingOffers(market: Market, search: OfferSearch): Offer[] {
  const offers: Offer[] = [];
  for (const listing of market.listings) {
    if (listing.operatorId === search.exceptOperatorId) continue;
    const minutes = search.window.minutes ?? listing.minMinutes;
    if (failedTerms(market, search, listing, minutes).length > 0) continue;
    const offer = offerOf(market, listing, search.window, search.near);
    if (offer.freeGpus >= Math.max(search.gpus ?? 1, listing.minGpus)) offers.push(offer);
  }
  return offers;
}

const THOUSAND = 1000n;

/** The integer that an offer sorts by; null sorts last in both directions. */
export function sortKey(offer: Offer, sort: OfferSort): bigint | null {
  switch (sort) {
    case 'price':
      return offer.rateMicros;
    case 'rtt':
      return offer.rtt === null ? null : BigInt(Math.round(offer.rtt.rttMs * 1000));
    case 'reliability':
      return BigInt(Math.round(offer.listing.reliability * 10_000));
    case 'value': {
      // Micro-units per dense bf16 PFLOP-hour; TFLOPS have at most three decimals.
      const gigaflops = BigInt(Math.round((offer.listing.chip.bf16Tflops ?? 0) * 1000));
      return gigaflops === 0n ? null : divideRounded(offer.rateMicros * THOUSAND * THOUSAND, gigaflops);
    }
  }
}

type Keyed = { offer: Offer; key: bigint | null };

function compareKeyed(a: Keyed, b: Keyed, descending: boolean): number {
  if (a.key !== b.key) {
    if (a.key === null) return 1;
    if (b.key === null) return -1;
    return a.key < b.key === descending ? 1 : -1;
  }
  return a.offer.listing.id < b.offer.listing.id ? -1 : a.offer.listing.id > b.offer.listing.id ? 1 : 0;
}

/** Whether an offer comes after the place where the page before ended. */
function isAfter({ offer, key }: Keyed, position: OfferPosition, descending: boolean): boolean {
  const last = position.key === null ? null : BigInt(position.key);
  if (key === last) return offer.listing.id > position.id;
  if (key === null) return true;
  if (last === null) return false;
  return key > last !== descending;
}

/** The search's page of offers in its order, ties by listing id: up to `limit`. */
export function searchOffers(market: Market, search: OfferSearch): Offer[] {
  const { sort, descending, after } = search;
  return matchingOffers(market, search)
    .map((offer): Keyed => ({ offer, key: sortKey(offer, sort) }))
    .filter((keyed) => after === null || isAfter(keyed, after, descending))
    .sort((a, b) => compareKeyed(a, b, descending))
    .slice(0, search.limit)
    .map(({ offer }) => offer);
}

/** The position that a page which ends with this offer leaves behind. */
export function positionOf(offer: Offer, sort: OfferSort): OfferPosition {
  return { key: sortKey(offer, sort)?.toString() ?? null, id: offer.listing.id };
}

/** Prices of GPU-hours at quantiles, each the price of an actual offer (nearest rank). */
export interface PriceQuantiles {
  min: bigint;
  p25: bigint;
  median: bigint;
  p75: bigint;
  max: bigint;
}

export interface Facet {
  code: string;
  count: number;
  price: PriceQuantiles;
}

/** @param rates ascending, at least one. */
function quantiles(rates: readonly bigint[]): PriceQuantiles {
  const at = (share: number): bigint => rates[Math.max(0, Math.ceil(share * rates.length) - 1)]!;
  return { min: at(0), p25: at(0.25), median: at(0.5), p75: at(0.75), max: at(1) };
}

function facetBy(offers: readonly Offer[], code: (offer: Offer) => string): Facet[] {
  const groups = new Map<string, Offer[]>();
  for (const offer of offers) {
    const group = groups.get(code(offer));
    if (group) group.push(offer);
    else groups.set(code(offer), [offer]);
  }
  return [...groups]
    .map(([name, members]) => ({
      code: name,
      count: members.length,
      price: quantiles(members.map((offer) => offer.rateMicros).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))),
    }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

export interface Facets {
  total: number;
  chips: Facet[];
  regions: Facet[];
  countries: Facet[];
}

/** How many offers of each chip, region and country pass the filters, and at what prices. */
export function facetOffers(market: Market, search: OfferSearch): Facets {
  const offers = matchingOffers(market, search);
  return {
    total: offers.length,
    chips: facetBy(offers, ({ listing }) => listing.chip.code),
    regions: facetBy(offers, ({ listing }) => listing.region),
    countries: facetBy(offers, ({ listing }) => listing.country),
  };
}
