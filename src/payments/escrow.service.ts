import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppError, conflict } from '../kernel/errors.js';
import { moneyView } from '../kernel/money.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { ESCROW, FEES, earningsOf, walletOf } from './ledger/chart.js';
import { BalanceExceeded, Ledger, type NewTransfer } from './ledger/ledger.service.js';

export interface Hold {
  bookingId: string;
  /** The buyer. */
  organizationId: string;
  amountMicros: bigint;
  /** `booking:<id>:hold` unless given; an extension names its own. */
  reference?: string;
}

export interface Release {
  bookingId: string;
  operatorId: string;
  /** What leaves escrow, fee included. */
  amountMicros: bigint;
  feeMicros: bigint;
  reference: string;
}

export interface Refund {
  bookingId: string;
  /** The buyer. */
  organizationId: string;
  amountMicros: bigint;
  reference: string;
}

/** How what a booking has in escrow is shared out when it ends. */
export interface EscrowSettlement {
  bookingId: string;
  /** The buyer. */
  organizationId: string;
  operatorId: string;
  refundMicros: bigint;
  /** What leaves escrow for the operator, fee included. */
  releaseMicros: bigint;
  feeMicros: bigint;
  /** Of the whole settlement; the refund's, release's and fee's references extend it. */
  reference: string;
}

/**
 * A booking's money between confirmation and settlement. Callers hold the booking's row lock, so that one settlement
 * of a booking is judged at a time. Every movement carries the buyer's organisation, whichever way it goes: so the
 * buyer's money in escrow is one sum. An amount of zero moves nothing.
 */
