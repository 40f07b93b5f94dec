import type { EntityManager } from 'typeorm';
import type { AccountKind } from './chart.js';

/** One account as its transfers alone say, beside what its running balances say; micro-units. */
export interface RecomputedAccount {
  id: string;
  organizationId: string;
  kind: AccountKind;
  currency: string;
  debitMicros: bigint;
  creditMicros: bigint;
  /** Whether all four running balances agree with the transfers. */
  agrees: boolean;
}

interface Row {
  id: string;
  organization_id: string;
  kind: AccountKind;
  currency: string;
  debit: string;
  credit: string;
  agrees: boolean;
}

/** Every account recomputed from every transfer, in one snapshot; reserves count until they are resolved. */
const RECOMPUTE = `
with entry as (
  select debit_account_id as account_id, amount_micros as debit, 0::bigint as credit, stage in ('posted', 'post_pending') as posted,
         stage, id, organization_id
    from transfers where stage <> 'void_pending'
  union all
  select credit_account_id, 0, amount_micros, stage in ('posted', 'post_pending'), stage, id, organization_id
    from transfers where stage <> 'void_pending'
),
total as (
  select e.account_id,
         coalesce(sum(e.debit) filter (where e.posted), 0) as debit,
         coalesce(sum(e.credit) filter (where e.posted), 0) as credit,
         coalesce(sum(e.debit) filter (where not e.posted and r.id is null), 0) as debit_pending,
         coalesce(sum(e.credit) filter (where not e.posted and r.id is null), 0) as credit_pending
    from entry e
    left join transfers r on e.stage = 'pending' and r.organization_id = e.organization_id and r.pending_id = e.id
   group by e.account_id
)
select a.id, a.organization_id, a.kind, a.currency, coalesce(t.debit, 0) as debit, coalesce(t.credit, 0) as credit,
       (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending)
         = (coalesce(t.debit, 0), coalesce(t.credit, 0), coalesce(t.debit_pending, 0), coalesce(t.credit_pending, 0)) as agrees
  from accounts a left join total t on t.account_id = a.id
 order by a.organization_id, a.kind, a.currency`;

export async function recomputeAccounts(manager: EntityManager): Promise<RecomputedAccount[]> {
  const rows = await manager.query<Row[]>(RECOMPUTE);
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    kind: row.kind,
    currency: row.currency,
    debitMicros: BigInt(row.debit),
    creditMicros: BigInt(row.credit),
    agrees: row.agrees,
  }));
}
