import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AppError, conflict, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/id.js';
import { Clock } from '../../platform/clock.js';
import { Account } from './account.entity.js';
import type { AccountKind, AccountName, TransferKind } from './chart.js';
import { postTransfers } from './post.query.js';
import { type Delta, type Posting, deltasOf } from './postings.js';

interface TransferBase {
  /** A new UUIDv7 unless given. */
  id?: string;
  /** Whose money it is; `reference` is unique within it. */
  organizationId: string;
  kind: TransferKind;
  /** The movement's natural key, such as `booking:<id>:hold`. */
  reference: string;
  bookingId?: string;
}

/** Moves an amount from the debit to the credit account at once, or (`pending`) reserves it on both. */
export interface Movement extends TransferBase {
  stage?: 'posted' | 'pending';
  debit: AccountName;
  credit: AccountName;
  currency: string;
  amountMicros: bigint;
}

/** Ends a pending transfer, once: posts it (all of it, or less and the rest is given back), or voids it. */
export interface Resolution extends TransferBase {
  stage: 'post_pending' | 'void_pending';
  pendingId: string;
  /** For `post_pending`: at most what was reserved, and all of it by default. */
  amountMicros?: bigint;
}

export type NewTransfer = Movement | Resolution;

/** An account's money, in micro-units. */
export interface Balance {
  /** Credits less debits, less what is reserved. */
  availableMicros: bigint;
  /** Reserved by pending debits. */
  reservedMicros: bigint;
  creditsPostedMicros: bigint;
  debitsPostedMicros: bigint;
}

/** 409: a transfer would have taken an account below zero; nothing was moved, and the transaction can go on. */
export class BalanceExceeded extends AppError {
  constructor(
    readonly account: AccountName,
    readonly availableMicros: bigint,
    readonly requiredMicros: bigint,
  ) {
    super('conflict', 'balance-exceeded', 'This would take an account below zero; nothing was moved.');
  }
}

interface PendingRow {
  id: string;
  organization_id: string;
  amount_micros: string;
  currency: string;
  booking_id: string | null;
  debit_organization_id: string;
  debit_kind: AccountKind;
  credit_organization_id: string;
  credit_kind: AccountKind;
}

/** The one way money moves. */
@Injectable()
export class Ledger {
  constructor(private readonly clock: Clock) {}

  /**
   * Posts linked transfers: all or none. Only their joint effect on each account is judged.
   * @returns the transfers' ids, in order.
   * @throws BalanceExceeded (409 `balance-exceeded`) when an account that may not owe falls short.
   * @throws a constraint's 409: `already-moved` for a reference used before, `already-resolved` for a pending transfer
   * posted or voided before. 404 for a pending transfer that the organisation does not have.
   */
  async post(tx: EntityManager, transfers: readonly NewTransfer[]): Promise<string[]> {
    if (transfers.length === 0) return [];
    const postings = await this.postingsOf(tx, transfers);
    const deltas = deltasOf(postings);
    const now = this.clock.now();
    let result = await postTransfers(tx, postings, deltas, now);
    if (result.outcome === 'unopened') {
      await this.open(tx, deltas, now);
      result = await postTransfers(tx, postings, deltas, now);
    }
    if (result.outcome === 'short') {
      const account = { organizationId: result.organizationId, kind: result.kind };
      throw new BalanceExceeded(account, result.availableMicros, result.requiredMicros);
    }
    if (result.outcome === 'unopened') throw new Error('an account that was just opened cannot be found');
    return postings.map((posting) => posting.id);
  }

  /** An account's running balance; zero for one that was never used. */
  async balanceOf(manager: EntityManager, account: AccountName, currency: string): Promise<Balance> {
    const row = await manager.findOneBy(Account, { ...account, currency });
    if (!row)
      return { availableMicros: 0n, reservedMicros: 0n, creditsPostedMicros: 0n, debitsPostedMicros: 0n };
    return {
      availableMicros: row.creditsPosted - row.debitsPosted - row.debitsPending,
      reservedMicros: row.debitsPending,
      creditsPostedMicros: row.creditsPosted,
      debitsPostedMicros: row.debitsPosted,
    };
  }

