import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager, InsertQueryBuilder, ObjectLiteral } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { AppError, conflict, invalid } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { lengthMinutes } from '../kernel/period.js';
import { charge } from '../kernel/rate.js';
import { allocate } from '../listings/allocation/allocate.js';
import { freeSeats } from '../listings/allocation/calendar.js';
import { PoliciesService } from '../payments/policies.service.js';
import type { Policy } from '../payments/policy.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { BookingExpiry } from './booking-expiry.js';
import { BookingLine } from './booking-line.entity.js';
import { assertChargeable, meanRate } from './booking-money.js';
import type { BookingPart } from './booking-parts.query.js';
import { BookingPlans, type Plan, type PlanLine } from './booking-plans.js';
import { bookingForm, listingNotAvailable } from './booking-terms.js';
import { BookingTransitions } from './booking-transitions.js';
import type { CreateBookingDto } from './booking.dto.js';
import { Booking } from './booking.entity.js';
import { type BookingView, bookingView } from './booking.view.js';
import { publicKeyLines } from './ssh-key.js';

/** How many unpaid holds an organisation may have at once, times `RATE_LIMIT_SCALE`. */
const MAX_HOLDS = 100;

/** More holds of one buyer than this are never being made at the same moment. */
const MOST_AT_ONCE = 50;

/** A buyer takes GPUs off the market for a few minutes, to pay or to let go. */
@Injectable()
export class BookingHoldService {
  constructor(
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly policies: PoliciesService,
    private readonly plans: BookingPlans,
    private readonly expiry: BookingExpiry,
    private readonly transitions: BookingTransitions,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /**
   * Takes the GPUs of a match, or of a listing's window, at the price of now; all of them or none.
   * @throws AppError 422 naming what the listing's terms do not allow; 404 for an unknown listing or match; 403
   * `own-listing`; 409 `listing-not-available`, `expired` (the match), `too-many-holds`, or `insufficient-capacity`
   * with the member `freeGpus`: how many one order could still get of the listing in the window.
   */
  async hold(actor: Actor, call: Call, dto: CreateBookingDto): Promise<BookingView> {
    if (dto.voucherCode !== undefined) throw invalid('/voucherCode', 'vouchers are not accepted yet');
    const form = bookingForm(dto);
    const sshPublicKeys = publicKeyLines(dto.sshPublicKeys ?? []);
    const policy = await this.policies.current();
    return this.transactions.once(call, async (tx) => {
      const now = this.clock.now();
      await this.assertMayHold(tx, actor.organizationId, now);
      const plan = await this.plans.of(tx, actor.organizationId, form, now);
      await this.expiry.ofListings(
        tx,
        plan.lines.map((line) => line.listing.id),
      );
      const booking = this.heldBooking(actor, plan, policy, sshPublicKeys, now);
      await this.insert(tx, booking, plan);
      const parts = await this.allocate(tx, booking, plan, now);
      await this.transitions.announce(tx, booking);
      return bookingView(booking, parts, 'buyer');
    });
  }

  /** Near the limit callers take turns, so that it is exact; far below it nobody waits. */
  private async assertMayHold(tx: EntityManager, organizationId: string, now: Date): Promise<void> {
    const limit = Math.max(1, Math.floor(MAX_HOLDS * this.config.rateLimitScale));
    if ((await this.holdsOf(tx, organizationId, now)) + MOST_AT_ONCE < limit) return;
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`holds:${organizationId}`]);
    if ((await this.holdsOf(tx, organizationId, now)) < limit) return;
    throw conflict(
      'too-many-holds',
      `An organization may have ${limit} unpaid holds at once; confirm or cancel some.`,
      {
        limit,
      },
    );
  }

  private async holdsOf(tx: EntityManager, organizationId: string, now: Date): Promise<number> {
    const [row] = await tx.query<[{ holds: number }]>(
      `select count(*)::int as holds from bookings where organization_id = $1 and state = 'held' and expires_at > $2`,
      [organizationId, now],
    );
    return row.holds;
  }

  private heldBooking(actor: Actor, plan: Plan, policy: Policy, sshPublicKeys: string[], now: Date): Booking {
    const minutes = lengthMinutes(plan.period);
    const totalMicros = plan.lines.reduce(
      (sum, line) => sum + charge(line.rateMicros, line.gpus, minutes),
      0n,
    );
    assertChargeable(totalMicros, plan.matchId === null ? '/hours' : '/matchId');
    const expiresAt = new Date(now.getTime() + policy.holdSeconds * 1000);
    return Object.assign(new Booking(), {
      id: newId(),
      organizationId: actor.organizationId,
      operatorId: plan.operatorId,
      createdBy: actor.userId,
      requestId: plan.requestId,
      matchId: plan.matchId,
      state: 'held',
      stateReason: null,
      start: plan.period.start,
      end: plan.period.end,
      currency: this.config.settlementCurrency,
      rateMicros: meanRate(plan.lines),
      totalMicros,
      feeBps: policy.feeBps,
      refundedMicros: 0n,
      releasedMicros: 0n,
      feeMicros: 0n,
      policyVersion: policy.version,
      sshPublicKeys,
      endpoints: null,
      expiresAt,
      confirmedAt: null,
      deliveredAt: null,
      endedAt: null,
      dueAt: expiresAt,
      version: 1,
      createdAt: now,
      updatedAt: now,
    } satisfies Booking);
  }

  private async insert(tx: EntityManager, booking: Booking, plan: Plan): Promise<void> {
    const minutes = lengthMinutes(plan.period);
    const lines = plan.lines.map(({ listing, gpus, rateMicros }) => ({
      bookingId: booking.id,
      organizationId: booking.organizationId,
      listingId: listing.id,
      gpus,
      rateMicros,
      totalMicros: charge(rateMicros, gpus, minutes),
    }));
    // All columns are given, so there is nothing to read back.
    const insert = (): InsertQueryBuilder<ObjectLiteral> =>
      tx.createQueryBuilder().insert().updateEntity(false);
    await insert().into(Booking).values(booking).execute();
    await insert().into(BookingLine).values(lines).execute();
  }

  /** In the order of listing ids, so that two bookings of the same listings never wait for each other in a circle. */
  private async allocate(tx: EntityManager, booking: Booking, plan: Plan, now: Date): Promise<BookingPart[]> {
    const parts: BookingPart[] = [];
    for (const line of plan.lines) {
      const gpuNumbers = await this.take(tx, booking, line, now);
      parts.push({ listingId: line.listing.id, gpus: line.gpus, rateMicros: line.rateMicros, gpuNumbers });
    }
    return parts;
  }

  private async take(tx: EntityManager, booking: Booking, line: PlanLine, now: Date): Promise<number[]> {
    const { id: bookingId, organizationId, start, end } = booking;
    const { listing, gpus } = line;
    const period = { start, end };
    try {
      return await allocate(tx, { listingId: listing.id, bookingId, organizationId, gpus, period, now });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'listing-not-active') throw listingNotAvailable(listing, error.message);
      if (error.code !== 'insufficient-capacity') throw error;
      const freeGpus = await freeSeats(tx, listing.id, period);
      const detail = `Of ${gpus} GPUs asked for, ${freeGpus} are free for the whole window.`;
      throw conflict('insufficient-capacity', detail, { listingId: listing.id, gpus, freeGpus });
    }
  }
}
