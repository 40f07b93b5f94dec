import { type Lifecycle, nextState } from '../kernel/states.js';

export const REQUEST_STATES = ['open', 'matched', 'fulfilled', 'expired', 'cancelled'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** `match` and `miss` are what an answer finds; `fulfil` is a booking paid for. */
export type RequestAction = 'match' | 'miss' | 'fulfil' | 'expire' | 'cancel';

/** The life of a request: open or matched, as the market answers, until it is booked, given up or too late. */
export const REQUEST_LIFECYCLE: Lifecycle<RequestState, RequestAction> = {
  match: { from: ['open', 'matched'], to: 'matched' },
  miss: { from: ['open', 'matched'], to: 'open' },
  fulfil: { from: ['open', 'matched', 'expired', 'fulfilled'], to: 'fulfilled' },
  expire: { from: ['open', 'matched'], to: 'expired' },
  cancel: { from: ['open', 'matched'], to: 'cancelled' },
};

/** Whether the market still answers the request. */
export const isLive = (state: RequestState): boolean => REQUEST_LIFECYCLE.match.from.includes(state);

/** @throws AppError 409 `illegal-transition`. */
export const nextRequestState = (action: RequestAction, current: RequestState): RequestState =>
  nextState(REQUEST_LIFECYCLE, action, current, 'request');
