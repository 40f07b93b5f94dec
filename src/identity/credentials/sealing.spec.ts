import { describe, expect, it } from '@jest/globals';
import { seal, unseal } from './sealing.js';

const SECRET = 'a secret for tests, longer than 32 characters';

describe('What is sealed', () => {
  it('is read again for the same purpose only', () => {
    const sealed = seal(SECRET, 'this', 'fk_secret');
    expect(unseal(SECRET, 'this', sealed)).toBe('fk_secret');
    expect(() => unseal(SECRET, 'that', sealed)).toThrow();
    expect(() => unseal(`${SECRET}!`, 'this', sealed)).toThrow();
  });

  it('does not show', () => {
    expect(Buffer.from(seal(SECRET, 'this', 'fk_secret'), 'base64url').toString('latin1')).not.toContain(
      'fk_',
    );
  });

  it('cannot be altered or cut short', () => {
    const bytes = Buffer.from(seal(SECRET, 'this', 'fk_secret'), 'base64url');
    const last = bytes.length - 1;
    bytes[last] = bytes[last]! ^ 1;
    expect(() => unseal(SECRET, 'this', bytes.toString('base64url'))).toThrow();
    expect(() => unseal(SECRET, 'this', bytes.subarray(0, 16).toString('base64url'))).toThrow();
  });
});
