import type { EntityManager } from 'typeorm';
import type { AccountKind } from './chart.js';
import type { Delta, Posting } from './postings.js';

/**
 * Writes all transfers and moves all balances, or nothing, in one round trip. Accounts are locked in the order
 * (organisation, id), so that two posts never wait for each other in a circle; the platform's organisation sorts
 * last, so its busy rows are locked last. Whether an account falls short is judged on the locked rows and returned,
 * so the transaction goes on; the check constraint stands behind it. The new balances are made of the locked rows, not
 * of the updated row's snapshot: PostgreSQL checks constraints on that first, and would refuse a debit that a credit
 * committed a moment ago covers. Transfers
 * are written before balances move, so that a second use of a reference or reserve is refused by that name. Nothing is
 * locked while an account is missing.
 */
const POST = `
with delta as (
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::boolean[])
    as d (organization_id, kind, currency, debits_pending, debits_posted, credits_pending, credits_posted, guarded)
),
known as materialized (
  select a.id, d.*
    from accounts a
    join delta d on a.organization_id = d.organization_id and a.kind = d.kind and a.currency = d.currency
),
locked as materialized (
  select a.id, a.organization_id, a.kind, a.currency,
         a.debits_pending + k.debits_pending as debits_pending, a.debits_posted + k.debits_posted as debits_posted,
         a.credits_pending + k.credits_pending as credits_pending, a.credits_posted + k.credits_posted as credits_posted,
         a.credits_posted - a.debits_posted - a.debits_pending as available,
         k.debits_pending + k.debits_posted - k.credits_posted as required,
         k.guarded and a.debits_posted + k.debits_posted + a.debits_pending + k.debits_pending
           > a.credits_posted + k.credits_posted as short
    from known k
    join accounts a on a.id = k.id and a.organization_id = k.organization_id
   where (select count(*) from known) = (select count(*) from delta)
   order by a.organization_id, a.id
     for no key update of a
),
verdict as materialized (
  select count(*) > 0 as complete, coalesce(bool_or(short), false) as short from locked
),
written as (
  insert into transfers (id, organization_id, kind, stage, pending_id, debit_account_id, credit_account_id,
                         amount_micros, currency, booking_id, reference, created_at)
  select t.id, t.organization_id, t.kind, t.stage, t.pending_id, debit.id, credit.id,
         t.amount_micros, t.currency, t.booking_id, t.reference, $22
    from unnest($9::uuid[], $10::uuid[], $11::text[], $12::text[], $13::uuid[], $14::uuid[], $15::text[], $16::uuid[],
                $17::text[], $18::text[], $19::bigint[], $20::uuid[], $21::text[])
         as t (id, organization_id, kind, stage, pending_id, debit_organization_id, debit_kind, credit_organization_id,
               credit_kind, currency, amount_micros, booking_id, reference)
    join locked debit on debit.organization_id = t.debit_organization_id and debit.kind = t.debit_kind
                     and debit.currency = t.currency
    join locked credit on credit.organization_id = t.credit_organization_id and credit.kind = t.credit_kind
                      and credit.currency = t.currency
   cross join verdict v
   where v.complete and not v.short
  returning id
),
moved as (
  update accounts a
     set debits_pending = l.debits_pending, debits_posted = l.debits_posted,
         credits_pending = l.credits_pending, credits_posted = l.credits_posted
    from locked l, verdict v
   where v.complete and not v.short and exists (select from written)
     and a.id = l.id and a.organization_id = l.organization_id
)
select v.complete, l.organization_id, l.kind, l.available, l.required
  from verdict v left join locked l on l.short
 order by l.organization_id, l.id
 limit 1`;

/** How a post ended: done, accounts still to be opened, or an account that falls short (nothing was moved). */
export type PostOutcome =
  | { outcome: 'posted' }
  | { outcome: 'unopened' }
  | {
      outcome: 'short';
      organizationId: string;
      kind: AccountKind;
      availableMicros: bigint;
      requiredMicros: bigint;
    };

interface PostRow {
  complete: boolean;
  organization_id: string | null;
  kind: AccountKind;
  available: string;
  required: string;
}

export async function postTransfers(
  tx: EntityManager,
  postings: readonly Posting[],
  deltas: readonly Delta[],
  now: Date,
): Promise<PostOutcome> {
  const account = <T>(pick: (delta: Delta) => T): T[] => deltas.map(pick);
  const transfer = <T>(pick: (posting: Posting) => T): T[] => postings.map(pick);
  const [row] = await tx.query<[PostRow]>(POST, [
    account((d) => d.organizationId),
    account((d) => d.kind),
    account((d) => d.currency),
    account((d) => d.debitsPending),
    account((d) => d.debitsPosted),
    account((d) => d.creditsPending),
    account((d) => d.creditsPosted),
    account((d) => d.guarded),
    transfer((t) => t.id),
    transfer((t) => t.organizationId),
    transfer((t) => t.kind),
    transfer((t) => t.stage),
    transfer((t) => t.pendingId),
    transfer((t) => t.debit.organizationId),
    transfer((t) => t.debit.kind),
    transfer((t) => t.credit.organizationId),
    transfer((t) => t.credit.kind),
    transfer((t) => t.currency),
    transfer((t) => t.amountMicros),
    transfer((t) => t.bookingId),
    transfer((t) => t.reference),
    now,
  ]);
  if (!row.complete) return { outcome: 'unopened' };
  if (row.organization_id === null) return { outcome: 'posted' };
  return {
    outcome: 'short',
    organizationId: row.organization_id,
    kind: row.kind,
    availableMicros: BigInt(row.available),
    requiredMicros: BigInt(row.required),
  };
}
