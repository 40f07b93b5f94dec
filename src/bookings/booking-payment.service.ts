import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { expired } from '../kernel/errors.js';
import { type Minute, type Period, dateOf, minuteOf, minutesOfHours } from '../kernel/period.js';
import { charge } from '../kernel/rate.js';
import { extend } from '../listings/allocation/allocate.js';
import { Listing } from '../listings/listing.entity.js';
import { RequestsService } from '../matching/requests.service.js';
import { EscrowService } from '../payments/escrow.service.js';
import { PoliciesService } from '../payments/policies.service.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { BookingLine } from './booking-line.entity.js';
import { assertChargeable, deliveryDeadline } from './booking-money.js';
import { viewOf } from './booking-parts.query.js';
import { EXTENSIBLE_LISTINGS, assertExtensible, listingNotAvailable } from './booking-terms.js';
import { BookingTransitions } from './booking-transitions.js';
import type { ExtendBookingDto } from './booking.dto.js';
import { Booking } from './booking.entity.js';
import { assertMayChange, nextBookingState } from './booking.states.js';
import type { BookingView } from './booking.view.js';

/** The buyer pays: for what it holds, and for more time. */
@Injectable()
export class BookingPaymentService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly policies: PoliciesService,
    private readonly escrow: EscrowService,
    private readonly requests: RequestsService,
    private readonly transitions: BookingTransitions,
  ) {}

  /**
   * Pays a hold from the wallet into escrow.
   * @throws AppError 404; 409 `illegal-transition`; 409 `expired`; 402 `insufficient-funds`, and the booking is still
   * held.
   */
  async confirm(actor: Actor, call: Call, id: string): Promise<BookingView> {
    return this.transactions.once(call, async (tx) => {
      const booking = await this.transitions.lock(tx, id, actor.organizationId, 'buyer');
      nextBookingState('confirm', booking.state);
      const now = this.clock.now();
      if (booking.expiresAt! <= now || dateOf(booking.end) <= now) throw expired('hold');
      const { deliveryGraceSeconds } = await this.policies.at(booking.policyVersion, tx);
      await this.transitions.move(tx, booking, 'confirm', {
        confirmedAt: now,
        dueAt: deliveryDeadline(booking.start, booking.end, now, deliveryGraceSeconds),
      });
      const { organizationId, requestId, totalMicros: amountMicros } = booking;
      if (requestId !== null) await this.requests.fulfil(tx, organizationId, requestId);
      await this.escrow.hold(tx, { bookingId: id, organizationId, amountMicros });
      await this.transitions.announce(tx, booking);
      return viewOf(tx, booking, 'buyer');
    });
  }

  /**
   * Keeps the same GPUs for longer, at the price they were booked at, paid at once.
   * @throws AppError 404; 422 `/hours`; 409 `illegal-transition`, `expired`, `listing-not-available` or
   * `insufficient-capacity`; 402 `insufficient-funds`. Any of them leaves all as it was.
   */
  async extend(actor: Actor, call: Call, id: string, dto: ExtendBookingDto): Promise<BookingView> {
    const minutes = minutesOfHours(dto.hours, '/hours');
    return this.transactions.once(call, async (tx) => {
      const booking = await this.transitions.lock(tx, id, actor.organizationId, 'buyer');
      assertMayChange('extend', booking.state);
      const now = this.clock.now();
      if (booking.dueAt === null || booking.dueAt <= now) throw expired('booking');
      const lines = await tx.find(BookingLine, { where: { bookingId: id }, order: { listingId: 'asc' } });
      const period = { start: booking.start, end: booking.end + minutes };
      await this.assertListingsAllow(tx, lines, period);
      await extend(tx, id, period.end, minuteOf(now));
      const addedMicros = await this.chargeMinutes(tx, lines, minutes);
      assertChargeable(addedMicros, '/hours');
      await this.escrow.hold(tx, {
        bookingId: id,
        organizationId: booking.organizationId,
        amountMicros: addedMicros,
        reference: `booking:${id}:extend:${booking.version}`,
      });
      await this.transitions.change(tx, booking, {
        end: period.end,
        totalMicros: booking.totalMicros + addedMicros,
        dueAt: await this.dueAt(tx, booking, period.end),
      });
      await this.transitions.announce(tx, booking, 'extended');
      return viewOf(tx, booking, 'buyer');
    });
  }

  /** The listings still sell to whoever is in them, and their terms allow the longer window. */
  private async assertListingsAllow(
    tx: EntityManager,
    lines: readonly BookingLine[],
    period: Period,
  ): Promise<void> {
    const listings = await tx.findBy(Listing, { id: In(lines.map((line) => line.listingId)) });
    for (const listing of listings) {
      if (!EXTENSIBLE_LISTINGS.includes(listing.state)) {
        throw listingNotAvailable(
          listing,
          `This listing is ${listing.state}; its bookings cannot be extended.`,
        );
      }
      assertExtensible(listing, period);
    }
  }

  /** Adds the price of `minutes` more to each line. @returns the sum. */
  private async chargeMinutes(
    tx: EntityManager,
    lines: readonly BookingLine[],
    minutes: number,
  ): Promise<bigint> {
    let addedMicros = 0n;
    for (const line of lines) {
      const added = charge(line.rateMicros, line.gpus, minutes);
      const { bookingId, organizationId, listingId } = line;
      await tx.update(
        BookingLine,
        { bookingId, organizationId, listingId },
        { totalMicros: line.totalMicros + added },
      );
      addedMicros += added;
    }
    return addedMicros;
  }

  /** A running booking ends later; the operator's time to deliver never grows beyond its grace. */
  private async dueAt(tx: EntityManager, booking: Booking, end: Minute): Promise<Date> {
    if (booking.state === 'active') return dateOf(end);
    const { deliveryGraceSeconds } = await this.policies.at(booking.policyVersion, tx);
    return deliveryDeadline(booking.start, end, booking.confirmedAt!, deliveryGraceSeconds);
  }
}
