import type { EntityManager } from 'typeorm';
import { newId } from '../kernel/id.js';
import { MINUTES_PER_HOUR, type Minute, dateOf, lengthMinutes, rangeLiteral } from '../kernel/period.js';
import { charge, discountedRate, shareOf } from '../kernel/rate.js';
import { EscrowService } from '../payments/escrow.service.js';
import { CASH_AT_BANK, walletOf } from '../payments/ledger/chart.js';
import { Ledger } from '../payments/ledger/ledger.service.js';
import { Clock } from '../platform/clock.js';
import type { ReadyConfig } from '../platform/platform.module.js';
import type { PlannedBooking, PlannedState } from './booking-plan.js';
import type { PlannedOrganization } from './plan.js';

const FEE_BPS = 500;
/** What the demonstration's buyer can still spend; the others get less. */
const SPARE_MICROS = 50_000_000_000n;

/** A clock that stands where it was put, for what happened in the past. */
class StandingClock extends Clock {
  at = new Date(0);

  override now(): Date {
    return this.at;
  }
}

/** A planned booking with its money. */
interface PricedBooking extends PlannedBooking {
  rateMicros: bigint;
  totalMicros: bigint;
  feeMicros: bigint;
  endedAt: Date | null;
}

const KEEPS_GPUS: readonly PlannedState[] = ['confirmed', 'active', 'completed'];

function price(booking: PlannedBooking): PricedBooking {
  const { listing, period, gpuNumbers, state } = booking;
  const minutes = lengthMinutes(period);
  const rateMicros = discountedRate(listing.rateMicros, listing.termDiscounts, minutes);
  const totalMicros = charge(rateMicros, gpuNumbers.length, minutes);
  return {
    ...booking,
    rateMicros,
    totalMicros,
    feeMicros: state === 'completed' ? shareOf(totalMicros, FEE_BPS) : 0n,
    endedAt: endOf(booking),
  };
}

/** Cancelled ten minutes after it was paid, failed half an hour after its start, else when its window is over. */
function endOf({ state, confirmedAt, period }: PlannedBooking): Date | null {
  if (state === 'cancelled') return new Date(confirmedAt.getTime() + 600_000);
  if (state === 'failed') return dateOf(period.start + MINUTES_PER_HOUR / 2);
  return state === 'completed' ? dateOf(period.end) : null;
}

/** Writes the past as it would have been: bookings, who held which GPUs, and every movement of money. */
export class DemoBookings {
  private readonly clock = new StandingClock();
  private readonly ledger = new Ledger(this.clock);
  private readonly escrow: EscrowService;

  constructor(
    private readonly tx: EntityManager,
    private readonly config: ReadyConfig,
  ) {
    this.escrow = new EscrowService(this.ledger, config);
  }

  async load(planned: readonly PlannedBooking[], buyers: readonly PlannedOrganization[]): Promise<void> {
    const bookings = planned.map(price);
    await this.insertBookings(bookings);
    await this.insertAllocations(bookings.filter(({ state }) => KEEPS_GPUS.includes(state)));
    await this.fillWallets(bookings, buyers);
    for (const { at, move } of this.movements(bookings)) {
      this.clock.at = at;
      await move();
    }
  }

  private async insertBookings(bookings: readonly PricedBooking[]): Promise<void> {
    await this.tx.query(
      `with item as (
         select * from jsonb_to_recordset($1) as item (
           id uuid, buyer uuid, operator uuid, listing uuid, gpus integer, state text, reason text,
           start_at timestamptz, end_at timestamptz, rate bigint, total bigint, refunded bigint, released bigint,
           fee bigint, endpoints jsonb, created timestamptz, confirmed timestamptz, delivered timestamptz,
           ended timestamptz, due timestamptz)
       ), booked as (
         insert into bookings (id, organization_id, operator_id, state, state_reason, start_at, end_at, currency,
           rate_micros, total_micros, fee_bps, refunded_micros, released_micros, fee_micros, policy_version, endpoints,
           expires_at, confirmed_at, delivered_at, ended_at, due_at, created_at, updated_at)
         select id, buyer, operator, state, reason, start_at, end_at, $2, rate, total, $3, refunded, released, fee, 1,
           endpoints, created + interval '15 minutes', confirmed, delivered, ended, due, created,
           coalesce(ended, delivered, confirmed)
         from item
       )
       insert into booking_lines (booking_id, organization_id, listing_id, gpus, rate_micros, total_micros)
       select id, buyer, listing, gpus, rate, total from item`,
      [JSON.stringify(bookings.map((booking) => this.row(booking))), this.config.settlementCurrency, FEE_BPS],
    );
  }

