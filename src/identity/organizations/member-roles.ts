import type { Role } from '../permissions.js';

/** Which role stands above which; those of one rank do different work. */
const RANK: Readonly<Record<Role, number>> = { owner: 3, admin: 2, member: 1, billing: 1, viewer: 0 };

/** Whether someone with the role `by` may give or take the role `role`: never one above their own. */
export const mayGrant = (by: Role, role: Role): boolean => RANK[role] <= RANK[by];
