import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { release } from '../listings/allocation/allocate.js';
import { Clock } from '../platform/clock.js';
import { BookingTransitions } from './booking-transitions.js';
import { Booking } from './booking.entity.js';

/** Ends holds whose time has run out, and frees what they held. */
@Injectable()
export class BookingExpiry {
  constructor(
    private readonly clock: Clock,
    private readonly transitions: BookingTransitions,
  ) {}

  /**
   * The stale holds on these listings: called before GPUs are taken, because the constraint still counts them. Another
   * caller that is expiring them is waited for, so that nobody is told "sold out" meanwhile.
   */
  async ofListings(tx: EntityManager, listingIds: readonly string[]): Promise<void> {
    const stale = await tx.query<{ id: string }[]>(
      `select b.id from bookings b
        where b.state = 'held' and b.due_at <= $2
          and exists (select from booking_lines l where l.booking_id = b.id and l.listing_id = any($1))
        order by b.id
          for no key update of b`,
      [listingIds, this.clock.now()],
    );
    if (stale.length === 0) return;
    const bookings = await tx.find(Booking, {
      where: { id: In(stale.map(({ id }) => id)) },
      order: { id: 'asc' },
    });
    for (const booking of bookings) await this.expire(tx, booking);
  }

  /** Ends one hold, whose row is locked. */
  async expire(tx: EntityManager, booking: Booking): Promise<void> {
    await release(tx, booking.id);
    const fields = { stateReason: 'not paid in time', endedAt: this.clock.now(), dueAt: null };
    await this.transitions.move(tx, booking, 'expire', fields);
    await this.transitions.announce(tx, booking);
  }
}
