import { describe, expect, it } from '@jest/globals';
import { AppError } from '../kernel/errors.js';
import {
  LISTING_EVENTS,
  LISTING_LIFECYCLE,
  LISTING_STATES,
  type ListingAction,
  type ListingState,
  nextListingState,
} from './listing.states.js';

/** The whole life of a listing, written out once more by hand: every move that may be made. */
const MOVES: readonly [ListingState, ListingAction, ListingState][] = [
  ['draft', 'submit', 'pending_review'],
  ['rejected', 'submit', 'pending_review'],
  ['pending_review', 'approve', 'active'],
  ['pending_review', 'reject', 'rejected'],
  ['pending_review', 'request_changes', 'draft'],
  ['active', 'pause', 'paused'],
  ['paused', 'resume', 'active'],
  ['active', 'change', 'pending_review'],
  ['paused', 'change', 'pending_review'],
  ['active', 'suspend', 'suspended'],
  ['paused', 'suspend', 'suspended'],
  ['suspended', 'reinstate', 'active'],
  ['draft', 'withdraw', 'withdrawn'],
  ['pending_review', 'withdraw', 'withdrawn'],
  ['active', 'withdraw', 'withdrawn'],
  ['paused', 'withdraw', 'withdrawn'],
  ['rejected', 'withdraw', 'withdrawn'],
];

const ACTIONS = Object.keys(LISTING_LIFECYCLE) as ListingAction[];

describe('the life of a listing', () => {
  it.each(MOVES)('from %s, %s leads to %s', (from, action, to) => {
    expect(nextListingState(action, from)).toBe(to);
  });

  it('allows no other move', () => {
    for (const state of LISTING_STATES) {
      for (const action of ACTIONS) {
        if (MOVES.some(([from, move]) => from === state && move === action)) continue;
        expect(() => nextListingState(action, state)).toThrow(AppError);
      }
    }
  });

  it('comes to sale only through moderation, and never back from withdrawn', () => {
    const toActive = MOVES.filter(([, , to]) => to === 'active').map(([from, action]) => `${from} ${action}`);
    expect(toActive).toEqual(['pending_review approve', 'paused resume', 'suspended reinstate']);
    expect(MOVES.some(([from]) => from === 'withdrawn')).toBe(false);
  });

  it('tells of every move', () => {
    expect(Object.keys(LISTING_EVENTS).toSorted()).toEqual(ACTIONS.toSorted());
  });
});
