import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/id.js';
import type { Answer } from '../support/api.js';
import { PASSWORD, type Person } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

describe('Guessing passwords', () => {
  let market: TestApp;

  beforeAll(async () => {
    market = await startTestApp({ RATE_LIMIT_SCALE: '1', TRUSTED_PROXIES: '1' });
  });

  afterAll(() => market?.close());

  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const login = (email: string, password: string, address: string): Promise<Answer> =>
    market.api.post('/v1/auth/login', { email, password }, from(address));

  async function registerFrom(address: string): Promise<Pick<Person, 'email' | 'accessToken'>> {
    const email = `${newId()}@example.org`;
    const { status, body } = await market.api.post(
      '/v1/auth/register',
      { email, password: PASSWORD, displayName: 'Ada', organization: { name: 'Engines', kind: 'buyer' } },
      from(address),
    );
    expect(status).toBe(201);
    return { email, accessToken: body.accessToken };
  }

  it('from one address ends after ten failures, and the owner elsewhere notices nothing', async () => {
    const { email } = await registerFrom('192.0.2.1');
    const statuses: number[] = [];
    for (let guess = 0; guess < 15; guess++) {
      statuses.push((await login(email, `guess number ${guess}`, '198.51.100.1')).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(5).fill(429)]);
    const stopped = await login(email, PASSWORD, '198.51.100.1');
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login(email, PASSWORD, '192.0.2.1')).status).toBe(200);
    expect((await login(email, PASSWORD, '203.0.113.5')).status).toBe(200);
  });

  it('from a thousand addresses evaluates at most a hundred, and the owner still gets in', async () => {
    const { email } = await registerFrom('192.0.2.2');
    const statuses: number[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => login(email, `guess ${index}`, `10.1.${batch}.${index}`)),
      );
      statuses.push(...answers.map((answer) => answer.status));
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
    expect((await login(email, PASSWORD, '192.0.2.2')).status).toBe(200);
  });

  it('is counted as it goes when a burst comes at once', async () => {
    const { email } = await registerFrom('192.0.2.3');
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => login(email, `guess ${index}`, '198.51.100.3')),
    );
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
  });

  it('is counted alike for an account that does not exist', async () => {
    const email = `${newId()}@example.org`;
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess++)
      statuses.push((await login(email, 'guess', '198.51.100.4')).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });

  it('is forgotten by signing in', async () => {
    const { email } = await registerFrom('192.0.2.5');
    for (let round = 0; round < 3; round++) {
      for (let guess = 0; guess < 6; guess++) {
        expect((await login(email, 'a slip', '192.0.2.5')).status).toBe(401);
      }
      expect((await login(email, PASSWORD, '192.0.2.5')).status).toBe(200);
    }
  });

  it('of many accounts from one address is slowed too', async () => {
    const answers: number[] = [];
    for (let batch = 0; batch < 8; batch++) {
      const some = await Promise.all(
        Array.from({ length: 50 }, () =>
          market.api.post('/v1/auth/refresh', { refreshToken: newId() }, from('198.51.100.6')),
        ),
      );
      answers.push(...some.map((answer) => answer.status));
    }
    expect(answers.filter((status) => status === 401)).toHaveLength(300);
    expect(answers.filter((status) => status === 429)).toHaveLength(100);
  });

  it('does not count an address that an untrusted caller puts in front', async () => {
    const { email } = await registerFrom('192.0.2.7');
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess++) {
      statuses.push((await login(email, 'guess', `10.9.9.${guess}, 198.51.100.7`)).status);
    }
    expect(statuses.slice(10)).toEqual([429, 429]);
  });

  it('answers every call with what is left of its quota', async () => {
    const { accessToken } = await registerFrom('192.0.2.8');
    const { headers } = await market.api.as(accessToken).get('/v1/me');
    expect(headers.get('ratelimit')).toMatch(/^"read-credential";r=\d+;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe('"read-credential";q=3000;w=60');
    expect(headers.get('ratelimit-remaining')).toBe('2999');
  });
});
