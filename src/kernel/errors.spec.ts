import { describe, expect, it } from '@jest/globals';
import {
  AppError,
  conflict,
  expired,
  forbidden,
  insufficientCapacity,
  invalid,
  notFound,
  staleVersion,
} from './errors.js';

describe('errors', () => {
  it('carries a stable code, a kind, the wrong fields and further members', () => {
    const error = new AppError('payment-required', 'insufficient-funds', 'Too little.', {
      members: { required: 5 },
    });
    expect(error).toMatchObject({ kind: 'payment-required', code: 'insufficient-funds', fields: [] });
    expect(error.members).toEqual({ required: 5 });
    expect(error).toBeInstanceOf(Error);
    expect(invalid('/gpus', 'must be positive').fields).toEqual([
      { pointer: '/gpus', detail: 'must be positive' },
    ]);
  });

  it.each([
    [notFound('booking'), 'not-found', 'not-found'],
    [conflict('expired', 'x'), 'conflict', 'expired'],
    [forbidden('x'), 'forbidden', 'forbidden'],
    [insufficientCapacity(), 'conflict', 'insufficient-capacity'],
    [expired('match'), 'conflict', 'expired'],
    [staleVersion(), 'precondition-failed', 'precondition-failed'],
  ])('names each refusal: %s', (error, kind, code) => {
    expect(error).toMatchObject({ kind, code });
  });
});
