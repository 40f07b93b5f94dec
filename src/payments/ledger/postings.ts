import {
  type AccountKind,
  type AccountName,
  type TransferKind,
  type TransferStage,
  mayNotBeOverdrawn,
} from './chart.js';

/** A transfer ready to be written: both accounts named, and for a resolution what was reserved. */
export interface Posting {
  id: string;
  organizationId: string;
  kind: TransferKind;
  stage: TransferStage;
  pendingId: string | null;
  debit: AccountName;
  credit: AccountName;
  currency: string;
  /** What moves, or for `pending` what is reserved; positive. */
  amountMicros: bigint;
  /** What the pending transfer had reserved; 0 where there is none. */
  reservedMicros: bigint;
  bookingId: string | null;
  reference: string;
}

/** What a list of postings adds to one account's running balances. */
export interface Delta {
  organizationId: string;
  kind: AccountKind;
  currency: string;
  debitsPending: bigint;
  debitsPosted: bigint;
  creditsPending: bigint;
  creditsPosted: bigint;
  /** Whether the account may not end overdrawn. */
  guarded: boolean;
}

/** What a posting adds to the pending and the posted side of each of its two accounts. */
function effectOf(posting: Posting): { pending: bigint; posted: bigint } {
  switch (posting.stage) {
    case 'posted':
      return { pending: 0n, posted: posting.amountMicros };
    case 'pending':
      return { pending: posting.amountMicros, posted: 0n };
    case 'post_pending':
      return { pending: -posting.reservedMicros, posted: posting.amountMicros };
    case 'void_pending':
      return { pending: -posting.reservedMicros, posted: 0n };
  }
}

/** The sum of all effects on each account that the postings touch. */
export function deltasOf(postings: readonly Posting[]): Delta[] {
  const deltas = new Map<string, Delta>();
  const of = (account: AccountName, currency: string): Delta => {
    const key = `${account.organizationId} ${account.kind} ${currency}`;
    const found = deltas.get(key);
    if (found) return found;
    const made: Delta = {
      ...account,
      currency,
      debitsPending: 0n,
      debitsPosted: 0n,
      creditsPending: 0n,
      creditsPosted: 0n,
      guarded: mayNotBeOverdrawn(account.kind),
    };
    deltas.set(key, made);
    return made;
  };
  for (const posting of postings) {
    const { pending, posted } = effectOf(posting);
    const debit = of(posting.debit, posting.currency);
    debit.debitsPending += pending;
    debit.debitsPosted += posted;
    const credit = of(posting.credit, posting.currency);
    credit.creditsPending += pending;
    credit.creditsPosted += posted;
  }
  return [...deltas.values()];
}
