import { type AppError, conflict, insufficientCapacity, invalid } from '../../kernel/errors.js';

/**
 * What a refusal of the database means to the caller, by constraint name. Names are matched by prefix, because a
 * distributed PostgreSQL adds a shard number to them.
 */
const ERRORS: readonly [prefix: string, error: () => AppError][] = [
  ['allocation_no_overlap', () => insufficientCapacity()],
  [
    'user_email_unique',
    () => conflict('email-taken', 'There is already an account with this email address.'),
  ],
  [
    'membership_pk',
    () => conflict('already-a-member', 'This person is already a member of the organisation.'),
  ],
  [
    'account_not_overdrawn',
    () => conflict('balance-exceeded', 'This would take an account below zero; nothing was moved.'),
  ],
  ['transfer_reference_unique', () => conflict('already-moved', 'This money has already been moved.')],
  [
    'transfer_pending_resolved_once',
    () => conflict('already-resolved', 'This reserve has already been resolved.'),
  ],
  [
    'idempotency_key_pk',
    () => conflict('idempotency-in-progress', 'The first call with this key is still running.'),
  ],
  [
    'listing_gpus_range',
    () => invalid('/maxGpus', 'must satisfy 1 <= minGpus <= maxGpus <= nodes x gpusPerNode'),
  ],
  ['listing_minutes_range', () => invalid('/maxHours', 'must not be less than minHours')],
  ['listing_window_order', () => invalid('/availableUntil', 'must be after availableFrom')],
];

/** The named error for a violated constraint, or undefined for one that no caller can cause. */
export function constraintError(constraint: string | undefined): AppError | undefined {
  return ERRORS.find(([prefix]) => constraint?.startsWith(prefix))?.[1]();
}
