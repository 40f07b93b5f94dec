import { MAX_MINUTE, MINUTES_PER_HOUR } from '../kernel/period.js';
import {
  Decimal,
  Flag,
  Instant,
  NestedList,
  OneOf,
  PageQuery,
  Text,
  TextList,
  Uuid,
  WholeNumber,
  fromQuery,
} from '../platform/http/fields.js';
import { BOOKING_STATES, type BookingState } from './booking.states.js';

/** The most GPUs of one booking: its view lists each by number. */
export const MAX_GPUS_PER_BOOKING = 16_384;

const MAX_HOURS = MAX_MINUTE / MINUTES_PER_HOUR;
const MAX_ENDPOINTS = 2_048;

export class CreateBookingDto {
  @Uuid({ optional: true, about: 'books the match as it was offered; instead of the four fields below' })
  matchId?: string;

  @Uuid({ optional: true, about: 'books a listing directly, with gpus, start and hours' })
  listingId?: string;

  @WholeNumber({ min: 1, max: MAX_GPUS_PER_BOOKING, optional: true })
  gpus?: number;

  @Instant({ optional: true, about: 'a whole minute, not in the past', example: '2027-03-01T00:00:00Z' })
  start?: string;

  @Decimal({
    min: 0,
    max: MAX_HOURS,
    optional: true,
    about: 'a decimal that makes whole minutes',
    example: 72,
  })
  hours?: number;

  @TextList({
    max: 20,
    maxLength: 16_384,
    optional: true,
    about: 'OpenSSH public keys that the operator lets in, a line each',
    example: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me'],
  })
  sshPublicKeys?: string[];

  @Text({ max: 64, optional: true, about: 'vouchers are not accepted yet' })
  voucherCode?: string;
}

export class ExtendBookingDto {
  @Decimal({ min: 0, max: MAX_HOURS, about: 'hours to add at the end, a decimal that makes whole minutes' })
  hours: number;
}

export class EndpointDto {
  @Text({ max: 253, about: 'host name or IP address', example: '203.0.113.10' })
  host: string;

  @WholeNumber({ min: 1, max: 65_535, example: 22 })
  port: number;

  @Text({ max: 32, pattern: /^[A-Za-z_][A-Za-z0-9_.-]*$/, example: 'ubuntu' })
  user: string;
}

export class DeliverBookingDto {
  @NestedList(() => EndpointDto, { min: 1, max: MAX_ENDPOINTS })
  endpoints: EndpointDto[];
}

export class FailBookingDto {
  @Text({ max: 500, about: 'why it cannot be delivered; the buyer sees it' })
  reason: string;
}

export class EndBookingQuery {
  @fromQuery.flag()
  @Flag({ optional: true, about: 'true: only say what ending it now would refund' })
  preview?: boolean;
}

export class BookingsQuery extends PageQuery {
  @fromQuery.list()
  @TextList({ max: BOOKING_STATES.length, values: BOOKING_STATES, optional: true })
  state?: BookingState[];

  @Instant({ optional: true, about: 'bookings whose window ends after this' })
  from?: string;

  @Instant({ optional: true, about: 'bookings whose window starts before this' })
  to?: string;

  @OneOf(['buyer', 'operator'], { optional: true, about: 'only bookings in which you are this party' })
  party?: 'buyer' | 'operator';
}
