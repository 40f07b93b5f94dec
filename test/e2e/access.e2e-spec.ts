import { createHmac } from 'node:crypto';
import { type ExecutionContext, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AccessRule } from '../../src/identity/access.js';
import { AccessGuard } from '../../src/identity/access.guard.js';
import {
  KEY_SCOPES,
  PERMISSIONS,
  ROLES,
  ROLE_PERMISSIONS,
  type Role,
} from '../../src/identity/permissions.js';
import { newId } from '../../src/kernel/id.js';
import { ACCESS_RULE } from '../../src/platform/http/open-route.js';
import type { Answer } from '../support/api.js';
import { type Person, dataSourceOf, platformPerson, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

interface Route {
  method: string;
  path: string;
  rule: AccessRule | undefined;
}

type Handler = (...args: unknown[]) => unknown;

const read = <T>(key: string, target: object): T | undefined =>
  Reflect.getMetadata(key, target) as T | undefined;

/** Every route of every controller, with the rule that guards it. */
function routesOf(market: TestApp): Route[] {
  const modules = [...market.app.get(ModulesContainer).values()];
  const controllers = modules.flatMap((module) =>
    [...module.controllers.values()].map(({ metatype }) => metatype!),
  );
  return controllers.flatMap((controller) => {
    const prefixes = [read<string | string[]>(PATH_METADATA, controller) ?? ''].flat();
    const prototype = controller.prototype as Record<string, Handler>;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const handler = prototype[name]!;
      const method = name === 'constructor' ? undefined : read<RequestMethod>(METHOD_METADATA, handler);
      if (method === undefined) return [];
      const rule = read<AccessRule>(ACCESS_RULE, handler) ?? read<AccessRule>(ACCESS_RULE, controller);
      const paths = [read<string | string[]>(PATH_METADATA, handler) ?? ''].flat();
      return prefixes.flatMap((prefix) =>
        paths.map((path) => ({
          method: RequestMethod[method],
          path: `/${prefix}/${path}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, ''),
          rule,
        })),
      );
    });
  });
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed by hand, as a forger would. */
function forge(header: object, claims: object, secret: string): string {
  const body = `${base64url(header)}.${base64url(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

describe('Access', () => {
  let market: TestApp;
  let admin: Person;
  let moderator: Person;

  const problem = (answer: Answer): string => `${answer.status} ${String(answer.body.type)}`;
  const absent = (path: string): string => path.replace(/:\w+/g, newId());

  beforeAll(async () => {
    market = await startTestApp();
    admin = await platformPerson(market, 'admin');
    moderator = await platformPerson(market, 'moderator');
  });

  afterAll(() => market?.close());

  /** Someone with `role` in the organisation of `owner`, and in no other. */
  async function memberOf(owner: Person, role: Role): Promise<Person> {
    const person = await register(market, 'operator');
    const db = dataSourceOf(market);
    await db.query(`delete from memberships where user_id = $1`, [person.userId]);
    await db.query(
      `insert into memberships (organization_id, user_id, role, created_at) values ($1, $2, $3, now())`,
      [owner.organizationId, person.userId, role],
    );
    return { ...person, organizationId: owner.organizationId };
  }

  async function makeKey(person: Person, scopes: readonly string[], changes: object = {}): Promise<Answer> {
    return person.api.post('/v1/api-keys', { name: 'a key', scopes, ...changes });
  }

  describe('every route', () => {
    it('has an access rule', () => {
      const routes = routesOf(market);
      expect(routes.length).toBeGreaterThan(15);
      expect(routes.filter((route) => !route.rule).map((route) => `${route.method} ${route.path}`)).toEqual(
        [],
      );
    });

    it('is closed without one, even to an admin', async () => {
      const context = {
        getHandler: () => () => undefined,
        getClass: () => class Unannotated {},
        switchToHttp: () => ({
          getRequest: () => ({
            method: 'GET',
            ip: '192.0.2.1',
            params: {},
            headers: { authorization: `Bearer ${admin.accessToken}` },
          }),
          getResponse: () => ({ header: () => undefined }),
        }),
      } as unknown as ExecutionContext;
      await expect(market.app.get(AccessGuard).canActivate(context)).rejects.toMatchObject({
        kind: 'forbidden',
      });
    });

    it('that is not public answers 401 without credentials and with bad ones', async () => {
      for (const { method, path, rule } of routesOf(market)) {
        const anonymous = await market.api.call(method, absent(path));
        if (rule?.kind === 'public') {
          expect(`${method} ${path} ${problem(anonymous)}`).not.toMatch(/ 401 .*unauthenticated/);
          continue;
        }
        expect(`${method} ${path} ${anonymous.status}`).toBe(`${method} ${path} 401`);
        expect(anonymous.headers.get('www-authenticate')).toBe('Bearer');
        const forged = await market.api.call(method, absent(path), undefined, { token: 'forged' });
        expect(`${method} ${path} ${forged.status}`).toBe(`${method} ${path} 401`);
      }
    });

    it('of the platform refuses owners and their API keys, and moderators what only admins may', async () => {
      const ada = await register(market);
      const key = await makeKey(ada, KEY_SCOPES);
      for (const { method, path, rule } of routesOf(market)) {
        if (rule?.kind !== 'platform') continue;
        const asked = `${method} ${path}`;
        expect(`${asked} ${(await ada.api.call(method, absent(path))).status}`).toBe(`${asked} 403`);
        const byKey = await market.api.call(method, absent(path), undefined, { token: key.body.secret });
        expect(`${asked} ${byKey.status}`).toBe(`${asked} 403`);
        const byModerator = await moderator.api.call(method, absent(path));
        expect(`${asked} ${byModerator.status === 403}`).toBe(`${asked} ${rule.role === 'admin'}`);
        expect((await admin.api.call(method, absent(path))).status).not.toBe(403);
      }
    });

    it('opens to a role exactly when the role carries its permission', async () => {
      const owner = await register(market, 'operator');
      const routes = routesOf(market).filter(
        ({ rule }) => rule?.kind === 'allow' && rule.organizationKind !== 'buyer',
      );
      for (const role of ROLES) {
        const person = await memberOf(owner, role);
        for (const { method, path, rule } of routes) {
          if (rule?.kind !== 'allow') continue;
          const target = path.replace('/v1/organizations/:id', `/v1/organizations/${owner.organizationId}`);
          const { status } = await person.api.call(method, absent(target));
          const asked = `${role} ${method} ${path}`;
          const may = ROLE_PERMISSIONS[role].has(rule.permission);
          // Whoever is let in finds nothing under a random id, or sent no body: anything but 401, 403 and 5xx.
          const letIn = ![401, 403].includes(status) && status < 500;
          const leaves = path.endsWith('/members/:userId') && method === 'DELETE';
          expect(`${asked} ${letIn}`).toBe(`${asked} ${may}`);
          if (leaves) expect(status).toBe(404);
        }
      }
    });
  });

  describe('another organisation', () => {
    it('does not exist: its id is a 404 like any other', async () => {
      const [ada, eve] = [await register(market), await register(market)];
      const key = await makeKey(ada, ['organization:read']);
      const members = `/v1/organizations/${ada.organizationId}/members`;
      const attempts: [string, string, unknown?][] = [
        ['GET', `/v1/organizations/${ada.organizationId}`],
        ['PATCH', `/v1/organizations/${ada.organizationId}`, { name: 'Mine' }],
        ['GET', members],
        ['POST', members, { email: eve.email, role: 'owner' }],
        ['PATCH', `${members}/${ada.userId}`, { role: 'viewer' }],
        ['DELETE', `${members}/${ada.userId}`],
        ['DELETE', `/v1/api-keys/${key.body.id}`],
      ];
      for (const [method, path, body] of attempts) {
        const foreign = await eve.api.call(method, path, body);
        expect(`${method} ${path} ${foreign.status}`).toBe(`${method} ${path} 404`);
        const random = await eve.api.call(
          method,
          path.replace(ada.organizationId, newId()).replace(key.body.id, newId()),
          body,
        );
        const alike = (answer: Answer) => ({ ...answer.body, instance: '', requestId: '' });
        expect(alike(foreign)).toEqual(alike(random));
      }
      expect((await ada.api.get(`/v1/organizations/${ada.organizationId}`)).body.name).not.toBe('Mine');
      expect((await eve.api.get('/v1/api-keys')).body.data).toEqual([]);
    });

    it('cannot be acted for', async () => {
      const [ada, eve] = [await register(market), await register(market)];
      const options = { organizationId: ada.organizationId };
      expect(problem(await eve.api.get('/v1/api-keys', options))).toBe('403 /problems/forbidden');
      expect(problem(await eve.api.get('/v1/me', options))).toBe('403 /problems/forbidden');
      expect(problem(await eve.api.get('/v1/me', { organizationId: 'mine' }))).toBe(
        '400 /problems/organization-malformed',
      );
    });

    it('whose member is in several must be named', async () => {
      const [ada, bob] = [await register(market), await register(market)];
      await ada.api.post(`/v1/organizations/${ada.organizationId}/members`, {
        email: bob.email,
        role: 'admin',
      });
      expect(problem(await bob.api.get('/v1/api-keys'))).toBe('400 /problems/organization-required');
      expect((await bob.api.get('/v1/api-keys', { organizationId: ada.organizationId })).status).toBe(200);
      expect((await bob.api.get('/v1/me')).status).toBe(200);
    });
  });

  describe('an access token', () => {
    const decode = (part: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

    it('works as it was signed, and in no other way', async () => {
      const ada = await register(market);
      const [head = '', body = '', signature = ''] = ada.accessToken.split('.');
      const [header, claims] = [decode(head), decode(body)];
      const secret = market.config.secretKey;
      const me = async (token: string): Promise<number> => (await market.api.as(token).get('/v1/me')).status;
      expect(await me(forge(header, claims, secret))).toBe(200);

      const soon = Math.floor(Date.now() / 1000);
      const forgeries: Record<string, string> = {
        'no algorithm': `${base64url({ alg: 'none', typ: 'JWT' })}.${body}.`,
        'no algorithm, signed': `${base64url({ alg: 'none', typ: 'JWT' })}.${body}.${signature}`,
        'another algorithm': forge({ ...header, alg: 'HS512' }, claims, secret),
        'another secret': forge(header, claims, 'another secret that is long enough'),
        'an empty secret': forge(header, claims, ''),
        'another user': forge(header, { ...claims, sub: admin.userId }, secret),
        'another session': forge(header, { ...claims, sid: newId() }, secret),
        'another audience': forge(header, { ...claims, aud: 'elsewhere' }, secret),
        'another issuer': forge(header, { ...claims, iss: 'elsewhere' }, secret),
        'another type': forge(header, { ...claims, typ: 'refresh' }, secret),
        'no type': forge(header, { ...claims, typ: undefined }, secret),
        'no expiry': forge(header, { ...claims, exp: undefined }, secret),
        'a past expiry': forge(header, { ...claims, exp: soon - 1 }, secret),
        'an expiry in words': forge(header, { ...claims, exp: 'never' }, secret),
        'a user that is no id': forge(header, { ...claims, sub: "' or true --" }, secret),
        'no claims': forge(header, {}, secret),
        'a changed claim': `${head}.${base64url({ ...claims, sub: admin.userId })}.${signature}`,
        'a cut signature': `${head}.${body}.${signature.slice(0, -2)}`,
        'a refresh token': ada.refreshToken,
      };
      for (const [what, token] of Object.entries(forgeries)) {
        expect(`${what}: ${await me(token)}`).toBe(`${what}: 401`);
      }
    });

    it.each([
      'Basic YWRhOmFkYQ==',
      'Bearer',
      'Bearer ',
      'bearer a b c',
      '\u00ff',
      'Bearer fk_',
      'Bearer a.b.c',
    ])('is not %j, on a public route either', async (authorization) => {
      const publicRoute = routesOf(market).find(
        ({ rule, path }) => rule?.kind === 'public' && path === '/v1/chips',
      );
      for (const path of ['/v1/me', publicRoute?.path ?? '/health/live']) {
        expect((await market.api.get(path, { headers: { authorization } })).status).toBe(401);
      }
    });

    it('is not taken from the query or a cookie', async () => {
      const ada = await register(market);
      expect((await market.api.get(`/v1/me?access_token=${ada.accessToken}`)).status).toBe(401);
      expect(
        (await market.api.get('/v1/me', { headers: { cookie: `token=${ada.accessToken}` } })).status,
      ).toBe(401);
    });

    it.each([
      '//v1/me',
      '/v1//me',
      '/v1/me/',
      '/v1/./me',
      '/V1/ME',
      '/v1/me%2f',
      '/v1/%6de',
      '/v1/me;x',
      '/v1/me?',
      '/%76%31/me',
    ])('is asked for on %s as well', async (path) => {
      const { status } = await market.api.get(path);
      expect([401, 404]).toContain(status);
    });
  });

  describe('an API key', () => {
    it('is shown once, listed without its secret, used, and deleted', async () => {
      const ada = await register(market);
      const made = await makeKey(ada, ['organization:read', 'listings:read']);
      expect(made.status).toBe(201);
      const { secret, ...shown } = made.body;
      expect(secret).toMatch(/^fk_[\w-]{22}_[\w-]{43}$/);
      expect(shown).toMatchObject({
        name: 'a key',
        scopes: ['organization:read', 'listings:read'],
        lastUsedAt: null,
      });
      expect(secret.startsWith(shown.prefix)).toBe(true);

      const byKey = market.api.as(secret);
      const own = `/v1/organizations/${ada.organizationId}`;
      expect((await byKey.get(own)).status).toBe(200);
      expect((await byKey.patch(own, { name: 'Renamed' })).status).toBe(403);
      expect((await byKey.get('/v1/me')).body.organizations).toHaveLength(1);

      const listed = await ada.api.get('/v1/api-keys');
      expect(listed.body.data).toEqual([{ ...shown, lastUsedAt: expect.any(String) }]);
      expect(JSON.stringify(listed.body)).not.toContain(secret);

      expect((await ada.api.delete(`/v1/api-keys/${shown.id}`)).status).toBe(204);
      expect((await byKey.get(own)).status).toBe(401);
      expect((await ada.api.get('/v1/api-keys')).body.data).toEqual([]);
      expect((await ada.api.delete(`/v1/api-keys/${shown.id}`)).status).toBe(404);
      expect((await ada.api.delete('/v1/api-keys/mine')).status).toBe(404);
    });

    it('is in the database as a hash only, and a repeated call still gets it', async () => {
      const ada = await register(market);
      const body = { name: 'a key', scopes: ['organization:read'] };
      const first = await ada.api.post('/v1/api-keys', body, { key: 'make-a-key' });
      const second = await ada.api.post('/v1/api-keys', body, { key: 'make-a-key' });
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect(second.body).toEqual(first.body);
      const secret = first.body.secret.split('_').at(-1) as string;
      for (const table of ['api_keys', 'idempotency_keys', 'outbox']) {
        const rows = await dataSourceOf(market).query<unknown[]>(`select * from ${table}`);
        expect(rows.length).toBeGreaterThan(0);
        expect(JSON.stringify(rows)).not.toContain(secret);
      }
    });

    it('is refused with another secret behind its own prefix', async () => {
      const ada = await register(market);
      const [one, two] = [
        await makeKey(ada, ['organization:read']),
        await makeKey(ada, ['organization:read']),
      ];
      const mixed = one.body.prefix + two.body.secret.slice(two.body.prefix.length);
      expect((await market.api.as(mixed).get('/v1/me')).status).toBe(401);
    });

    it('expires', async () => {
      const ada = await register(market);
      const past = new Date(market.clock.now().getTime() - 1000).toISOString();
      expect((await makeKey(ada, ['organization:read'], { expiresAt: past })).status).toBe(422);
      const expiresAt = new Date(market.clock.now().getTime() + 60_000).toISOString();
      const made = await makeKey(ada, ['organization:read'], { expiresAt });
      expect((await market.api.as(made.body.secret).get('/v1/me')).status).toBe(200);
      market.clock.advanceMinutes(2);
      expect((await market.api.as(made.body.secret).get('/v1/me')).status).toBe(401);
    });

    it('cannot mint, delete, list beyond its scopes, or bring people in', async () => {
      const ada = await register(market);
      for (const scope of PERMISSIONS.filter((permission) => !KEY_SCOPES.includes(permission))) {
        expect((await makeKey(ada, [scope])).status).toBe(422);
      }
      const made = await makeKey(ada, KEY_SCOPES);
      const byKey = market.api.as(made.body.secret);
      const members = `/v1/organizations/${ada.organizationId}/members`;
      const eve = await register(market);
      expect((await byKey.post('/v1/api-keys', { name: 'x', scopes: ['organization:read'] })).status).toBe(
        403,
      );
      expect((await byKey.delete(`/v1/api-keys/${made.body.id}`)).status).toBe(403);
      expect((await byKey.post(members, { email: eve.email, role: 'owner' })).status).toBe(403);
      expect((await byKey.delete(`${members}/${ada.userId}`)).status).toBe(403);
      expect((await byKey.get('/v1/admin/organizations')).status).toBe(403);
      expect((await makeKey(ada, [])).status).toBe(422);
      expect((await makeKey(ada, ['everything'])).status).toBe(422);
    });

    it('may do at most what its creator may, now', async () => {
      const owner = await register(market);
      const bob = await memberOf(owner, 'admin');
      const made = await makeKey(bob, ['organization:read', 'organization:write']);
      const byKey = market.api.as(made.body.secret);
      const own = `/v1/organizations/${owner.organizationId}`;
      const member = `${own}/members/${bob.userId}`;
      expect((await byKey.patch(own, { name: 'By key' })).status).toBe(200);
      await owner.api.patch(member, { role: 'viewer' });
      expect((await byKey.patch(own, { name: 'Again' })).status).toBe(403);
      expect((await byKey.get(own)).status).toBe(200);
      await owner.api.delete(member);
      expect((await byKey.get(own)).status).toBe(401);
      await owner.api.post(`${own}/members`, { email: bob.email, role: 'owner' });
      expect((await byKey.get(own)).status).toBe(401);
    });

    it('acts for its own organisation only, whatever its creator belongs to', async () => {
      const [ada, bob] = [await register(market), await register(market)];
      await bob.api.post(`/v1/organizations/${bob.organizationId}/members`, {
        email: ada.email,
        role: 'owner',
      });
      const made = await ada.api.post(
        '/v1/api-keys',
        { name: 'a key', scopes: ['organization:read'] },
        { organizationId: ada.organizationId },
      );
      const byKey = market.api.as(made.body.secret);
      expect((await byKey.get(`/v1/organizations/${ada.organizationId}`)).status).toBe(200);
      expect((await byKey.get(`/v1/organizations/${bob.organizationId}`)).status).toBe(404);
      expect((await byKey.get('/v1/me', { organizationId: bob.organizationId })).status).toBe(403);
      expect((await byKey.get('/v1/me')).body.organizations).toMatchObject([{ id: ada.organizationId }]);
    });

    it('of an organisation that is suspended is refused', async () => {
      const ada = await register(market);
      const made = await makeKey(ada, ['organization:read']);
      const byKey = market.api.as(made.body.secret);
      expect((await byKey.get('/v1/me')).status).toBe(200);
      await admin.api.post(`/v1/admin/organizations/${ada.organizationId}/suspend`, { reason: 'unpaid' });
      expect(problem(await byKey.get('/v1/me'))).toBe('403 /problems/suspended');
    });
  });
});
