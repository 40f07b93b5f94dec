import { describe, expect, it } from '@jest/globals';
import { newId } from '../../kernel/id.js';
import { apiKeyId, apiKeyPrefix, newApiKey, newRefreshToken } from './tokens.js';

describe('An API key', () => {
  it('names its id, and starts with its prefix', () => {
    const id = newId();
    const key = newApiKey(id);
    expect(apiKeyId(key)).toBe(id);
    expect(key.startsWith(`${apiKeyPrefix(id)}_`)).toBe(true);
  });

  it('carries 256 random bits', () => {
    const id = newId();
    const secretOf = (key: string): Buffer =>
      Buffer.from(key.slice(apiKeyPrefix(id).length + 1), 'base64url');
    expect(secretOf(newApiKey(id))).toHaveLength(32);
    expect(newApiKey(id)).not.toBe(newApiKey(id));
  });

  it.each([
    '',
    'fk_',
    'fk_short_secret',
    `${newApiKey(newId())}x`,
    `xk_${newApiKey(newId()).slice(3)}`,
    'fk_\u0000',
  ])('is not %j', (text) => {
    expect(apiKeyId(text)).toBeUndefined();
  });
});

describe('A refresh token', () => {
  it('is never the same twice', () => {
    const tokens = new Set(Array.from({ length: 1000 }, newRefreshToken));
    expect(tokens.size).toBe(1000);
  });
});
