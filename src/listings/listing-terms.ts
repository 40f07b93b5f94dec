import { AppError, type FieldError, invalid } from '../kernel/errors.js';
import { formatMicros, parseMicros } from '../kernel/money.js';
import { type Minute, MINUTES_PER_HOUR, isoMinute, minutesOfHours, parseMinute } from '../kernel/period.js';
import { type RateMicros, type TermDiscount, convert, ratePerGpuHour } from '../kernel/rate.js';
import type { Interconnect, Listing, PriceUnit, Workload } from './listing.entity.js';
import { WORKLOADS } from './listing.entity.js';
import { chipNamed } from './places-and-chips.js';

/** A price as typed: a decimal string, a currency, and what it is for. */
export interface PriceInput {
  amount: string;
  currency: string;
  per?: PriceUnit;
}

/** What an operator says of a listing, by HTTP or in a row of a file. `null` clears what is optional. */
export interface TermsInput {
  chip: string;
  nodes: number;
  gpusPerNode: number;
  gpuIncrement?: number;
  interconnect?: Interconnect;
  interconnectGbps?: number | null;
  cpu?: string | number | null;
  ramGib?: number | null;
  storageGib?: number | null;
  workloads?: Workload[];
  price: PriceInput;
  floorPrice?: PriceInput | null;
  termDiscounts?: TermDiscount[];
  availableFrom?: string | null;
  availableUntil?: string | null;
  minHours?: number;
  maxHours?: number | null;
  minGpus?: number;
  maxGpus?: number;
}

/** The columns of a listing that its operator decides. */
export type ListingTerms = Pick<
  Listing,
  | 'chipCode'
  | 'nodes'
  | 'gpusPerNode'
  | 'gpuIncrement'
  | 'interconnect'
  | 'interconnectGbps'
  | 'cpu'
  | 'ramGib'
  | 'storageGib'
  | 'workloads'
  | 'priceMicros'
  | 'priceCurrency'
  | 'pricePer'
  | 'rateMicros'
  | 'floorPriceMicros'
  | 'floorPriceCurrency'
  | 'floorPricePer'
  | 'termDiscounts'
  | 'availableFrom'
  | 'availableUntil'
  | 'minMinutes'
  | 'maxMinutes'
  | 'minGpus'
  | 'maxGpus'
>;

export const LIMITS = {
  nodes: 100_000,
  gpusPerNode: 128,
  /** Ten years. */
  hours: 87_600,
  discounts: 20,
} as const;

/** Units of the settlement currency per unit of each currency, times 1e9. */
export type Rates = ReadonlyMap<string, bigint>;

/**
 * What a price comes to per GPU-hour in the settlement currency.
 * @param rateNanos of the price's currency.
 */
export function settlementRate(
  micros: bigint,
  per: PriceUnit,
  gpusPerNode: number,
  rateNanos: bigint,
): RateMicros {
  return convert(per === 'gpu_hour' ? micros : ratePerGpuHour(micros, gpusPerNode), rateNanos);
}

interface CheckedPrice {
  micros: bigint;
  currency: string;
  per: PriceUnit;
  rateMicros: RateMicros;
}

function checkPrice(price: PriceInput, gpusPerNode: number, rates: Rates, pointer: string): CheckedPrice {
  const micros = parseMicros(price.amount, `${pointer}/amount`);
  if (micros <= 0n) throw invalid(`${pointer}/amount`, 'must be more than zero');
  const rateNanos = rates.get(price.currency);
  if (rateNanos === undefined) {
    throw invalid(`${pointer}/currency`, `is not a currency with an exchange rate: ${price.currency}`);
  }
  const per = price.per ?? 'gpu_hour';
  const rateMicros = settlementRate(micros, per, gpusPerNode, rateNanos);
  if (rateMicros <= 0n) {
    throw invalid(`${pointer}/amount`, 'is less than a millionth of the settlement currency per GPU-hour');
  }
  return { micros, currency: price.currency, per, rateMicros };
}