  private row(booking: PricedBooking): Record<string, unknown> {
    const { state, period, totalMicros, feeMicros } = booking;
    const refunded = state === 'cancelled' || state === 'failed' ? totalMicros : 0n;
    const delivered = state === 'active' || state === 'completed' ? dateOf(period.start) : null;
    const due: Partial<Record<PlannedState, Minute | null>> = {
      active: period.end,
      confirmed: period.start + 30,
    };
    const dueMinute = due[state] ?? null;
    return {
      id: booking.id,
      buyer: booking.buyer.id,
      operator: booking.listing.organizationId,
      listing: booking.listing.id,
      gpus: booking.gpuNumbers.length,
      state,
      reason:
        state === 'failed'
          ? 'a switch of the fabric failed'
          : state === 'cancelled'
            ? 'cancelled by buyer'
            : null,
      start_at: dateOf(period.start),
      end_at: dateOf(period.end),
      rate: booking.rateMicros.toString(),
      total: totalMicros.toString(),
      refunded: refunded.toString(),
      released: state === 'completed' ? (totalMicros - feeMicros).toString() : '0',
      fee: feeMicros.toString(),
      endpoints: delivered
        ? [{ host: `gpu-${booking.id.slice(-6)}.fallow.test`, port: 22, user: 'ubuntu' }]
        : null,
      created: booking.createdAt,
      confirmed: booking.confirmedAt,
      delivered,
      ended: booking.endedAt,
      due: dueMinute === null ? null : dateOf(dueMinute),
    };
  }

  private async insertAllocations(bookings: readonly PricedBooking[]): Promise<void> {
    await this.tx.query(
      `insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
       select listing, id, buyer, gpus, during, created from jsonb_to_recordset($1)
         as item (listing uuid, id uuid, buyer uuid, gpus int4multirange, during tstzrange, created timestamptz)`,
      [
        JSON.stringify(
          bookings.map((booking) => ({
            listing: booking.listing.id,
            id: booking.id,
            buyer: booking.buyer.id,
            gpus: `{${booking.gpuNumbers.map((gpu) => `[${gpu},${gpu + 1})`).join(',')}}`,
            during: rangeLiteral(booking.period),
            created: booking.createdAt,
          })),
        ),
      ],
    );
  }

  /** Each buyer has paid in what it booked, and something to spare. */
  private async fillWallets(
    bookings: readonly PricedBooking[],
    buyers: readonly PlannedOrganization[],
  ): Promise<void> {
    const currency = this.config.settlementCurrency;
    for (const [index, buyer] of buyers.entries()) {
      const spent = bookings
        .filter((booking) => booking.buyer.id === buyer.id)
        .reduce((sum, booking) => sum + booking.totalMicros, 0n);
      const amountMicros = spent + SPARE_MICROS / BigInt(index + 1);
      const id = newId();
      this.clock.at = new Date(buyer.createdAt.getTime() + 86_400_000);
      await this.tx.query(
        `insert into top_ups (id, organization_id, amount_micros, currency, method, reference, state, settled_at, created_at)
         values ($1, $2, $3, $4, 'bank_transfer', $5, 'settled', $6, $6)`,
        [
          id,
          buyer.id,
          amountMicros.toString(),
          currency,
          `FLW-DEMO-${String(index + 1).padStart(4, '0')}`,
          this.clock.at,
        ],
      );
      await this.ledger.post(this.tx, [
        {
          organizationId: buyer.id,
          kind: 'top_up',
          debit: CASH_AT_BANK,
          credit: walletOf(buyer.id),
          currency,
          amountMicros,
          reference: `top-up:${id}`,
        },
      ]);
    }
  }

  /** Every movement of escrow, in the order of time. */
  private movements(bookings: readonly PricedBooking[]): { at: Date; move: () => Promise<void> }[] {
    const movements = bookings.flatMap((booking) => {
      const { id: bookingId, totalMicros: amountMicros, confirmedAt, endedAt } = booking;
      const organizationId = booking.buyer.id;
      const hold = {
        at: confirmedAt,
        move: () => this.escrow.hold(this.tx, { bookingId, organizationId, amountMicros }),
      };
      if (endedAt === null) return [hold];
      return [hold, { at: endedAt, move: () => this.end(booking) }];
    });
    return movements.sort((a, b) => a.at.getTime() - b.at.getTime());
  }

  private async end(booking: PricedBooking): Promise<void> {
    const { id: bookingId, totalMicros: amountMicros, feeMicros, state } = booking;
    const reference = `booking:${bookingId}:${state}`;
    if (state === 'completed') {
      const operatorId = booking.listing.organizationId;
      await this.escrow.release(this.tx, { bookingId, operatorId, amountMicros, feeMicros, reference });
      return;
    }
    const organizationId = booking.buyer.id;
    await this.escrow.refund(this.tx, { bookingId, organizationId, amountMicros, reference });
  }
}
