import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import { JobRegistry } from '../platform/jobs/jobs.js';
import { BookingDeliveryService } from './booking-delivery.service.js';
import { BookingExpiry } from './booking-expiry.js';
import { BookingSettlement } from './booking-settlement.js';
import { BookingTransitions } from './booking-transitions.js';
import { Booking } from './booking.entity.js';

const BATCH = 100;
/** A run ends after this many batches; the next one goes on. */
const MAX_BATCHES = 50;
const AT_ONCE = 4;

interface Due {
  id: string;
  due_at: Date;
}

/**
 * Moves bookings whose time has come: a hold expires, an overdue delivery fails with a full refund, a window that is
 * over is completed and paid out. Each in its own transaction, so that one that fails holds up no other.
 */
@Injectable()
export class BookingsDueJob implements OnModuleInit {
  private readonly logger = new Logger('Bookings');

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobRegistry,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly expiry: BookingExpiry,
    private readonly delivery: BookingDeliveryService,
    private readonly settlement: BookingSettlement,
    private readonly transitions: BookingTransitions,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'bookings:settle-due', everySeconds: 1, run: () => this.run() });
  }

  /** Settles what is due now, in the order in which it fell due. */
  async run(): Promise<void> {
    let last: Due | undefined;
    for (let batch = 0; batch < MAX_BATCHES; batch++) {
      const due = await this.dueAfter(last);
      for (let from = 0; from < due.length; from += AT_ONCE) {
        await Promise.all(due.slice(from, from + AT_ONCE).map(({ id }) => this.settle(id)));
      }
      last = due.at(-1);
      if (due.length < BATCH) return;
    }
  }

  /** Goes on from the last one seen, so that one that cannot be settled is passed over until the next run. */
  private dueAfter(last: Due | undefined): Promise<Due[]> {
    return this.dataSource.query<Due[]>(
      `select id, due_at from bookings
        where due_at <= $1 and (due_at, id) > (coalesce($2::timestamptz, '-infinity'), $3::uuid)
        order by due_at, id limit ${BATCH}`,
      [this.clock.now(), last?.due_at ?? null, last?.id ?? '00000000-0000-0000-0000-000000000000'],
    );
  }

  private async settle(id: string): Promise<void> {
    try {
      await this.transactions.run(async (tx) => {
        const booking = await this.take(tx, id);
        if (booking) await this.move(tx, booking);
      });
    } catch (error) {
      this.logger.error(`booking ${id}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  /** The booking, locked; undefined when someone else is moving it, or has. */
  private async take(tx: EntityManager, id: string): Promise<Booking | undefined> {
    const booking = await tx
      .createQueryBuilder(Booking, 'booking')
      .where('booking.id = :id and booking.dueAt <= :now', { id, now: this.clock.now() })
      .setLock('for_no_key_update')
      .setOnLocked('skip_locked')
      .getOne();
    return booking ?? undefined;
  }

  private async move(tx: EntityManager, booking: Booking): Promise<void> {
    if (booking.state === 'held') return this.expiry.expire(tx, booking);
    if (booking.state === 'confirmed') return this.delivery.failNow(tx, booking, 'not delivered in time');
    const money = await this.settlement.settle(tx, booking, 0n, 'complete');
    await this.transitions.move(tx, booking, 'complete', {
      ...money,
      endedAt: this.clock.now(),
      dueAt: null,
    });
    await this.transitions.announce(tx, booking);
  }
}