function checkDiscounts(discounts: readonly TermDiscount[]): TermDiscount[] {
  const sorted = discounts.toSorted((a, b) => a.minHours - b.minHours);
  for (const [index, { percentOff }] of discounts.entries()) {
    if (Math.abs(percentOff * 100 - Math.round(percentOff * 100)) > 1e-6) {
      throw invalid(`/termDiscounts/${index}/percentOff`, 'must have at most two decimals');
    }
  }
  if (sorted.some(({ minHours }, index) => sorted[index + 1]?.minHours === minHours)) {
    throw invalid('/termDiscounts', 'must not name the same minHours twice');
  }
  return sorted.map(({ minHours, percentOff }) => ({ minHours, percentOff }));
}

function checkWindow(input: TermsInput): Pick<ListingTerms, 'availableFrom' | 'availableUntil'> {
  const minute = (text: string | null | undefined, pointer: string): Minute | null =>
    text == null ? null : parseMinute(text, pointer);
  const availableFrom = minute(input.availableFrom, '/availableFrom');
  const availableUntil = minute(input.availableUntil, '/availableUntil');
  if (availableFrom !== null && availableUntil !== null && availableFrom >= availableUntil) {
    throw invalid('/availableUntil', 'must be after availableFrom');
  }
  return { availableFrom, availableUntil };
}

function checkLengths(input: TermsInput): Pick<ListingTerms, 'minMinutes' | 'maxMinutes'> {
  const minMinutes = input.minHours === undefined ? 1 : minutesOfHours(input.minHours, '/minHours');
  const maxMinutes = input.maxHours == null ? null : minutesOfHours(input.maxHours, '/maxHours');
  if (maxMinutes !== null && maxMinutes < minMinutes)
    throw invalid('/maxHours', 'must not be less than minHours');
  return { minMinutes, maxMinutes };
}

function checkCounts(input: TermsInput): Pick<ListingTerms, 'gpuIncrement' | 'minGpus' | 'maxGpus'> {
  const { gpusPerNode } = input;
  const totalGpus = input.nodes * gpusPerNode;
  const gpuIncrement = input.gpuIncrement ?? 1;
  if (gpuIncrement > gpusPerNode || gpusPerNode % gpuIncrement !== 0) {
    throw invalid('/gpuIncrement', `must divide gpusPerNode, which is ${gpusPerNode}`);
  }
  const minGpus = input.minGpus ?? gpuIncrement;
  const maxGpus = input.maxGpus ?? totalGpus;
  if (maxGpus > totalGpus)
    throw invalid('/maxGpus', `must not be more than nodes x gpusPerNode, which is ${totalGpus}`);
  if (minGpus > maxGpus) throw invalid('/minGpus', 'must not be more than maxGpus');
  if (Math.ceil(minGpus / gpuIncrement) * gpuIncrement > maxGpus) {
    throw invalid('/maxGpus', 'leaves no multiple of gpuIncrement from minGpus on');
  }
  return { gpuIncrement, minGpus, maxGpus };
}

function checkPrices(
  input: TermsInput,
  rates: Rates,
): Pick<
  ListingTerms,
  | 'priceMicros'
  | 'priceCurrency'
  | 'pricePer'
  | 'rateMicros'
  | 'floorPriceMicros'
  | 'floorPriceCurrency'
  | 'floorPricePer'
> {
  const price = checkPrice(input.price, input.gpusPerNode, rates, '/price');
  const floor = input.floorPrice
    ? checkPrice(input.floorPrice, input.gpusPerNode, rates, '/floorPrice')
    : null;
  if (floor && floor.rateMicros > price.rateMicros) {
    throw invalid('/floorPrice/amount', 'must not be more than the price');
  }
  return {
    priceMicros: price.micros,
    priceCurrency: price.currency,
    pricePer: price.per,
    rateMicros: price.rateMicros,
    floorPriceMicros: floor?.micros ?? null,
    floorPriceCurrency: floor?.currency ?? null,
    floorPricePer: floor?.per ?? null,
  };
}

