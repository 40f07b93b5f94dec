import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../src/kernel/id.js';
import type { Api } from '../support/api.js';
import { platformPerson, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

/** Calls of each operation; each with another body, path and query. */
const CALLS_PER_OPERATION = 25;

type Schema = Record<string, any>;

/** What clients send that servers fall over: wrong types, extremes, control characters, half-made objects. */
const HOSTILE = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    0.1,
    '',
    ' ',
    '\0',
    '\ud800',
    '%00',
    "' or 1=1 --",
    '../../etc/passwd',
    '{{7*7}}',
    'NaN',
    '-0',
    '1e400',
    '9'.repeat(400),
    'x'.repeat(5_000),
    '2027-13-45T99:99:99Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:00Z',
    [],
    [[]],
    [null],
    {},
    { toString: null },
    { amount: {}, currency: [] },
    { amount: '-1', currency: 'USD' },
    { amount: '9999999999999', currency: 'XXX' },
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.integer(),
);

/** A value near what the schema asks for: mostly right, at times hostile. */
function near(schema: Schema | undefined, root: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (!schema) return HOSTILE;
  if (schema.$ref) return near(root.components.schemas[schema.$ref.split('/').pop()], root, depth);
  if (depth > 4) return HOSTILE;
  const right = (): fc.Arbitrary<unknown> => {
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.example !== undefined) return fc.constant(schema.example);
    if (schema.allOf) return near(schema.allOf[0], root, depth);
    switch (schema.type) {
      case 'object':
        return objectNear(schema, root, depth);
      case 'array':
        return fc.array(near(schema.items ?? {}, root, depth + 1), { maxLength: 3 });
      case 'integer':
        return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 64, 100_000) });
      case 'number':
        return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1000, noNaN: true });
      case 'boolean':
        return fc.boolean();
      default:
        if (schema.format === 'uuid') return fc.constant(newId());
        if (schema.format === 'date-time')
          return fc.constantFrom('2027-03-01T00:00:00Z', '2027-03-02T12:30:00Z');
        return fc.string({ minLength: 1, maxLength: 20 });
    }
  };
  return fc.oneof({ weight: 6, arbitrary: right() }, { weight: 1, arbitrary: HOSTILE });
}

function objectNear(schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> {
  const fields = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const shape = Object.fromEntries(fields.map(([name, field]) => [name, near(field, root, depth + 1)]));
  return fc.record(shape, { requiredKeys: schema.required ?? [] });
}

interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema?: Schema }[];
  body: Schema | undefined;
}

function operationsOf(document: Schema): Operation[] {
  return Object.entries(document.paths as Record<string, Record<string, any>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      body: operation.requestBody?.content?.['application/json']?.schema,
    })),
  );
}

/** The path of one call: ids that exist nowhere, ids that are none, and a query near the documented one. */
function addressNear(operation: Operation, document: Schema): fc.Arbitrary<string> {
  const ids = fc.constantFrom(newId(), 'x', '%00', '..', '%F0%28', '0', "'");
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  const values = fc.record(
    Object.fromEntries(query.map(({ name, schema }) => [name, near(schema ?? {}, document)])),
    { requiredKeys: [] },
  );
  return fc.tuple(ids, values).map(([id, asked]) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(asked)) {
      for (const item of Array.isArray(value) ? value : [value])
        search.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
    return `${operation.path.replaceAll(/\{\w+\}/g, id)}?${search.toString()}`;
  });
}

describe('hostile input', () => {
  let market: TestApp;
  let document: Schema;
  const people: Api[] = [];

  beforeAll(async () => {
    market = await startTestApp();
    people.push((await register(market, 'buyer')).api, (await register(market, 'operator')).api);
    people.push((await platformPerson(market, 'admin')).api, market.api);
    document = (await market.api.get('/openapi.json')).body;
  });
  afterAll(() => market.close());

  it('never makes the server fail, whoever sends it', async () => {
    const failures: string[] = [];
    const statuses = new Map<number, number>();
    for (const operation of operationsOf(document)) {
      const calls = fc.record({
        who: fc.constantFrom(...people),
        address: addressNear(operation, document),
        body: operation.body ? near(operation.body, document) : fc.constant(undefined),
      });
      for (const { who, address, body } of fc.sample(calls, { numRuns: CALLS_PER_OPERATION, seed: 7 })) {
        const answer = await who.call(operation.method, address, body === '' ? undefined : body, {
          headers: typeof body === 'string' ? { 'content-type': 'application/json' } : {},
        });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        const problem = answer.status < 400 || /problem\+json/.test(answer.headers.get('content-type') ?? '');
        if (answer.status >= 500 || !problem) {
          failures.push(`${operation.method} ${address} ${JSON.stringify(body)} -> ${answer.status}`);
        }
      }
    }
    console.log(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)));
    expect(failures).toEqual([]);
    expect([...statuses.keys()].some((status) => status === 422)).toBe(true);
  }, 240_000);

  it.each([
    ['broken JSON', '{"email":', 'application/json', 400],
    ['a JSON array', '[]', 'application/json', 422],
    ['prototype pollution', '{"__proto__":{"admin":true}}', 'application/json', 400],
    ['another media type', 'email=a', 'application/x-www-form-urlencoded', 415],
    ['CSV where none is read', 'a,b', 'text/csv', 415],
    ['more than a mebibyte', `{"email":"${'x'.repeat(1_100_000)}"}`, 'application/json', 413],
    ['an unknown field', '{"email":"a@example.org","password":"x","surprise":1}', 'application/json', 422],
  ])('answers %s with a problem document', async (_, body, type, status) => {
    const answer = await fetch(`${market.url}/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({
      status,
      instance: '/v1/auth/login',
      type: expect.stringMatching(/^\/problems\//),
    });
    expect(problem.requestId).toBe(answer.headers.get('x-request-id'));
  });

  it('names the unknown field by a JSON pointer', async () => {
    const answer = await market.api.post('/v1/auth/login', {
      email: 'a@example.org',
      password: 'x',
      surprise: 1,
    });
    expect(answer.body.errors).toContainEqual({ pointer: '/surprise', detail: 'is not a known field' });
  });
});