@Injectable()
export class EscrowService {
  constructor(
    private readonly ledger: Ledger,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /**
   * Wallet → escrow.
   * @throws AppError 402 `insufficient-funds` with members `available` and `required` (money).
   */
  async hold(tx: EntityManager, hold: Hold): Promise<void> {
    if (hold.amountMicros === 0n) return;
    const transfer: NewTransfer = {
      organizationId: hold.organizationId,
      kind: 'escrow_hold',
      debit: walletOf(hold.organizationId),
      credit: ESCROW,
      currency: this.config.settlementCurrency,
      amountMicros: hold.amountMicros,
      bookingId: hold.bookingId,
      reference: hold.reference ?? `booking:${hold.bookingId}:hold`,
    };
    try {
      await this.ledger.post(tx, [transfer]);
    } catch (error) {
      if (error instanceof BalanceExceeded && error.account.kind === 'wallet')
        throw this.insufficientFunds(error);
      throw error;
    }
  }

  /**
   * Escrow → the operator's earnings (less the fee) and the platform's fees, together.
   * @throws AppError 409 `escrow-exceeded` when the booking has less in escrow.
   */
  async release(tx: EntityManager, release: Release): Promise<void> {
    const { amountMicros, feeMicros, bookingId, reference } = release;
    if (feeMicros < 0n || feeMicros > amountMicros)
      throw new RangeError('a fee lies between 0 and the amount');
    if (amountMicros === 0n) return;
    const buyerId = await this.buyerOf(tx, bookingId, amountMicros);
    const common = {
      organizationId: buyerId,
      debit: ESCROW,
      currency: this.config.settlementCurrency,
      bookingId,
    } as const;
    const transfers: NewTransfer[] = [
      {
        ...common,
        kind: 'escrow_release',
        credit: earningsOf(release.operatorId),
        amountMicros: amountMicros - feeMicros,
        reference,
      },
      { ...common, kind: 'fee', credit: FEES, amountMicros: feeMicros, reference: `${reference}:fee` },
    ];
    await this.ledger.post(
      tx,
      transfers.filter((transfer) => transfer.amountMicros !== 0n),
    );
  }

  /**
   * Escrow → the buyer's wallet.
   * @throws AppError 409 `escrow-exceeded` when the booking has less in escrow.
   */
  async refund(tx: EntityManager, refund: Refund): Promise<void> {
    if (refund.amountMicros === 0n) return;
    await this.buyerOf(tx, refund.bookingId, refund.amountMicros);
    await this.ledger.post(tx, [
      {
        organizationId: refund.organizationId,
        kind: 'escrow_refund',
        debit: ESCROW,
        credit: walletOf(refund.organizationId),
        currency: this.config.settlementCurrency,
        amountMicros: refund.amountMicros,
        bookingId: refund.bookingId,
        reference: refund.reference,
      },
    ]);
  }

  /**
   * Refund, release and fee in one post: accounts are locked once, in the ledger's order, so that settlements of
   * different bookings never wait for each other in a circle.
   * @throws AppError 409 `escrow-exceeded` when the booking has less in escrow.
   */
  async settle(tx: EntityManager, settlement: EscrowSettlement): Promise<void> {
    const { bookingId, organizationId, operatorId, refundMicros, releaseMicros, feeMicros, reference } =
      settlement;
    if (refundMicros < 0n || feeMicros < 0n || feeMicros > releaseMicros) {
      throw new RangeError('a refund is not negative, and a fee lies between 0 and what is released');
    }
    if (refundMicros + releaseMicros === 0n) return;
    await this.buyerOf(tx, bookingId, refundMicros + releaseMicros);
    const common = {
      organizationId,
      debit: ESCROW,
      currency: this.config.settlementCurrency,
      bookingId,
    } as const;
    const transfers: NewTransfer[] = [
      {
        ...common,
        kind: 'escrow_refund',
        credit: walletOf(organizationId),
        amountMicros: refundMicros,
        reference: `${reference}:refund`,
      },
      {
        ...common,
        kind: 'escrow_release',
        credit: earningsOf(operatorId),
        amountMicros: releaseMicros - feeMicros,
        reference: `${reference}:release`,
      },
      { ...common, kind: 'fee', credit: FEES, amountMicros: feeMicros, reference: `${reference}:fee` },
    ];
    await this.ledger.post(
      tx,
      transfers.filter((transfer) => transfer.amountMicros !== 0n),
    );
  }

  /** What a booking still has in escrow, in micro-units. */
  async heldFor(tx: EntityManager, bookingId: string): Promise<bigint> {
    return (await this.escrowOf(tx, bookingId)).heldMicros;
  }

  /** Whose money a booking holds, once it is sure that it holds enough. */
  private async buyerOf(tx: EntityManager, bookingId: string, amountMicros: bigint): Promise<string> {
    const { buyerId, heldMicros } = await this.escrowOf(tx, bookingId);
    if (buyerId === null || heldMicros < amountMicros) {
      throw conflict('escrow-exceeded', 'The booking has less than this in escrow; nothing was moved.');
    }
    return buyerId;
  }

  private async escrowOf(
    tx: EntityManager,
    bookingId: string,
  ): Promise<{ buyerId: string | null; heldMicros: bigint }> {
    const [row] = await tx.query<[{ buyer_id: string | null; held: string }]>(
      `select max(organization_id::text) as buyer_id,
              coalesce(sum(case kind when 'escrow_hold' then amount_micros else -amount_micros end), 0) as held
         from transfers
        where booking_id = $1 and kind in ('escrow_hold', 'escrow_refund', 'escrow_release', 'fee')`,
      [bookingId],
    );
    return { buyerId: row.buyer_id, heldMicros: BigInt(row.held) };
  }

  private insufficientFunds(error: BalanceExceeded): AppError {
    const { settlementCurrency } = this.config;
    return new AppError(
      'payment-required',
      'insufficient-funds',
      'The wallet has less than this costs; top it up and try again.',
      {
        members: {
          available: moneyView(error.availableMicros, settlementCurrency),
          required: moneyView(error.requiredMicros, settlementCurrency),
        },
      },
    );
  }
}
