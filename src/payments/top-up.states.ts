import type { Lifecycle } from '../kernel/states.js';

export const TOP_UP_STATES = ['pending', 'settled', 'cancelled'] as const;
export type TopUpState = (typeof TOP_UP_STATES)[number];

/** A top-up waits for its money and is settled once. */
export const TOP_UP_LIFECYCLE: Lifecycle<TopUpState, 'settle'> = {
  settle: { from: ['pending'], to: 'settled' },
};
