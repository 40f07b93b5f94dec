import type { Lifecycle } from '../../kernel/states.js';

export const ORGANIZATION_STATES = ['active', 'suspended'] as const;
export type OrganizationState = (typeof ORGANIZATION_STATES)[number];

/** A suspended organisation keeps what it has and may do nothing. */
export const ORGANIZATION_LIFECYCLE: Lifecycle<OrganizationState, 'suspend' | 'reinstate'> = {
  suspend: { from: ['active'], to: 'suspended' },
  reinstate: { from: ['suspended'], to: 'active' },
};
