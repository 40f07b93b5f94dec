import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ExpiredJob } from '../../src/identity/credentials/expired.job.js';
import { newId } from '../../src/kernel/id.js';
import { PASSWORD, type Person, dataSourceOf, platformPerson, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

describe('Accounts', () => {
  let market: TestApp;
  let admin: Person;

  const registration = (email: string, changes: object = {}) => ({
    email,
    password: PASSWORD,
    displayName: 'Ada Lovelace',
    organization: { name: 'Analytical Engines', kind: 'operator' },
    ...changes,
  });
  const login = (email: string, password = PASSWORD) =>
    market.api.post('/v1/auth/login', { email, password });
  const refresh = (refreshToken: string) => market.api.post('/v1/auth/refresh', { refreshToken });
  const events = async (organizationId: string): Promise<string[]> => {
    const rows = await dataSourceOf(market).query<{ name: string }[]>(
      `select name from outbox where organization_id = $1 order by transaction_id, id`,
      [organizationId],
    );
    return rows.map((row) => row.name);
  };

  beforeAll(async () => {
    market = await startTestApp();
    admin = await platformPerson(market, 'admin');
  });

  afterAll(() => market?.close());

  describe('registering', () => {
    it('makes the user, the organisation and the owner, and signs them in', async () => {
      const { status, body } = await market.api.post('/v1/auth/register', registration(' Ada@Example.org '));
      expect(status).toBe(201);
      expect(body).toMatchObject({
        user: { email: 'ada@example.org', displayName: 'Ada Lovelace', platformRole: null },
        organization: { name: 'Analytical Engines', kind: 'operator', state: 'active', verificationTier: 0 },
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
      expect(await events(body.organization.id)).toEqual(['account.registered']);
    });

    it('refuses an email that is taken, in whatever case', async () => {
      const ada = await register(market);
      const again = await market.api.post('/v1/auth/register', registration(ada.email.toUpperCase()));
      expect(again.status).toBe(409);
      expect(again.body.type).toBe('/problems/email-taken');
    });

    it('makes one account when the same registration arrives ten times at once', async () => {
      const body = registration(`${newId()}@example.org`);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => market.api.post('/v1/auth/register', body)),
      );
      expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
    });

    it.each([
      ['/email', { email: 'not an address' }],
      ['/email', { email: `${'a'.repeat(250)}@example.org` }],
      ['/email', { email: 'ada@ex\u00e4mple.org' }],
      ['/email', { email: { $ne: '' } }],
      ['/password', { password: 'short' }],
      ['/password', { password: 'x'.repeat(257) }],
      ['/password', { password: 'Password123' }],
      ['/password', { password: 'null\u0000null' }],
      ['/displayName', { displayName: '' }],
      ['/organization', { organization: undefined }],
      ['/organization/kind', { organization: { name: 'The house', kind: 'platform' } }],
      ['/organization/state', { organization: { name: 'The house', kind: 'buyer', state: 'active' } }],
      ['/platformRole', { platformRole: 'admin' }],
    ])('refuses a body wrong at %s', async (pointer, changes) => {
      const { status, body } = await market.api.post(
        '/v1/auth/register',
        registration(`${newId()}@example.org`, changes),
      );
      expect(status).toBe(422);
      expect(body.errors[0].pointer).toBe(pointer);
    });
  });

  describe('signing in', () => {
    it('takes the email in any case and shows the organisations', async () => {
      const ada = await register(market);
      const { status, body } = await login(ada.email.toUpperCase());
      expect(status).toBe(200);
      expect(body).toMatchObject({
        user: { id: ada.userId },
        organizations: [{ id: ada.organizationId, role: 'owner' }],
      });
      expect((await market.api.as(body.accessToken).get('/v1/me')).status).toBe(200);
    });

    it('answers a wrong password and an unknown email alike', async () => {
      const ada = await register(market);
      const wrong = await login(ada.email, 'nine iron lemonade');
      const unknown = await login(`${newId()}@example.org`);
      const alike = (answer: typeof wrong) => ({ ...answer.body, requestId: '', status: answer.status });
      expect(wrong.status).toBe(401);
      expect(alike(unknown)).toEqual(alike(wrong));
      expect([...unknown.headers.keys()]).toEqual([...wrong.headers.keys()]);
    });

    it('ignores an expired access token that is sent along', async () => {
      const ada = await register(market);
      const headers = { authorization: 'Bearer expired' };
      const body = { email: ada.email, password: PASSWORD };
      expect((await market.api.post('/v1/auth/login', body, { headers })).status).toBe(200);
    });

    it('is closed to a suspended account, which learns so only with the right password', async () => {
      const ada = await register(market);
      await dataSourceOf(market).query(`update users set state = 'suspended' where id = $1`, [ada.userId]);
      expect((await login(ada.email, 'nine iron lemonade')).status).toBe(401);
      expect(await login(ada.email)).toMatchObject({ status: 403, body: { type: '/problems/suspended' } });
      expect((await refresh(ada.refreshToken)).status).toBe(403);
    });
  });

  describe('a session', () => {
    it('is renewed by its refresh token, once', async () => {
      const ada = await register(market);
      const renewed = await refresh(ada.refreshToken);
      expect(renewed.status).toBe(200);
      expect(renewed.body.refreshToken).not.toBe(ada.refreshToken);
      expect((await market.api.as(renewed.body.accessToken).get('/v1/me')).status).toBe(200);
      expect((await refresh(renewed.body.refreshToken)).status).toBe(200);
    });

    it('ends for everyone when a spent refresh token comes back', async () => {
      const ada = await register(market);
      const renewed = await refresh(ada.refreshToken);
      const reused = await refresh(ada.refreshToken);
      expect(reused).toMatchObject({ status: 401, body: { type: '/problems/invalid-refresh-token' } });
      expect((await refresh(renewed.body.refreshToken)).status).toBe(401);
      expect((await market.api.as(renewed.body.accessToken).get('/v1/me')).status).toBe(401);
    });

    it('ends at logout, with its access tokens, while others go on', async () => {
      const ada = await register(market);
      const other = await login(ada.email);
      expect((await ada.api.get('/v1/me')).status).toBe(200);
      expect((await market.api.post('/v1/auth/logout', { refreshToken: ada.refreshToken })).status).toBe(204);
      expect((await ada.api.get('/v1/me')).status).toBe(401);
      expect((await refresh(ada.refreshToken)).status).toBe(401);
      expect((await market.api.as(other.body.accessToken).get('/v1/me')).status).toBe(200);
      expect((await market.api.post('/v1/auth/logout', { refreshToken: ada.refreshToken })).status).toBe(204);
    });

    it('runs out: the access token after 15 minutes, the refresh token after 30 days', async () => {
      const ada = await register(market);
      market.clock.advanceMinutes(16);
      expect((await ada.api.get('/v1/me')).status).toBe(401);
      const renewed = await refresh(ada.refreshToken);
      expect(renewed.status).toBe(200);
      market.clock.advanceMinutes(31 * 24 * 60);
      expect((await refresh(renewed.body.refreshToken)).status).toBe(401);
      await market.app.get(ExpiredJob).run();
      const left = await dataSourceOf(market).query<unknown[]>(`select from refresh_tokens`);
      expect(left).toEqual([]);
      admin = await platformPerson(market, 'admin');
    });
  });

  describe('an organisation', () => {
    it('is read and changed by its people, against the version they saw', async () => {
      const ada = await register(market);
      const path = `/v1/organizations/${ada.organizationId}`;
      const seen = await ada.api.get(path);
      expect(seen.status).toBe(200);
      const ifMatch = { headers: { 'if-match': seen.headers.get('etag')! } };
      const changed = await ada.api.patch(path, { name: 'Engines', country: 'GB' }, ifMatch);
      expect(changed).toMatchObject({ status: 200, body: { name: 'Engines', country: 'GB' } });
      expect(changed.headers.get('etag')).not.toBe(seen.headers.get('etag'));
      expect((await ada.api.patch(path, { name: 'Late' }, ifMatch)).status).toBe(412);
      expect((await ada.api.patch(path, { country: null })).body.country).toBeNull();
      expect((await ada.api.patch(path, { kind: 'operator' })).status).toBe(422);
      expect((await ada.api.patch(path, { verificationTier: 4 })).status).toBe(422);
      expect(await events(ada.organizationId)).toContain('organization.updated');
    });

    it('takes in people who have an account, and lets them go', async () => {
      const ada = await register(market);
      const bob = await register(market);
      const members = `/v1/organizations/${ada.organizationId}/members`;
      const unknown = await ada.api.post(members, { email: `${newId()}@example.org`, role: 'member' });
      expect(unknown).toMatchObject({ status: 422, body: { errors: [{ pointer: '/email' }] } });
      const added = await ada.api.post(members, { email: bob.email, role: 'member' });
      expect(added).toMatchObject({
        status: 201,
        body: { userId: bob.userId, email: bob.email, role: 'member' },
      });
      expect((await ada.api.post(members, { email: bob.email, role: 'viewer' })).body.type).toBe(
        '/problems/already-a-member',
      );
      const listed = await ada.api.get(members);
      expect(listed.body.data.map((member: { role: string }) => member.role).sort()).toEqual([
        'member',
        'owner',
      ]);
      expect((await ada.api.get(`${members}?limit=1`)).body.nextCursor).toEqual(expect.any(String));

      const acting = { organizationId: ada.organizationId };
      expect((await bob.api.get('/v1/me')).body.organizations).toHaveLength(2);
      expect((await bob.api.get('/v1/api-keys')).body.type).toBe('/problems/organization-required');
      expect((await bob.api.get('/v1/api-keys', acting)).status).toBe(403);
      const promoted = await ada.api.patch(`${members}/${bob.userId}`, { role: 'admin' });
      expect(promoted).toMatchObject({ status: 200, body: { role: 'admin' } });
      expect((await bob.api.get('/v1/api-keys', acting)).status).toBe(200);
      expect((await ada.api.delete(`${members}/${bob.userId}`)).status).toBe(204);
      expect((await bob.api.get('/v1/api-keys', acting)).status).toBe(403);
      expect((await ada.api.delete(`${members}/${bob.userId}`)).status).toBe(404);
    });

    it('keeps an owner, and only owners make and unmake owners', async () => {
      const ada = await register(market);
      const bob = await register(market);
      const members = `/v1/organizations/${ada.organizationId}/members`;
      expect((await ada.api.delete(`${members}/${ada.userId}`)).body.type).toBe('/problems/last-owner');
      expect((await ada.api.patch(`${members}/${ada.userId}`, { role: 'admin' })).body.type).toBe(
        '/problems/last-owner',
      );
      await ada.api.post(members, { email: bob.email, role: 'admin' });
      const carol = await register(market);
      expect((await bob.api.post(members, { email: carol.email, role: 'owner' })).status).toBe(403);
      expect((await bob.api.patch(`${members}/${bob.userId}`, { role: 'owner' })).status).toBe(403);
      expect((await bob.api.patch(`${members}/${ada.userId}`, { role: 'viewer' })).status).toBe(403);
      expect((await bob.api.delete(`${members}/${ada.userId}`)).status).toBe(403);
      expect((await ada.api.patch(`${members}/${bob.userId}`, { role: 'owner' })).status).toBe(200);
      expect((await ada.api.delete(`${members}/${ada.userId}`)).status).toBe(204);
      expect((await bob.api.delete(`${members}/${bob.userId}`)).body.type).toBe('/problems/last-owner');
    });

    it('keeps an owner when both leave at once', async () => {
      const ada = await register(market);
      const bob = await register(market);
      const members = `/v1/organizations/${ada.organizationId}/members`;
      await ada.api.post(members, { email: bob.email, role: 'owner' });
      const answers = await Promise.all([
        ada.api.delete(`${members}/${ada.userId}`),
        bob.api.delete(`${members}/${bob.userId}`),
      ]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
    });

    it('may be left by anyone, and by nobody for another', async () => {
      const ada = await register(market);
      const [bob, carol] = [await register(market), await register(market)];
      const members = `/v1/organizations/${ada.organizationId}/members`;
      await ada.api.post(members, { email: bob.email, role: 'viewer' });
      await ada.api.post(members, { email: carol.email, role: 'viewer' });
      expect((await bob.api.delete(`${members}/${carol.userId}`)).status).toBe(403);
      expect((await bob.api.delete(`${members}/${bob.userId}`)).status).toBe(204);
      expect((await bob.api.get(members)).status).toBe(404);
    });
  });

  describe('the platform', () => {
    it('lists organisations by kind and state, page by page', async () => {
      await register(market, 'operator');
      const first = await admin.api.get('/v1/admin/organizations?kind=operator&state=active&limit=1');
      expect(first.status).toBe(200);
      expect(first.body.data).toMatchObject([{ kind: 'operator', state: 'active' }]);
      const second = await admin.api.get(
        `/v1/admin/organizations?kind=operator&state=active&limit=1&cursor=${first.body.nextCursor}`,
      );
      expect(second.body.data[0].id < first.body.data[0].id).toBe(true);
      expect((await admin.api.get('/v1/admin/organizations?cursor=forged')).status).toBe(400);
      expect((await admin.api.get('/v1/admin/organizations?kind=bank')).status).toBe(422);
    });

    it('verifies, suspends and reinstates, and each bites at once', async () => {
      const ada = await register(market, 'operator');
      const path = `/v1/admin/organizations/${ada.organizationId}`;
      const own = () => ada.api.get(`/v1/organizations/${ada.organizationId}`);
      expect((await own()).status).toBe(200);
      expect(await admin.api.post(`${path}/verify`, { tier: 2 })).toMatchObject({
        status: 200,
        body: { verificationTier: 2 },
      });
      expect((await admin.api.post(`${path}/verify`, { tier: 5 })).status).toBe(422);
      expect((await admin.api.post(`${path}/suspend`, {})).status).toBe(422);
      expect(await admin.api.post(`${path}/suspend`, { reason: 'unpaid' })).toMatchObject({
        status: 200,
        body: { state: 'suspended', stateReason: 'unpaid' },
      });
      expect(await own()).toMatchObject({ status: 403, body: { type: '/problems/suspended' } });
      expect((await ada.api.get('/v1/me')).body.type).toBe('/problems/suspended');
      expect((await admin.api.post(`${path}/suspend`, { reason: 'again' })).body.type).toBe(
        '/problems/illegal-transition',
      );
      expect((await admin.api.post(`${path}/reinstate`, { reason: 'paid' })).body.state).toBe('active');
      expect((await own()).status).toBe(200);
      expect(await events(ada.organizationId)).toEqual([
        'account.registered',
        'organization.verified',
        'organization.suspended',
        'organization.reinstated',
      ]);
      expect((await admin.api.post(`/v1/admin/organizations/${newId()}/verify`, { tier: 1 })).status).toBe(
        404,
      );
    });

    it('answers a repeated suspension with the first answer', async () => {
      const ada = await register(market);
      const path = `/v1/admin/organizations/${ada.organizationId}/suspend`;
      const first = await admin.api.post(path, { reason: 'unpaid' }, { key: 'suspend-once' });
      const second = await admin.api.post(path, { reason: 'unpaid' }, { key: 'suspend-once' });
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(second.body).toEqual(first.body);
    });

    it('names its people from the command line', async () => {
      const ada = await register(market);
      const run = (...words: string[]) =>
        promisify(execFile)(process.execPath, ['dist/src/platform-role.js', ...words], {
          env: { ...process.env, DATABASE_URL: market.database.url },
        });
      const made = await run(ada.email.toUpperCase(), 'moderator');
      expect(made.stdout).toBe(`${ada.email} now has the platform role moderator.\n`);
      expect((await login(ada.email)).body.user.platformRole).toBe('moderator');
      await run(ada.email, 'none');
      expect((await login(ada.email)).body.user.platformRole).toBeNull();
      await expect(run('nobody@example.org', 'admin')).rejects.toMatchObject({
        code: 1,
        stderr: 'There is no account with the email address nobody@example.org.\n',
      });
      await expect(run(ada.email, 'king')).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('Usage:'),
      });
    });
  });
});
