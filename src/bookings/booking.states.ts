import { conflict } from '../kernel/errors.js';
import { type Lifecycle, nextState } from '../kernel/states.js';

export const BOOKING_STATES = [
  'held',
  'confirmed',
  'active',
  'completed',
  'expired',
  'cancelled',
  'failed',
] as const;

export type BookingState = (typeof BOOKING_STATES)[number];

/** `expire`, `complete` and `fail` also happen by themselves, when a booking's time comes. */
export type BookingAction = 'confirm' | 'expire' | 'cancel' | 'deliver' | 'complete' | 'terminate' | 'fail';

/** What a booking may become: `held → confirmed → active → completed`, and how each of them may end sooner. */
export const BOOKING_LIFECYCLE: Lifecycle<BookingState, BookingAction> = {
  confirm: { from: ['held'], to: 'confirmed' },
  expire: { from: ['held'], to: 'expired' },
  cancel: { from: ['held', 'confirmed'], to: 'cancelled' },
  deliver: { from: ['confirmed'], to: 'active' },
  complete: { from: ['active'], to: 'completed' },
  terminate: { from: ['active'], to: 'completed' },
  fail: { from: ['confirmed', 'active'], to: 'failed' },
};

/** What changes a booking and leaves its state: a longer window, new endpoints. */
export const BOOKING_CHANGES = {
  extend: ['confirmed', 'active'],
  redeliver: ['active'],
} as const satisfies Record<string, readonly BookingState[]>;

export type BookingChange = keyof typeof BOOKING_CHANGES;

/** @throws AppError 409 `illegal-transition`. */
export const nextBookingState = (action: BookingAction, current: BookingState): BookingState =>
  nextState(BOOKING_LIFECYCLE, action, current, 'booking');

/** @throws AppError 409 `illegal-transition` when a booking in `current` may not be changed so. */
export function assertMayChange(change: BookingChange, current: BookingState): void {
  const allowed: readonly BookingState[] = BOOKING_CHANGES[change];
  if (!allowed.includes(current)) {
    throw conflict('illegal-transition', `A booking that is ${current} cannot ${change}.`, {
      state: current,
      action: change,
      allowedFrom: allowed,
    });
  }
}

/** States whose GPUs have been given back: they show no GPU numbers. */
export const GIVEN_BACK: readonly BookingState[] = ['expired', 'cancelled', 'failed'];
