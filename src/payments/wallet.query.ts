import type { EntityManager } from 'typeorm';
import type { TransferKind } from './ledger/chart.js';
import type { WalletTransaction } from './payments.view.js';

/** A buyer's money in escrow: what it paid in, less what was refunded, released or kept as a fee. */
export async function escrowMicrosOf(
  manager: EntityManager,
  organizationId: string,
  currency: string,
): Promise<bigint> {
  const [row] = await manager.query<[{ held: string }]>(
    `select coalesce(sum(case kind when 'escrow_hold' then amount_micros else -amount_micros end), 0) as held
       from transfers
      where organization_id = $1 and currency = $2
        and kind in ('escrow_hold', 'escrow_refund', 'escrow_release', 'fee')`,
    [organizationId, currency],
  );
  return BigInt(row.held);
}

/** What the platform kept of what an operator's bookings released. */
export async function feesOf(manager: EntityManager, operatorId: string, currency: string): Promise<bigint> {
  const [row] = await manager.query<[{ fees: string }]>(
    `select coalesce(sum(fee.amount_micros), 0) as fees
       from transfers fee
      where fee.kind = 'fee'
        and fee.booking_id in (
          select release.booking_id
            from accounts earnings
            join transfers release on release.credit_account_id = earnings.id
           where earnings.organization_id = $1 and earnings.kind = 'earnings' and earnings.currency = $2
             and release.kind = 'escrow_release')`,
    [operatorId, currency],
  );
  return BigInt(row.fees);
}

export interface TransactionFilter {
  kind?: TransferKind;
  from?: Date;
  to?: Date;
  /** Only those before this id. */
  before?: string;
  limit: number;
}

interface TransactionRow {
  id: string;
  kind: TransferKind;
  micros: string;
  currency: string;
  booking_id: string | null;
  created_at: Date;
}

/** One side of the wallet's movements, newest first: each side has its own index. */
const side = (column: 'debit_account_id' | 'credit_account_id', sign: '' | '-'): string => `
  (select t.id, t.kind, ${sign}t.amount_micros as micros, t.currency, t.booking_id, t.created_at
     from accounts a join transfers t on t.${column} = a.id
    where a.organization_id = $1 and a.kind = 'wallet' and a.currency = $2
      and t.stage in ('posted', 'post_pending')
      and ($3::text is null or t.kind = $3)
      and ($4::timestamptz is null or t.created_at >= $4)
      and ($5::timestamptz is null or t.created_at < $5)
      and ($6::uuid is null or t.id < $6)
    order by t.id desc limit $7)`;

const TRANSACTIONS = `${side('credit_account_id', '')} union all ${side('debit_account_id', '-')} order by id desc limit $7`;

/** The posted movements of an organisation's wallet, newest first. */
export async function walletTransactions(
  manager: EntityManager,
  organizationId: string,
  currency: string,
  filter: TransactionFilter,
): Promise<WalletTransaction[]> {
  const rows = await manager.query<TransactionRow[]>(TRANSACTIONS, [
    organizationId,
    currency,
    filter.kind ?? null,
    filter.from ?? null,
    filter.to ?? null,
    filter.before ?? null,
    filter.limit,
  ]);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    micros: BigInt(row.micros),
    currency: row.currency,
    bookingId: row.booking_id,
    createdAt: row.created_at,
  }));
}
