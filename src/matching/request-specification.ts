/** From what a buyer wrote to what the engine is asked: names to codes, hours to minutes, money to micro-units. */
import { chipNamed, regionNamed } from '../listings/places-and-chips.js';
import { invalid } from '../kernel/errors.js';
import { parseMicros } from '../kernel/money.js';
import {
  MINUTES_PER_DAY,
  type Minute,
  dateOf,
  minuteOf,
  minutesOfHours,
  parseMinute,
} from '../kernel/period.js';
import { convert } from '../kernel/rate.js';
import type { MoneyDto } from '../platform/http/fields.js';
import type { EngineRequest, Origin } from './engine/market.js';
import { type CountriesDto, type CreateRequestDto, type LatencyDto, isCountryCode } from './matching.dto.js';

/** What is stored of a request: what was asked, with names resolved. */
export type RequestSpecification = Omit<CreateRequestDto, 'mode' | 'expiresAt'>;

/** How many matches a request is given. */
export const MATCH_LIMIT = 20;
/** Without a deadline a request is matched with starts in so many days. */
const DEFAULT_START_DAYS = 30;
/** No booking starts later than this. */
export const START_HORIZON_DAYS = 2 * 365;

/** Scaled settlement-currency units of one unit of a currency; throws 422 at the pointer for one without a rate. */
export type RateLookup = (currency: string, pointer: string) => bigint;

function settlementMicros(money: MoneyDto, pointer: string, rateOf: RateLookup): bigint {
  const micros = parseMicros(money.amount, `${pointer}/amount`);
  if (micros < 0n) throw invalid(`${pointer}/amount`, 'must not be negative');
  return convert(micros, rateOf(money.currency, `${pointer}/currency`));
}

const countryCodes = (codes: readonly string[] | undefined, pointer: string): string[] | undefined =>
  codes?.map((code, index) => {
    if (!isCountryCode(code)) throw invalid(`${pointer}/${index}`, 'is not an ISO 3166-1 alpha-2 code');
    return code.toUpperCase();
  });

function canonicalCountries(countries: CountriesDto | undefined): CountriesDto | undefined {
  return (
    countries && {
      allow: countryCodes(countries.allow, '/countries/allow'),
      deny: countryCodes(countries.deny, '/countries/deny'),
    }
  );
}

function canonicalLatency(latency: LatencyDto | undefined): LatencyDto | undefined {
  if (!latency) return undefined;
  const from = latency.from.map((origin, index) => ({
    ...origin,
    region: regionNamed(origin.region, `/latency/from/${index}/region`).code,
    weight: origin.weight ?? 1,
  }));
  const twice = from.findIndex(
    ({ region }, index) => from.findIndex((other) => other.region === region) < index,
  );
  if (twice >= 0) throw invalid(`/latency/from/${twice}/region`, 'is named twice');
  return { ...latency, from };
}

/**
 * What was asked, with every name resolved.
 * @throws AppError 422 naming the field that is wrong.
 */
export function specificationOf(dto: CreateRequestDto, now: Date): RequestSpecification {
  const { mode: _mode, expiresAt: _expiresAt, ...asked } = dto;
  const present = minuteOf(now);
  const start = dto.earliestStart === undefined ? present : parseMinute(dto.earliestStart, '/earliestStart');
  const minutes = minutesOfHours(dto.hours, '/hours');
  if (dto.deadline !== undefined) {
    const deadline = parseMinute(dto.deadline, '/deadline');
    if (deadline < Math.max(start, present) + minutes) {
      throw invalid(
        '/deadline',
        'leaves less time than hours asks for, counted from earliestStart or from now',
      );
    }
  }
  if (start > present + START_HORIZON_DAYS * MINUTES_PER_DAY) {
    throw invalid('/earliestStart', 'is more than two years ahead');
  }
  if (dto.gpusPerNode !== undefined && dto.gpus % dto.gpusPerNode !== 0) {
    throw invalid('/gpus', 'must be a multiple of gpusPerNode');
  }
  if (dto.split === 'multi_site' && dto.workload === 'training') {
    throw invalid('/split', 'multi_site is for inference; training runs at a single site');
  }
  return {
    ...asked,
    chips: dto.chips && [...new Set(dto.chips.map((name, index) => chipNamed(name, `/chips/${index}`).code))],
    latency: canonicalLatency(dto.latency),
    countries: canonicalCountries(dto.countries),
  };
}

/** When the last moment passes at which the request could start; null without a deadline. */
export function expiryOf({ deadline, hours }: RequestSpecification): Date | null {
  if (deadline === undefined) return null;
  return dateOf(parseMinute(deadline, '/deadline') - minutesOfHours(hours, '/hours') + 1);
}

function originsOf(latency: LatencyDto | undefined): Origin[] {
  const common = latency?.maxRttMs ?? null;
  return (latency?.from ?? []).map(({ region, weight, maxRttMs }, index) => {
    const bounds = [common, maxRttMs ?? null].filter((bound) => bound !== null);
    return {
      region,
      name: regionNamed(region, `/latency/from/${index}/region`).name,
      weight: weight ?? 1,
      maxRttMs: bounds.length > 0 ? Math.min(...bounds) : null,
    };
  });
}

function windowOf(specification: RequestSpecification, present: Minute) {
  const { earliestStart, deadline } = specification;
  const asked = earliestStart === undefined ? present : parseMinute(earliestStart, '/earliestStart');
  const minutes = minutesOfHours(specification.hours, '/hours');
  const start = Math.max(asked, present);
  return {
    minutes,
    now: present,
    earliestStart: start,
    deadline:
      deadline === undefined
        ? start + DEFAULT_START_DAYS * MINUTES_PER_DAY + minutes
        : parseMinute(deadline, '/deadline'),
    horizon: present + START_HORIZON_DAYS * MINUTES_PER_DAY,
  };
}

const setOrNull = (values: readonly string[] | undefined): ReadonlySet<string> | null =>
  values === undefined ? null : new Set(values);

/** The question to the engine that a stored request is at `now`. */
export function engineRequestOf(
  specification: RequestSpecification,
  organizationId: string,
  now: Date,
  rateOf: RateLookup,
): EngineRequest {
  const { latency, countries, maxPricePerGpuHour, delayCostPerHour } = specification;
  const money = (value: MoneyDto | undefined, pointer: string): bigint | null =>
    value === undefined ? null : settlementMicros(value, pointer, rateOf);
  return {
    ...windowOf(specification, minuteOf(now)),
    workload: specification.workload,
    gpus: specification.gpus,
    chips: setOrNull(specification.chips),
    vendor: null,
    minMemoryGib: specification.minMemoryGib ?? null,
    minBf16Tflops: specification.minBf16Tflops ?? null,
    gpusPerNode: specification.gpusPerNode ?? null,
    interconnect: specification.interconnect ?? null,
    minInterconnectGbps: specification.minInterconnectGbps ?? null,
    maxRateMicros: money(maxPricePerGpuHour, '/maxPricePerGpuHour'),
    regions: null,
    countriesAllowed: setOrNull(countries?.allow),
    countriesDenied: setOrNull(countries?.deny),
    minReliability: specification.minReliability ?? null,
    verified: specification.verified ?? false,
    origins: originsOf(latency),
    exceptOperatorId: organizationId,
    spread: specification.split === 'multi_site',
    targetRttMs: latency?.targetRttMs ?? null,
    msCostMicros: money(latency?.costPerMs, '/latency/costPerMs') ?? 0n,
    delayCostMicros: money(delayCostPerHour, '/delayCostPerHour') ?? 0n,
    limit: MATCH_LIMIT,
  };
}
