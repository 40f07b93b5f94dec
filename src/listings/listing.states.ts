import { type Lifecycle, nextState } from '../kernel/states.js';

export const LISTING_STATES = [
  'draft',
  'pending_review',
  'active',
  'paused',
  'withdrawn',
  'rejected',
  'suspended',
] as const;

export type ListingState = (typeof LISTING_STATES)[number];

/** What an operator may do to its own listing by a call. */
export type OwnerAction = 'submit' | 'pause' | 'resume' | 'withdraw';

/** What moderation may do to anyone's listing. */
export type ModerationAction = 'approve' | 'reject' | 'suspend' | 'reinstate' | 'request_changes';

/** `change`: what an edit of the hardware does to a listing that had been reviewed. */
export type ListingAction = OwnerAction | ModerationAction | 'change';

/** The life of a listing: `draft → pending_review → active ⇄ paused → withdrawn`, and what moderation adds. */
export const LISTING_LIFECYCLE: Lifecycle<ListingState, ListingAction> = {
  submit: { from: ['draft', 'rejected'], to: 'pending_review' },
  approve: { from: ['pending_review'], to: 'active' },
  reject: { from: ['pending_review'], to: 'rejected' },
  request_changes: { from: ['pending_review'], to: 'draft' },
  pause: { from: ['active'], to: 'paused' },
  resume: { from: ['paused'], to: 'active' },
  change: { from: ['active', 'paused'], to: 'pending_review' },
  suspend: { from: ['active', 'paused'], to: 'suspended' },
  reinstate: { from: ['suspended'], to: 'active' },
  withdraw: { from: ['draft', 'pending_review', 'active', 'paused', 'rejected'], to: 'withdrawn' },
};

/** @throws AppError 409 `illegal-transition`. */
export const nextListingState = (action: ListingAction, current: ListingState): ListingState =>
  nextState(LISTING_LIFECYCLE, action, current, 'listing');

/** States in which the listing's terms may be edited. */
export const EDITABLE_STATES: readonly ListingState[] = [
  'draft',
  'pending_review',
  'active',
  'paused',
  'rejected',
];

/** The event that tells of each move. */
export const LISTING_EVENTS: Readonly<Record<ListingAction, string>> = {
  submit: 'listing.submitted',
  change: 'listing.submitted',
  approve: 'listing.approved',
  reject: 'listing.rejected',
  request_changes: 'listing.changes_requested',
  pause: 'listing.paused',
  resume: 'listing.resumed',
  withdraw: 'listing.withdrawn',
  suspend: 'listing.suspended',
  reinstate: 'listing.reinstated',
};
