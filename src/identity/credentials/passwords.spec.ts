import { describe, expect, it } from '@jest/globals';
import { Passwords, assertUncommon } from './passwords.js';

describe('A password', () => {
  const passwords = new Passwords();

  it('is kept as Argon2id with 19 MiB, two passes and one lane', async () => {
    expect(await passwords.hash('nine iron lemons')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('matches its own hash only', async () => {
    const hash = await passwords.hash('nine iron lemons');
    expect(await passwords.matches(hash, 'nine iron lemons')).toBe(true);
    expect(await passwords.matches(hash, 'nine iron lemon')).toBe(false);
  });

  it('matches however its accents were composed', async () => {
    const hash = await passwords.hash('caf\u00e9 noir');
    expect(await passwords.matches(hash, 'cafe\u0301 noir')).toBe(true);
  });

  it('never matches where there is no account, not even the stand-in', async () => {
    expect(await passwords.matches(undefined, 'no account has this password')).toBe(false);
  });

  it.each(['password', 'PassWord123', '12345678', 'ada@example.org'])('may not be %s', (password) => {
    expect(() => assertUncommon(password, 'ada@example.org')).toThrow();
  });

  it('may be what no list holds', () => {
    expect(() => assertUncommon('fallow-demo', 'ada@example.org')).not.toThrow();
  });
});
