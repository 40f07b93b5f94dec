import { describe, expect, it } from '@jest/globals';
import { ROLES, type Role } from '../permissions.js';
import { mayGrant } from './member-roles.js';

describe('Roles', () => {
  const grantable = (by: Role): Role[] => ROLES.filter((role) => mayGrant(by, role));

  it('are given and taken up to one’s own: only owners make owners', () => {
    expect(grantable('owner')).toEqual(['owner', 'admin', 'member', 'billing', 'viewer']);
    expect(grantable('admin')).toEqual(['admin', 'member', 'billing', 'viewer']);
    expect(grantable('viewer')).toEqual(['viewer']);
  });
});
