import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { notFound } from '../kernel/errors.js';
import { moneyView } from '../kernel/money.js';
import { isoInstant } from '../kernel/period.js';
import { release, shorten } from '../listings/allocation/allocate.js';
import { PoliciesService } from '../payments/policies.service.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { type BuyerEnding, type Ending, endingOf } from './booking-endings.js';
import { viewOf } from './booking-parts.query.js';
import { BookingSettlement } from './booking-settlement.js';
import { BookingTransitions } from './booking-transitions.js';
import { Booking } from './booking.entity.js';
import type { BookingView, EndPreviewView } from './booking.view.js';

const REASONS: Readonly<Record<BuyerEnding, string>> = {
  cancel: 'cancelled by buyer',
  terminate: 'terminated by buyer',
};

/** The buyer ends a booking: before it is delivered (cancel), or while it runs (terminate). */
@Injectable()
export class BookingEndingService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly policies: PoliciesService,
    private readonly transitions: BookingTransitions,
    private readonly settlement: BookingSettlement,
  ) {}

  /**
   * What ending the booking now would refund; changes nothing.
   * @throws AppError 404; 409 `illegal-transition` or `expired`, exactly when doing it would.
   */
  async preview(actor: Actor, id: string, action: BuyerEnding): Promise<EndPreviewView> {
    const { organizationId } = actor;
    const booking = await this.dataSource.manager.findOneBy(Booking, { id, organizationId });
    if (!booking) throw notFound('booking');
    const policy = await this.policies.at(booking.policyVersion);
    const now = this.clock.now();
    const ending = endingOf(action, booking, policy, now);
    return {
      bookingId: id,
      action,
      refund: moneyView(ending.refundMicros, booking.currency),
      retained: moneyView(ending.retainedMicros, booking.currency),
      at: isoInstant(now),
    };
  }

  /**
   * Ends the booking, gives its GPUs back and shares out its money.
   * @throws AppError 404; 409 `illegal-transition` or `expired`.
   */
  async end(actor: Actor, call: Call, id: string, action: BuyerEnding): Promise<BookingView> {
    return this.transactions.once(call, async (tx) => {
      const booking = await this.transitions.lock(tx, id, actor.organizationId, 'buyer');
      const policy = await this.policies.at(booking.policyVersion, tx);
      const now = this.clock.now();
      const ending = endingOf(action, booking, policy, now);
      await this.giveBack(tx, booking, ending);
      const paid = booking.state !== 'held';
      const money = paid ? await this.settlement.settle(tx, booking, ending.refundMicros, action) : {};
      await this.transitions.move(tx, booking, action, {
        ...money,
        ...(ending.shortenTo === null ? {} : { end: ending.shortenTo }),
        stateReason: REASONS[action],
        endedAt: now,
        dueAt: null,
      });
      await this.transitions.announce(tx, booking);
      return viewOf(tx, booking, 'buyer');
    });
  }

  private async giveBack(tx: EntityManager, booking: Booking, { shortenTo }: Ending): Promise<void> {
    if (shortenTo === null) await release(tx, booking.id);
    else if (shortenTo < booking.end) await shorten(tx, booking.id, shortenTo);
  }
}
