import { INTERCONNECTS, type Interconnect, WORKLOADS, type Workload } from '../listings/listing.entity.js';
import {
  Decimal,
  Flag,
  Instant,
  MoneyDto,
  Nested,
  NestedList,
  OneOf,
  PageQuery,
  Text,
  TextList,
  WholeNumber,
  fromQuery,
} from '../platform/http/fields.js';
import { REQUEST_STATES, type RequestState } from './request.states.js';

const COUNTRY = /^[A-Za-z]{2}$/;
const MAX_GPUS = 1_000_000;
const MAX_HOURS = 24 * 366 * 3;
const MAX_RTT_MS = 10_000;

export class OriginDto {
  @Text({ max: 80, about: 'where users are: a region code or a name of it', example: 'de-frankfurt' })
  region: string;

  @Decimal({ min: 0.000001, max: 1_000_000, optional: true, about: 'relative to the others; 1 by default' })
  weight?: number;

  @Decimal({
    min: 0,
    max: MAX_RTT_MS,
    optional: true,
    about: 'ms; binds for this origin, besides the common one',
  })
  maxRttMs?: number;
}

export class LatencyDto {
  @Decimal({ min: 0, max: MAX_RTT_MS, optional: true, about: 'ms round trip, from every origin' })
  maxRttMs?: number;

  @NestedList(() => OriginDto, { min: 1, max: 50 })
  from: OriginDto[];

  @Decimal({
    min: 0,
    max: MAX_RTT_MS,
    optional: true,
    about: 'ms; a shorter round trip is worth nothing more',
  })
  targetRttMs?: number;

  @Nested(() => MoneyDto, { optional: true, about: 'what a ms above the target costs you, per GPU-hour' })
  costPerMs?: MoneyDto;
}

export class CountriesDto {
  @TextList({ optional: true, min: 1, max: 250, maxLength: 2, about: 'ISO 3166-1 alpha-2' })
  allow?: string[];

  @TextList({ optional: true, max: 250, maxLength: 2 })
  deny?: string[];
}

export class CreateRequestDto {
  @OneOf(WORKLOADS)
  workload: Workload;

  @TextList({ optional: true, min: 1, max: 100, about: 'codes or names; any chip by default' })
  chips?: string[];

  @WholeNumber({ min: 1, max: MAX_GPUS })
  gpus: number;

  @WholeNumber({ min: 1, max: 1024, optional: true, about: 'whole nodes of exactly this many GPUs' })
  gpusPerNode?: number;

  @Decimal({ min: 0.01, max: MAX_HOURS })
  hours: number;

  @Instant({ optional: true, about: 'now by default' })
  earliestStart?: string;

  @Instant({ optional: true, about: 'the whole window lies before it; by default it starts within 30 days' })
  deadline?: string;

  @Nested(() => MoneyDto, { optional: true, about: 'any currency with an exchange rate' })
  maxPricePerGpuHour?: MoneyDto;

  @WholeNumber({ min: 1, max: 100_000, optional: true })
  minMemoryGib?: number;

  @Decimal({ min: 0, max: 1_000_000, optional: true })
  minBf16Tflops?: number;

  @OneOf(INTERCONNECTS, { optional: true })
  interconnect?: Interconnect;

  @WholeNumber({ min: 1, max: 1_000_000, optional: true })
  minInterconnectGbps?: number;

  @Nested(() => LatencyDto, { optional: true })
  latency?: LatencyDto;

  @Nested(() => CountriesDto, { optional: true })
  countries?: CountriesDto;

  @Decimal({ min: 0, max: 1, optional: true })
  minReliability?: number;

  @Flag({ optional: true, about: 'only operators with a verification tier of 1 or more' })
  verified?: boolean;

  @OneOf(['single_site', 'multi_site'], { optional: true })
  split?: 'single_site' | 'multi_site';

  @Nested(() => MoneyDto, { optional: true, about: 'what each hour of a later start costs you' })
  delayCostPerHour?: MoneyDto;

  @OneOf(['instant', 'standing'], { optional: true })
  mode?: 'instant' | 'standing';

  @Instant({ optional: true, about: 'until when a standing request is kept' })
  expiresAt?: string;
}

export class RequestsQuery extends PageQuery {
  @OneOf(REQUEST_STATES, { optional: true })
  state?: RequestState;

  @Instant({ optional: true, about: 'made at or after' })
  from?: string;

  @Instant({ optional: true, about: 'made before' })
  to?: string;
}

/** The window that offers are looked at in, and where from. */
export class OfferWindowQuery {
  @Instant({ optional: true, about: 'start of the window; now by default' })
  from?: string;

  @fromQuery.number()
  @Decimal({ min: 0.01, max: MAX_HOURS, optional: true, about: "by default each listing's shortest booking" })
  hours?: number;

  @Text({ max: 80, optional: true, about: 'region that round trips are measured from' })
  near?: string;
}

export class OfferFilterQuery extends OfferWindowQuery {
  @fromQuery.list()
  @TextList({ optional: true, max: 100, about: 'codes or names' })
  chip?: string[];

  @Text({ max: 80, optional: true })
  vendor?: string;

  @fromQuery.number()
  @Decimal({ min: 0, max: 100_000, optional: true })
  minMemoryGib?: number;

  @fromQuery.number()
  @Decimal({ min: 0, max: 1_000_000, optional: true })
  minBf16Tflops?: number;

  @OneOf(WORKLOADS, { optional: true })
  workload?: Workload;

  @fromQuery.number()
  @WholeNumber({ min: 1, max: MAX_GPUS, optional: true, about: 'at least so many free for the whole window' })
  gpus?: number;

  @fromQuery.number()
  @WholeNumber({ min: 1, max: 1024, optional: true })
  gpusPerNode?: number;

  @OneOf(INTERCONNECTS, { optional: true })
  interconnect?: Interconnect;

  @fromQuery.number()
  @Decimal({ min: 0, max: 1_000_000, optional: true })
  minInterconnectGbps?: number;

  @Text({
    max: 24,
    pattern: /^\d{1,13}(\.\d{1,6})?$/,
    optional: true,
    about: 'per GPU-hour in the settlement currency',
  })
  maxPrice?: string;

  @fromQuery.list()
  @TextList({ optional: true, max: 100, maxLength: 80 })
  region?: string[];

  @fromQuery.list()
  @TextList({ optional: true, max: 250, maxLength: 2 })
  country?: string[];

  @fromQuery.list()
  @TextList({ optional: true, max: 250, maxLength: 2 })
  excludeCountry?: string[];

  @fromQuery.number()
  @Decimal({ min: 0, max: MAX_RTT_MS, optional: true, about: 'ms, from `near`' })
  maxRttMs?: number;

  @fromQuery.number()
  @Decimal({ min: 0, max: 1, optional: true })
  minReliability?: number;

  @fromQuery.flag()
  @Flag({ optional: true })
  verified?: boolean;
}

export const SORTS = [
  'price',
  'rtt',
  'value',
  'reliability',
  '-price',
  '-rtt',
  '-value',
  '-reliability',
] as const;

export class OffersQuery extends OfferFilterQuery {
  @OneOf(SORTS, { optional: true, about: 'price by default; - for descending' })
  sort?: (typeof SORTS)[number];

  @fromQuery.number()
  @WholeNumber({ min: 1, max: 200, optional: true })
  limit?: number;

  @Text({ max: 1000, optional: true })
  cursor?: string;
}

/** Whether `code` looks like ISO 3166-1 alpha-2. */
export const isCountryCode = (code: string): boolean => COUNTRY.test(code);