  private async postingsOf(tx: EntityManager, transfers: readonly NewTransfer[]): Promise<Posting[]> {
    const resolutions = transfers.filter((transfer) => 'pendingId' in transfer);
    const pending =
      resolutions.length > 0 ? await this.pendingOf(tx, resolutions) : new Map<string, PendingRow>();
    return transfers.map((transfer) =>
      'pendingId' in transfer
        ? resolutionPosting(transfer, pending.get(`${transfer.organizationId} ${transfer.pendingId}`))
        : movementPosting(transfer),
    );
  }

  /** Pending rows never change, so they are read without a lock; the unique key lets one resolution win. */
  private async pendingOf(
    tx: EntityManager,
    resolutions: readonly Resolution[],
  ): Promise<Map<string, PendingRow>> {
    const rows = await tx.query<PendingRow[]>(
      `select p.id, p.organization_id, p.amount_micros, p.currency, p.booking_id,
              debit.organization_id as debit_organization_id, debit.kind as debit_kind,
              credit.organization_id as credit_organization_id, credit.kind as credit_kind
         from unnest($1::uuid[], $2::uuid[]) as wanted (id, organization_id)
         join transfers p on p.id = wanted.id and p.organization_id = wanted.organization_id and p.stage = 'pending'
         join accounts debit on debit.id = p.debit_account_id
         join accounts credit on credit.id = p.credit_account_id`,
      [resolutions.map((r) => r.pendingId), resolutions.map((r) => r.organizationId)],
    );
    return new Map(rows.map((row) => [`${row.organization_id} ${row.id}`, row]));
  }

  /** Makes the accounts that are missing; two callers at once make one. */
  private async open(tx: EntityManager, deltas: readonly Delta[], now: Date): Promise<void> {
    const sorted = [...deltas].sort((a, b) =>
      `${a.organizationId} ${a.kind}` < `${b.organizationId} ${b.kind}` ? -1 : 1,
    );
    await tx.query(
      `insert into accounts (id, organization_id, kind, currency, created_at)
       select id, organization_id, kind, currency, $5
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as a (id, organization_id, kind, currency)
       on conflict (organization_id, kind, currency) do nothing`,
      [
        sorted.map(() => newId()),
        sorted.map((d) => d.organizationId),
        sorted.map((d) => d.kind),
        sorted.map((d) => d.currency),
        now,
      ],
    );
  }
}

function movementPosting(movement: Movement): Posting {
  if (movement.amountMicros <= 0n) throw new RangeError('a transfer moves a positive amount');
  return {
    id: movement.id ?? newId(),
    organizationId: movement.organizationId,
    kind: movement.kind,
    stage: movement.stage ?? 'posted',
    pendingId: null,
    debit: movement.debit,
    credit: movement.credit,
    currency: movement.currency,
    amountMicros: movement.amountMicros,
    reservedMicros: 0n,
    bookingId: movement.bookingId ?? null,
    reference: movement.reference,
  };
}

function resolutionPosting(resolution: Resolution, pending: PendingRow | undefined): Posting {
  if (!pending) throw notFound('reserve');
  const reservedMicros = BigInt(pending.amount_micros);
  const amountMicros = resolution.amountMicros ?? reservedMicros;
  if (amountMicros <= 0n) throw new RangeError('a transfer moves a positive amount');
  if (amountMicros > reservedMicros) {
    throw conflict('reserve-exceeded', 'More would be posted than was reserved; nothing was moved.');
  }
  return {
    id: resolution.id ?? newId(),
    organizationId: resolution.organizationId,
    kind: resolution.kind,
    stage: resolution.stage,
    pendingId: pending.id,
    debit: { organizationId: pending.debit_organization_id, kind: pending.debit_kind },
    credit: { organizationId: pending.credit_organization_id, kind: pending.credit_kind },
    currency: pending.currency,
    amountMicros: resolution.stage === 'void_pending' ? reservedMicros : amountMicros,
    reservedMicros,
    bookingId: resolution.bookingId ?? pending.booking_id,
    reference: resolution.reference,
  };
}
