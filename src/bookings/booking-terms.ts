import { AppError, type FieldError, conflict, invalid } from '../kernel/errors.js';
import {
  MINUTES_PER_DAY,
  MINUTES_PER_HOUR,
  type Minute,
  type Period,
  isoMinute,
  lengthMinutes,
  minuteOf,
  minutesOfHours,
  parseMinute,
} from '../kernel/period.js';
import type { Listing } from '../listings/listing.entity.js';
import type { ListingState } from '../listings/listing.states.js';
import type { CreateBookingDto } from './booking.dto.js';

/** A start this many minutes ago is still "now": the call took its time. */
const PAST_TOLERANCE_MINUTES = 1;
const MAX_DAYS_AHEAD = 2 * 365;

/** A paused listing sells nothing new, but whoever is in it may stay. */
export const EXTENSIBLE_LISTINGS: readonly ListingState[] = ['active', 'paused'];

/** The two ways to ask for a booking. */
export type BookingForm =
  { kind: 'match'; matchId: string } | { kind: 'listing'; listingId: string; gpus: number; period: Period };

const LISTING_FIELDS = ['listingId', 'gpus', 'start', 'hours'] as const;

const refuse = (fields: FieldError[]): AppError =>
  new AppError('invalid', 'validation', `${fields[0]!.pointer} ${fields[0]!.detail}`, { fields });

/**
 * Which of the two forms a body has.
 * @throws AppError 422 naming what is missing or too much.
 */
export function bookingForm(dto: CreateBookingDto): BookingForm {
  const given = LISTING_FIELDS.filter((name) => dto[name] !== undefined);
  if (dto.matchId !== undefined) {
    if (given.length === 0) return { kind: 'match', matchId: dto.matchId.toLowerCase() };
    throw refuse(
      given.map((name) => ({ pointer: `/${name}`, detail: 'must be absent where matchId is given' })),
    );
  }
  const { listingId, gpus, start, hours } = dto;
  if (listingId === undefined || gpus === undefined || start === undefined || hours === undefined) {
    const missing = LISTING_FIELDS.filter((name) => dto[name] === undefined);
    const detail = 'is required where matchId is not given';
    throw refuse(missing.map((name) => ({ pointer: `/${name}`, detail })));
  }
  const from = parseMinute(start, '/start');
  return {
    kind: 'listing',
    listingId: listingId.toLowerCase(),
    gpus,
    period: { start: from, end: from + minutesOfHours(hours, '/hours') },
  };
}

const hoursOf = (minutes: number): number => Number((minutes / MINUTES_PER_HOUR).toFixed(4));

function gpuErrors(listing: Listing, gpus: number): FieldError[] {
  const pointer = '/gpus';
  if (gpus < listing.minGpus) return [{ pointer, detail: `must be at least ${listing.minGpus}` }];
  if (gpus > listing.maxGpus) return [{ pointer, detail: `must be at most ${listing.maxGpus}` }];
  if (gpus % listing.gpuIncrement !== 0) {
    return [{ pointer, detail: `must be a multiple of ${listing.gpuIncrement}` }];
  }
  return [];
}

function lengthErrors(listing: Listing, minutes: number): FieldError[] {
  const pointer = '/hours';
  if (minutes < listing.minMinutes)
    return [{ pointer, detail: `must be at least ${hoursOf(listing.minMinutes)}` }];
  if (listing.maxMinutes !== null && minutes > listing.maxMinutes) {
    return [{ pointer, detail: `must be at most ${hoursOf(listing.maxMinutes)}` }];
  }
  return [];
}

function windowErrors(listing: Listing, period: Period): FieldError[] {
  const { availableFrom, availableUntil } = listing;
  if (availableFrom !== null && period.start < availableFrom) {
    return [{ pointer: '/start', detail: `is before the listing is available, ${isoMinute(availableFrom)}` }];
  }
  if (availableUntil !== null && period.end > availableUntil) {
    return [{ pointer: '/hours', detail: `reaches beyond the listing's end, ${isoMinute(availableUntil)}` }];
  }
  return [];
}

/** @throws AppError 422 `/start` for a start in the past or more than two years ahead. */
export function assertStartable(start: Minute, now: Date): void {
  const current = minuteOf(now);
  if (start < current - PAST_TOLERANCE_MINUTES) throw invalid('/start', 'must not be in the past');
  if (start > current + MAX_DAYS_AHEAD * MINUTES_PER_DAY) throw invalid('/start', 'must be within two years');
}

/** What the listing's terms have against `gpus` GPUs in `period`; empty when they allow it. */
export const termErrors = (listing: Listing, gpus: number, period: Period): FieldError[] => [
  ...gpuErrors(listing, gpus),
  ...lengthErrors(listing, lengthMinutes(period)),
  ...windowErrors(listing, period),
];

/** @throws AppError 422 naming each term that is not met. */
export function assertTerms(listing: Listing, gpus: number, period: Period): void {
  const errors = termErrors(listing, gpus, period);
  if (errors.length > 0) throw refuse(errors);
}

/**
 * For a booking that is made longer.
 * @throws AppError 422 `/hours` naming the term that the longer window does not meet.
 */
export function assertExtensible(listing: Listing, period: Period): void {
  const errors = [...lengthErrors(listing, lengthMinutes(period)), ...windowErrors(listing, period)];
  if (errors.length > 0) throw refuse(errors.map((error) => ({ ...error, pointer: '/hours' })));
}

/** 409: the listing is not for sale, or not on these terms any more. */
export const listingNotAvailable = (listing: Pick<Listing, 'id'>, why: string): AppError =>
  conflict('listing-not-available', why, { listingId: listing.id });
