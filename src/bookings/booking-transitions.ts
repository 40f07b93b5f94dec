import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { conflict, notFound } from '../kernel/errors.js';
import { isoMinute } from '../kernel/period.js';
import { Clock } from '../platform/clock.js';
import { AppMetrics } from '../platform/ops/metrics.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { Booking } from './booking.entity.js';
import { type BookingAction, nextBookingState } from './booking.states.js';

/** In which role an organisation looks at a booking. */
export type Party = 'buyer' | 'operator';

/** What a move may set besides the state. */
export type BookingFields = Partial<
  Omit<Booking, 'id' | 'organizationId' | 'operatorId' | 'state' | 'version' | 'updatedAt'>
>;

/**
 * The only writer of a booking's state. Whoever moves a booking locks its row first, then allocations and listings,
 * then ledger accounts, so that no two of them wait for each other. Rows are locked `for no key update`: foreign keys
 * of others pass.
 */
@Injectable()
export class BookingTransitions {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly metrics: AppMetrics,
  ) {}

  /**
   * The booking, locked until the transaction ends.
   * @throws AppError 404 when the organisation is not that party of it.
   */
  async lock(tx: EntityManager, id: string, organizationId: string, party: Party): Promise<Booking> {
    const booking = await tx.findOne(Booking, {
      where: party === 'buyer' ? { id, organizationId } : { id, operatorId: organizationId },
      lock: { mode: 'for_no_key_update' },
    });
    if (!booking) throw notFound('booking');
    return booking;
  }

  /**
   * Moves a locked booking by the table, in SQL only from the state it was read in; `booking` becomes what was written.
   * @throws AppError 409 `illegal-transition`.
   */
  async move(
    tx: EntityManager,
    booking: Booking,
    action: BookingAction,
    fields: BookingFields = {},
  ): Promise<void> {
    await this.write(tx, booking, { ...fields, state: nextBookingState(action, booking.state) });
  }

  /** Changes a locked booking and leaves its state. */
  async change(tx: EntityManager, booking: Booking, fields: BookingFields): Promise<void> {
    await this.write(tx, booking, fields);
  }

  /** Tells both parties, and counts: the last step of a use case, when nothing can be refused any more. */
  async announce(tx: EntityManager, booking: Booking, name: string = booking.state): Promise<void> {
    await this.outbox.add(tx, {
      name: `booking.${name}`,
      organizationIds: [booking.organizationId, booking.operatorId],
      payload: {
        bookingId: booking.id,
        state: booking.state,
        stateReason: booking.stateReason,
        organizationId: booking.organizationId,
        operatorId: booking.operatorId,
        start: isoMinute(booking.start),
        end: isoMinute(booking.end),
        version: booking.version,
      },
    });
    if (name === booking.state) this.metrics.bookings.inc({ state: booking.state });
  }

  private async write(
    tx: EntityManager,
    booking: Booking,
    fields: BookingFields & { state?: Booking['state'] },
  ): Promise<void> {
    const values = { ...fields, version: booking.version + 1, updatedAt: this.clock.now() };
    const { id, organizationId, state } = booking;
    const { affected } = await tx.update(Booking, { id, organizationId, state }, values);
    if (affected !== 1)
      throw conflict('illegal-transition', `This booking is no longer ${state}.`, { state });
    Object.assign(booking, values);
  }
}
