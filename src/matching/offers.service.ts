import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CHIPS } from '../catalog/chips.data.js';
import { REGIONS } from '../catalog/regions.data.js';
import { invalid, notFound } from '../kernel/errors.js';
import { parseMicros } from '../kernel/money.js';
import { minuteOf, minutesOfHours, parseMinute } from '../kernel/period.js';
import { chipNamed, regionNamed } from '../listings/places-and-chips.js';
import { Clock } from '../platform/clock.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import {
  type OfferPosition,
  type OfferSearch,
  type OfferSort,
  type OfferWindow,
  facetOffers,
  offerOf,
  positionOf,
  searchOffers,
} from './engine/search.js';
import { readMarket } from './market.query.js';
import {
  type OfferFilterQuery,
  type OfferWindowQuery,
  type OffersQuery,
  isCountryCode,
} from './matching.dto.js';
import { type FacetsView, type OfferPage, type OfferView, facetsView, offerView } from './offer.view.js';

const CHIP_NAMES = new Map(CHIPS.map(({ code, name }) => [code, name]));
const REGION_NAMES = new Map(REGIONS.map(({ code, name }) => [code, name]));
const COUNTRY_NAMES = new Intl.DisplayNames(['en'], { type: 'region' });

const NAMES = {
  chip: (code: string): string => CHIP_NAMES.get(code) ?? code,
  region: (code: string): string => REGION_NAMES.get(code) ?? code,
  country: (code: string): string => COUNTRY_NAMES.of(code) ?? code,
};

function countries(codes: readonly string[] | undefined, field: string): ReadonlySet<string> | null {
  if (codes === undefined) return null;
  const wrong = codes.findIndex((code) => !isCountryCode(code));
  if (wrong >= 0) throw invalid(`/${field}`, 'is not an ISO 3166-1 alpha-2 code');
  return new Set(codes.map((code) => code.toUpperCase()));
}

const resolved = (
  names: readonly string[] | undefined,
  resolve: (name: string) => { code: string },
): ReadonlySet<string> | null =>
  names === undefined ? null : new Set(names.map((name) => resolve(name).code));

/** Public search over what can be booked now. */
@Injectable()
export class OffersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly clock: Clock,
    private readonly cursors: Cursors,
  ) {}

  async search(query: OffersQuery): Promise<OfferPage> {
    const { sort, descending } = sortOf(query);
    // A cursor belongs to the order and the window that it was made in; by default the window moves with the clock.
    const list = `offers:${descending ? '-' : ''}${sort}`;
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<OfferPosition>(list, query.cursor) ?? null;
    const search = this.searchOf(query);
    const currency = this.config.settlementCurrency;
    const market = await readMarket(this.dataSource.manager, this.clock.now(), currency);
    const offers = searchOffers(market, { ...search, sort, descending, after, limit: limit + 1 });
    return this.cursors.page(
      list,
      offers,
      limit,
      (offer) => offerView(offer, currency),
      (offer) => positionOf(offer, sort),
    );
  }

  async facets(query: OfferFilterQuery): Promise<FacetsView> {
    const currency = this.config.settlementCurrency;
    const search = this.searchOf(query);
    const market = await readMarket(this.dataSource.manager, this.clock.now(), currency);
    return facetsView(facetOffers(market, search), currency, NAMES);
  }

  /** @throws AppError 404 unless the listing is active. */
  async get(id: string, query: OfferWindowQuery): Promise<OfferView> {
    const currency = this.config.settlementCurrency;
    const window = this.windowOf(query);
    const near = query.near === undefined ? null : regionNamed(query.near, '/near').code;
    const market = await readMarket(this.dataSource.manager, this.clock.now(), currency, id);
    const [listing] = market.listings;
    if (!listing) throw notFound('offer');
    return offerView(offerOf(market, listing, window, near), currency);
  }

  private windowOf(query: OfferWindowQuery): OfferWindow {
    const present = minuteOf(this.clock.now());
    const start = query.from === undefined ? present : parseMinute(query.from, '/from');
    return {
      start: Math.max(start, present),
      minutes: query.hours === undefined ? null : minutesOfHours(query.hours, '/hours'),
    };
  }

  private searchOf(query: OfferFilterQuery): OfferSearch {
    const near = query.near === undefined ? null : regionNamed(query.near, '/near');
    if (near === null && query.maxRttMs !== undefined) throw invalid('/near', 'is needed with maxRttMs');
    const maxRttMs = query.maxRttMs ?? null;
    return {
      window: this.windowOf(query),
      gpus: query.gpus ?? null,
      near: near?.code ?? null,
      sort: 'price',
      descending: false,
      after: null,
      limit: 0,
      chips: resolved(query.chip, (name) => chipNamed(name, '/chip')),
      vendor: query.vendor ?? null,
      minMemoryGib: query.minMemoryGib ?? null,
      minBf16Tflops: query.minBf16Tflops ?? null,
      workload: query.workload ?? null,
      gpusPerNode: query.gpusPerNode ?? null,
      interconnect: query.interconnect ?? null,
      minInterconnectGbps: query.minInterconnectGbps ?? null,
      maxRateMicros: query.maxPrice === undefined ? null : parseMicros(query.maxPrice, '/maxPrice'),
      regions: resolved(query.region, (name) => regionNamed(name, '/region')),
      countriesAllowed: countries(query.country, 'country'),
      countriesDenied: countries(query.excludeCountry, 'excludeCountry'),
      minReliability: query.minReliability ?? null,
      verified: query.verified ?? false,
      origins: near ? [{ region: near.code, name: near.name, weight: 1, maxRttMs }] : [],
      exceptOperatorId: null,
    };
  }
}

/** @throws AppError 422: a sort by round trip needs to know from where. */
function sortOf(query: OffersQuery): { sort: OfferSort; descending: boolean } {
  const text = query.sort ?? 'price';
  const descending = text.startsWith('-');
  const sort = (descending ? text.slice(1) : text) as OfferSort;
  if (sort === 'rtt' && query.near === undefined) throw invalid('/near', 'is needed to sort by rtt');
  return { sort, descending };
}
