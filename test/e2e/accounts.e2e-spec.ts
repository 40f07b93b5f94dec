import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestApp, startTestApp } from '../support/test-app.js';

const PASSWORD = 'nine iron lemons';

const registration = (email: string, kind = 'buyer') => ({
  email,
  password: PASSWORD,
  displayName: 'Ada Lovelace',
  organization: { name: `Lab of ${email}`, kind },
});

describe('Accounts', () => {
  let market: TestApp;

  beforeAll(async () => {
    market = await startTestApp();
  });

  afterAll(() => market?.close());

  describe('registering', () => {
    it('makes the user, the organisation and the owner, and signs them in', async () => {
      const { status, body } = await market.api.post('/v1/auth/register', registration('Ada@Example.org', 'operator'));
      expect(status).toBe(201);
      expect(body).toMatchObject({
        user: { email: 'ada@example.org', displayName: 'Ada Lovelace', platformRole: null },
        organization: { name: 'Lab of Ada@Example.org', kind: 'operator', state: 'active', verificationTier: 0 },
        tokenType: 'Bearer',
        expiresIn: 900,
      });
      const me = await market.api.as(body.accessToken).get('/v1/me');
      expect(me.status).toBe(200);
      expect(me.body).toEqual({
        user: body.user,
        organizations: [{ ...body.organization, role: 'owner' }],
        platformRole: null,
      });
      expect(JSON.stringify([body, me.body])).not.toContain('argon2');
    });
  });
});
