import { describe, expect, it } from '@jest/globals';
import { AppError } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { type OrganizationChoice, chooseSeat } from './acting-organization.js';
import type { Seat } from './principals.js';

const seat = (): Seat => ({
  organizationId: newId(),
  organizationKind: 'buyer',
  organizationState: 'active',
  role: 'member',
});

const choice = (given: Partial<OrganizationChoice>): OrganizationChoice => ({
  seats: [],
  header: undefined,
  inPath: undefined,
  bound: undefined,
  ...given,
});

function refusal(given: Partial<OrganizationChoice>): string {
  try {
    chooseSeat(choice(given));
  } catch (error) {
    if (error instanceof AppError) return `${error.kind} ${error.code}`;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('The acting organisation', () => {
  const [a, b] = [seat(), seat()];

  it('is the only one, unnamed', () => {
    expect(chooseSeat(choice({ seats: [a] }))).toBe(a);
  });

  it('is nobody when there are several and none is named', () => {
    expect(chooseSeat(choice({ seats: [a, b] }))).toBeUndefined();
    expect(chooseSeat(choice({ seats: [] }))).toBeUndefined();
  });

  it('is the one that the header names, in either case', () => {
    expect(chooseSeat(choice({ seats: [a, b], header: b.organizationId.toUpperCase() }))).toBe(b);
  });

  it('is the one in the path, whatever the header says', () => {
    expect(chooseSeat(choice({ seats: [a, b], inPath: a.organizationId, header: b.organizationId }))).toBe(a);
  });

  it('is an API key’s own, though its creator has others', () => {
    expect(chooseSeat(choice({ seats: [a, b], bound: b.organizationId }))).toBe(b);
    expect(refusal({ seats: [a, b], bound: b.organizationId, header: a.organizationId })).toBe(
      'forbidden forbidden',
    );
    expect(refusal({ seats: [a, b], bound: b.organizationId, inPath: a.organizationId })).toBe(
      'not-found not-found',
    );
  });

  it('is refused when the caller has no seat in it', () => {
    expect(refusal({ seats: [a], header: newId() })).toBe('forbidden forbidden');
    expect(refusal({ seats: [a], inPath: newId() })).toBe('not-found not-found');
    expect(refusal({ seats: [a], inPath: "' or 1=1" })).toBe('not-found not-found');
  });

  it('is malformed when the header is no id', () => {
    expect(refusal({ seats: [a], header: 'mine' })).toBe('malformed organization-malformed');
    expect(refusal({ seats: [a], header: '' })).toBe('malformed organization-malformed');
  });
});
