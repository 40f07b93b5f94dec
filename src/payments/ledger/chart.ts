import { PLATFORM_ORGANIZATION_ID } from '../../kernel/id.js';

/**
 * The chart of accounts. What the market owes or has earned grows by credits; what it has (cash) grows by debits.
 * See docs/money.md.
 */
export const ACCOUNT_KINDS = [
  'wallet',
  'earnings',
  'escrow',
  'fees',
  'cash_at_bank',
  'cash_at_stripe',
  'vouchers',
  'refunds',
  'rounding',
] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** Kinds that may never owe: what the check constraint `account_not_overdrawn` names. */
const NEVER_OVERDRAWN: ReadonlySet<AccountKind> = new Set(['wallet', 'earnings', 'escrow', 'vouchers']);

export const mayNotBeOverdrawn = (kind: AccountKind): boolean => NEVER_OVERDRAWN.has(kind);

/** An account by its natural key; with a transfer's currency it names one row, made on first use. */
export interface AccountName {
  organizationId: string;
  kind: AccountKind;
}

const ofPlatform = (kind: AccountKind): AccountName => ({ organizationId: PLATFORM_ORGANIZATION_ID, kind });

/** What an organisation may spend. */
export const walletOf = (organizationId: string): AccountName => ({ organizationId, kind: 'wallet' });
/** What an operator has earned and may be paid out. */
export const earningsOf = (organizationId: string): AccountName => ({ organizationId, kind: 'earnings' });
/** Buyers' money for bookings under way; each transfer's organisation says whose. */
export const ESCROW = ofPlatform('escrow');
/** The platform's income. */
export const FEES = ofPlatform('fees');
/** Money that has come in by bank transfer. */
export const CASH_AT_BANK = ofPlatform('cash_at_bank');

/** What a transfer is for, as statements show it. */
export const TRANSFER_KINDS = ['top_up', 'escrow_hold', 'escrow_refund', 'escrow_release', 'fee'] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/** `posted` moves at once; `pending` reserves, and one later row posts or voids it. */
export type TransferStage = 'posted' | 'pending' | 'post_pending' | 'void_pending';