/** Runs every check and gathers what each refuses, so that all wrong fields are named at once. */
function gather<T extends object>(checks: readonly (() => Partial<T>)[], errors: FieldError[]): T {
  const parts = checks.map((check) => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof AppError) || error.fields.length === 0) throw error;
      errors.push(...error.fields);
      return {};
    }
  });
  return Object.assign({}, ...parts) as T;
}

/**
 * Checks what an operator says of a listing, and turns it into columns. Types and bounds of single fields are taken
 * as checked already; this is about what they mean together.
 * @param chipCode of the chip, where it has been looked up already.
 */
export function checkTerms(
  input: TermsInput,
  rates: Rates,
  chipCode?: string,
): { terms: ListingTerms; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const terms = gather<ListingTerms>(
    [
      () => ({ chipCode: chipCode ?? chipNamed(input.chip, '/chip').code }),
      () => checkCounts(input),
      () => checkPrices(input, rates),
      () => ({ termDiscounts: checkDiscounts(input.termDiscounts ?? []) }),
      () => checkWindow(input),
      () => checkLengths(input),
      () => ({
        nodes: input.nodes,
        gpusPerNode: input.gpusPerNode,
        interconnect: input.interconnect ?? 'pcie',
        interconnectGbps: input.interconnectGbps ?? null,
        cpu: input.cpu == null ? null : String(input.cpu),
        ramGib: input.ramGib ?? null,
        storageGib: input.storageGib ?? null,
        workloads: input.workloads ?? [...WORKLOADS],
      }),
    ],
    errors,
  );
  return { terms, errors };
}

/** @throws AppError 422 naming every wrong field. */
export function requireTerms(input: TermsInput, rates: Rates): ListingTerms {
  const { terms, errors } = checkTerms(input, rates);
  const [first] = errors;
  if (first)
    throw new AppError('invalid', 'validation', `${first.pointer} ${first.detail}`, { fields: errors });
  return terms;
}

const priceInput = (micros: bigint, currency: string, per: PriceUnit): PriceInput => ({
  amount: formatMicros(micros),
  currency,
  per,
});

/** A listing as its operator would say it, for editing. What was at its default follows what the default depends on. */
export function inputOf(listing: Listing): TermsInput {
  const { availableFrom, availableUntil } = listing;
  const totalGpus = listing.nodes * listing.gpusPerNode;
  const wholeNodes = listing.gpuIncrement === listing.gpusPerNode && listing.gpuIncrement > 1;
  return {
    chip: listing.chipCode,
    nodes: listing.nodes,
    gpusPerNode: listing.gpusPerNode,
    gpuIncrement: wholeNodes ? undefined : listing.gpuIncrement,
    interconnect: listing.interconnect,
    interconnectGbps: listing.interconnectGbps,
    cpu: listing.cpu,
    ramGib: listing.ramGib,
    storageGib: listing.storageGib,
    workloads: listing.workloads,
    price: priceInput(listing.priceMicros, listing.priceCurrency, listing.pricePer),
    floorPrice:
      listing.floorPriceMicros === null
        ? null
        : priceInput(listing.floorPriceMicros, listing.floorPriceCurrency!, listing.floorPricePer!),
    termDiscounts: listing.termDiscounts,
    availableFrom: availableFrom === null ? null : isoMinute(availableFrom),
    availableUntil: availableUntil === null ? null : isoMinute(availableUntil),
    minHours: listing.minMinutes / MINUTES_PER_HOUR,
    maxHours: listing.maxMinutes === null ? null : listing.maxMinutes / MINUTES_PER_HOUR,
    minGpus: listing.minGpus === listing.gpuIncrement ? undefined : listing.minGpus,
    maxGpus: listing.maxGpus === totalGpus ? undefined : listing.maxGpus,
  };
}

/**
 * A listing's terms with a change laid over them. A whole-node listing stays one when only the size of its nodes
 * changes.
 */
export function editedInput(listing: Listing, change: Partial<TermsInput>): TermsInput {
  const before = inputOf(listing);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const edited: TermsInput = { ...before, ...given };
  return { ...edited, gpuIncrement: edited.gpuIncrement ?? edited.gpusPerNode };
}
