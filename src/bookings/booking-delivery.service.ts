import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { expired } from '../kernel/errors.js';
import { dateOf } from '../kernel/period.js';
import { release } from '../listings/allocation/allocate.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { BookingLine } from './booking-line.entity.js';
import { earnedOnFailure } from './booking-money.js';
import { viewOf } from './booking-parts.query.js';
import { BookingSettlement } from './booking-settlement.js';
import { BookingTransitions } from './booking-transitions.js';
import type { DeliverBookingDto, FailBookingDto } from './booking.dto.js';
import type { Booking } from './booking.entity.js';
import { assertMayChange, nextBookingState } from './booking.states.js';
import type { BookingView } from './booking.view.js';
import { checkedEndpoints } from './endpoints.js';

/** The operator hands access over, or says that it cannot. */
@Injectable()
export class BookingDeliveryService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly transitions: BookingTransitions,
    private readonly settlement: BookingSettlement,
  ) {}

  /**
   * Hands a confirmed booking over, before its start or after; on an active one, replaces the endpoints (redeliver).
   * @throws AppError 404; 422 naming an endpoint; 409 `illegal-transition`; 409 `expired` past the deadline or the end.
   */
  async deliver(actor: Actor, call: Call, id: string, dto: DeliverBookingDto): Promise<BookingView> {
    const endpoints = checkedEndpoints(dto.endpoints);
    return this.transactions.once(call, async (tx) => {
      const booking = await this.transitions.lock(tx, id, actor.organizationId, 'operator');
      const again = booking.state === 'active';
      if (again) assertMayChange('redeliver', booking.state);
      else nextBookingState('deliver', booking.state);
      const now = this.clock.now();
      if (booking.dueAt === null || booking.dueAt <= now) throw expired('booking');
      if (again) await this.transitions.change(tx, booking, { endpoints });
      else await this.handOver(tx, booking, { endpoints, deliveredAt: now });
      await this.transitions.announce(tx, booking, again ? 'redelivered' : 'active');
      return viewOf(tx, booking, 'operator');
    });
  }

  /**
   * Gives up a booking: everything goes back to the buyer, but for what an active one has delivered.
   * @throws AppError 404; 409 `illegal-transition`; 409 `expired` when the window is over.
   */
  async fail(actor: Actor, call: Call, id: string, dto: FailBookingDto): Promise<BookingView> {
    return this.transactions.once(call, async (tx) => {
      const booking = await this.transitions.lock(tx, id, actor.organizationId, 'operator');
      nextBookingState('fail', booking.state);
      if (dateOf(booking.end) <= this.clock.now()) throw expired('booking');
      await this.failNow(tx, booking, dto.reason);
      return viewOf(tx, booking, 'operator');
    });
  }

  /** Fails a locked booking, by the operator's word or because its delivery is overdue. */
  async failNow(tx: EntityManager, booking: Booking, stateReason: string): Promise<void> {
    const now = this.clock.now();
    const { totalMicros, start, end } = booking;
    const lines = await tx.findBy(BookingLine, { bookingId: booking.id });
    const delivered = booking.deliveredAt !== null;
    const earned = earnedOnFailure({ lines, period: { start, end }, totalMicros, delivered, now });
    const refundMicros = totalMicros - earned - booking.refundedMicros;
    await release(tx, booking.id);
    const money = await this.settlement.settle(tx, booking, refundMicros, 'fail');
    await this.transitions.move(tx, booking, 'fail', { ...money, stateReason, endedAt: now, dueAt: null });
    await this.transitions.announce(tx, booking);
  }

  private async handOver(
    tx: EntityManager,
    booking: Booking,
    fields: Pick<Booking, 'endpoints' | 'deliveredAt'>,
  ): Promise<void> {
    await this.transitions.move(tx, booking, 'deliver', { ...fields, dueAt: dateOf(booking.end) });
  }
}
