import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { isoInstant, isoMinute } from '../kernel/period.js';
import { MoneyDto } from '../platform/http/fields.js';
import { withVersion } from '../platform/http/version.js';
import { feeOn, remaining } from './booking-money.js';
import type { Booking } from './booking.entity.js';
import type { BookingPart } from './booking-parts.query.js';
import { BOOKING_STATES, type BookingState, GIVEN_BACK } from './booking.states.js';

const MONEY = { type: MoneyDto } as const;

const INSTANT = { type: String, format: 'date-time' } as const;
const INSTANT_OR_NULL = { ...INSTANT, nullable: true } as const;

export class AllocationView {
  @ApiProperty({ format: 'uuid' })
  listingId: string;
  @ApiProperty()
  gpus: number;
  @ApiProperty({
    type: [Number],
    description: 'numbers of the listing’s GPUs; empty once they are given back',
  })
  gpuNumbers: number[];
}

export class EndpointView {
  @ApiProperty()
  host: string;
  @ApiProperty()
  port: number;
  @ApiProperty()
  user: string;
}

export class BookingView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: BOOKING_STATES })
  state: BookingState;
  @ApiProperty({ type: String, nullable: true })
  stateReason: string | null;
  @ApiProperty({ format: 'uuid', description: 'the buyer' })
  organizationId: string;
  @ApiProperty({ format: 'uuid' })
  operatorId: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  requestId: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  matchId: string | null;
  @ApiProperty({ type: [AllocationView] })
  allocations: AllocationView[];
  @ApiProperty(INSTANT)
  start: string;
  @ApiProperty(INSTANT)
  end: string;
  @ApiProperty({ ...MONEY, description: 'locked at the hold; of several listings their mean by GPUs' })
  pricePerGpuHour: MoneyView;
  @ApiProperty(MONEY)
  total: MoneyView;
  @ApiProperty({ ...MONEY, description: 'what has gone back to the buyer' })
  refunded: MoneyView;
  @ApiProperty({
    ...MONEY,
    required: false,
    description: 'operator and admin only: the platform’s fee; an estimate until the booking has ended',
  })
  fee?: MoneyView;
  @ApiProperty({
    ...MONEY,
    required: false,
    description: 'operator and admin only: what has been earned, net of the fee',
  })
  released?: MoneyView;
  @ApiProperty({ type: [String] })
  sshPublicKeys: string[];
  @ApiProperty({ type: [EndpointView], description: 'where the buyer logs in; empty before delivery' })
  endpoints: EndpointView[];
  @ApiProperty({ ...INSTANT_OR_NULL, description: 'when the hold ends unless it is paid' })
  expiresAt: string | null;
  @ApiProperty(INSTANT_OR_NULL)
  confirmedAt: string | null;
  @ApiProperty({ ...INSTANT_OR_NULL, description: 'until when the operator may deliver a confirmed booking' })
  deliverBy: string | null;
  @ApiProperty({ description: 'whether the operator has handed the GPUs over' })
  delivered: boolean;
  @ApiProperty(INSTANT_OR_NULL)
  deliveredAt: string | null;
  @ApiProperty(INSTANT_OR_NULL)
  endedAt: string | null;
  @ApiProperty(INSTANT)
  createdAt: string;
  @ApiProperty(INSTANT)
  updatedAt: string;
}

export class BookingPage {
  @ApiProperty({ type: [BookingView] })
  data: BookingView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

/** What ending a booking now would do with its money. */
export class EndPreviewView {
  @ApiProperty({ format: 'uuid' })
  bookingId: string;
  @ApiProperty({ enum: ['cancel', 'terminate'] })
  action: 'cancel' | 'terminate';
  @ApiProperty({ ...MONEY, description: 'goes back to the buyer’s wallet' })
  refund: MoneyView;
  @ApiProperty({ ...MONEY, description: 'stays with the operator, before the fee' })
  retained: MoneyView;
  @ApiProperty({ ...INSTANT, description: 'the moment this was computed for' })
  at: string;
}

const instantOrNull = (date: Date | null): string | null => (date === null ? null : isoInstant(date));

/** The fee taken, or while escrow still holds money the fee that its release would cost. */
const feeOf = (booking: Booking): bigint =>
  booking.endedAt === null
    ? booking.feeMicros + feeOn(remaining(booking), booking.feeBps)
    : booking.feeMicros;

function operatorMoney(booking: Booking): Pick<BookingView, 'fee' | 'released'> {
  return {
    fee: moneyView(feeOf(booking), booking.currency),
    released: moneyView(booking.releasedMicros, booking.currency),
  };
}

/**
 * A booking as one of its parties sees it.
 * @param viewer 'buyer', or 'operator' (and the platform's admins), who also see the fee.
 */
export function bookingView(
  booking: Booking,
  parts: readonly BookingPart[],
  viewer: 'buyer' | 'operator',
): BookingView {
  const { currency } = booking;
  const givenBack = GIVEN_BACK.includes(booking.state);
  const view: BookingView = {
    id: booking.id,
    state: booking.state,
    stateReason: booking.stateReason,
    organizationId: booking.organizationId,
    operatorId: booking.operatorId,
    requestId: booking.requestId,
    matchId: booking.matchId,
    allocations: parts.map((part) => ({
      listingId: part.listingId,
      gpus: part.gpus,
      gpuNumbers: givenBack ? [] : part.gpuNumbers,
    })),
    start: isoMinute(booking.start),
    end: isoMinute(booking.end),
    pricePerGpuHour: moneyView(booking.rateMicros, currency),
    total: moneyView(booking.totalMicros, currency),
    refunded: moneyView(booking.refundedMicros, currency),
    ...(viewer === 'operator' ? operatorMoney(booking) : {}),
    sshPublicKeys: booking.sshPublicKeys,
    endpoints: booking.endpoints ?? [],
    expiresAt: instantOrNull(booking.expiresAt),
    confirmedAt: instantOrNull(booking.confirmedAt),
    deliverBy: booking.state === 'confirmed' ? instantOrNull(booking.dueAt) : null,
    delivered: booking.deliveredAt !== null,
    deliveredAt: instantOrNull(booking.deliveredAt),
    endedAt: instantOrNull(booking.endedAt),
    createdAt: isoInstant(booking.createdAt),
    updatedAt: isoInstant(booking.updatedAt),
  };
  return withVersion(view, booking.version);
}
