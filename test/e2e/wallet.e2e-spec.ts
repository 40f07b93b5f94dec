import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/id.js';
import { TrialBalanceService } from '../../src/payments/ledger/trial-balance.service.js';
import { EscrowService } from '../../src/payments/escrow.service.js';
import { isTopUpReference } from '../../src/payments/top-up-reference.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { AppMetrics } from '../../src/platform/ops/metrics.js';
import type { Answer } from '../support/api.js';
import { type Person, dataSourceOf, platformPerson, register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';

const usd = (amount: string) => ({ amount, currency: 'USD' });

describe('The wallet', () => {
  let market: TestApp;
  let admin: Person;
  let moderator: Person;

  beforeAll(async () => {
    market = await startTestApp();
    admin = await platformPerson(market, 'admin');
    moderator = await platformPerson(market, 'moderator');
  });

  afterAll(() => market?.close());

  const topUp = (buyer: Person, amount: string, key?: string | null): Promise<Answer> =>
    buyer.api.post('/v1/wallet/top-ups', { amount: usd(amount) }, { key });
  const settle = (id: string): Promise<Answer> => admin.api.post(`/v1/admin/top-ups/${id}/settle`);
  const available = async (buyer: Person): Promise<string> =>
    (await buyer.api.get('/v1/wallet')).body.available.amount;
  const funded = async (amount: string): Promise<Person> => {
    const buyer = await register(market, 'buyer');
    expect((await settle((await topUp(buyer, amount)).body.id)).status).toBe(200);
    return buyer;
  };
  const eventsOf = async (buyer: Person): Promise<string[]> => {
    const rows = await dataSourceOf(market).query<{ name: string }[]>(
      `select name from outbox where organization_id = $1 order by transaction_id, id`,
      [buyer.organizationId],
    );
    return rows.map((row) => row.name).filter((name) => name !== 'account.registered');
  };

  it('is empty at first', async () => {
    const buyer = await register(market, 'buyer');
    const { status, body } = await buyer.api.get('/v1/wallet');
    expect(status).toBe(200);
    expect(body).toEqual({
      available: usd('0.000000'),
      inEscrow: usd('0.000000'),
      reserved: usd('0.000000'),
      currency: 'USD',
    });
    expect((await buyer.api.get('/v1/wallet/transactions')).body).toEqual({ data: [], nextCursor: null });
  });

  it('takes a bank transfer: announced, settled by an admin, spendable', async () => {
    const buyer = await register(market, 'buyer');
    const announced = await topUp(buyer, '1234.56');
    expect(announced.status).toBe(201);
    expect(announced.body).toEqual({
      id: expect.any(String),
      organizationId: buyer.organizationId,
      state: 'pending',
      method: 'bank_transfer',
      amount: usd('1234.560000'),
      reference: expect.stringMatching(/^FLW-.{4}-.{4}$/),
      instructions: expect.stringContaining(announced.body.reference),
      createdAt: expect.any(String),
      settledAt: null,
    });
    expect(isTopUpReference(announced.body.reference)).toBe(true);
    expect(await available(buyer)).toBe('0.000000');

    const settled = await settle(announced.body.id);
    expect(settled.status).toBe(200);
    expect(settled.body).toMatchObject({
      id: announced.body.id,
      state: 'settled',
      settledAt: expect.any(String),
    });
    expect(await available(buyer)).toBe('1234.560000');
    expect((await buyer.api.get(`/v1/wallet/top-ups/${announced.body.id}`)).body).toEqual(settled.body);
    const { body } = await buyer.api.get('/v1/wallet/transactions');
    expect(body.data).toEqual([
      {
        id: expect.any(String),
        kind: 'top_up',
        amount: usd('1234.560000'),
        bookingId: null,
        createdAt: expect.any(String),
      },
    ]);
    expect(await eventsOf(buyer)).toEqual(['top_up.created', 'wallet.topped_up']);
  });

  it('is credited once when the top-up is settled twenty times at once', async () => {
    const buyer = await register(market, 'buyer');
    const { id } = (await topUp(buyer, '10')).body;
    const answers = await Promise.all(Array.from({ length: 20 }, () => settle(id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(409)]);
    const refused = answers.filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ body }) => body.type))).toEqual(new Set(['/problems/illegal-transition']));
    expect(await available(buyer)).toBe('10.000000');
    expect((await settle(id)).body).toMatchObject({ type: '/problems/illegal-transition', state: 'settled' });
    expect(await eventsOf(buyer)).toEqual(['top_up.created', 'wallet.topped_up']);
  });

  describe('a repeated top-up', () => {
    it('with the same key is the first one, told as a replay', async () => {
      const buyer = await register(market, 'buyer');
      const key = newId();
      const first = await topUp(buyer, '5', key);
      const second = await topUp(buyer, '5', key);
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      expect(second.headers.get('idempotency-replayed')).toBe('true');
      expect([second.status, second.body]).toEqual([201, first.body]);
      expect((await buyer.api.get('/v1/wallet/top-ups')).body.data).toEqual([first.body]);
    });

    it('sent fifty times at once makes one', async () => {
      const buyer = await register(market, 'buyer');
      const key = newId();
      const answers = await Promise.all(Array.from({ length: 50 }, () => topUp(buyer, '5', key)));
      for (const { status, body } of answers) {
        if (status !== 201) expect(body.type).toBe('/problems/idempotency-in-progress');
      }
      expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
      expect((await buyer.api.get('/v1/wallet/top-ups')).body.data).toHaveLength(1);
    });

    it('with the same key and another amount is refused', async () => {
      const buyer = await register(market, 'buyer');
      const key = newId();
      await topUp(buyer, '5', key);
      const other = await topUp(buyer, '6', key);
      expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key-reused']);
    });

    it('without a key is refused', async () => {
      const buyer = await register(market, 'buyer');
      const { status, body } = await topUp(buyer, '5', null);
      expect([status, body.type]).toEqual([400, '/problems/idempotency-key-required']);
    });

    it('under the same key of another buyer is their own', async () => {
      const [one, other] = [await register(market, 'buyer'), await register(market, 'buyer')];
      const key = newId();
      const first = await topUp(one, '5', key);
      const second = await topUp(other, '5', key);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.id).not.toBe(first.body.id);
    });
  });

  it.each([
    ['nothing', { amount: usd('0') }, '/amount/amount'],
    ['less than nothing', { amount: usd('-5') }, '/amount/amount'],
    ['a float', { amount: { amount: 5.5, currency: 'USD' } }, '/amount/amount'],
    ['a seventh decimal', { amount: usd('1.0000001') }, '/amount/amount'],
    ['an exponent', { amount: usd('1e3') }, '/amount/amount'],
    ['more than a top-up takes', { amount: usd('100000000.000001') }, '/amount/amount'],
    ['another currency', { amount: { amount: '5', currency: 'EUR' } }, '/amount/currency'],
    ['no currency', { amount: { amount: '5' } }, '/amount/currency'],
    ['a bare string', { amount: '5' }, '/amount'],
    ['a list', { amount: [usd('5')] }, '/amount'],
    ['no amount', {}, '/amount'],
    ['a field it does not know', { amount: usd('5'), state: 'settled' }, '/state'],
  ])('refuses a top-up of %s, naming the field', async (_, body, pointer) => {
    const buyer = await register(market, 'buyer');
    const answer = await buyer.api.post('/v1/wallet/top-ups', body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect((await buyer.api.get('/v1/wallet/top-ups')).body.data).toEqual([]);
  });

  describe('of another organisation', () => {
    it('shows neither its top-ups nor its money', async () => {
      const rich = await funded('100');
      const stranger = await register(market, 'buyer');
      const [theirs] = (await rich.api.get('/v1/wallet/top-ups')).body.data;
      expect((await stranger.api.get(`/v1/wallet/top-ups/${theirs.id}`)).status).toBe(404);
      expect((await stranger.api.get(`/v1/wallet/top-ups/${newId()}`)).status).toBe(404);
      expect((await stranger.api.get('/v1/wallet/top-ups/nonsense')).status).toBe(404);
      expect((await stranger.api.get('/v1/wallet/top-ups')).body.data).toEqual([]);
      expect((await stranger.api.get('/v1/wallet/transactions')).body.data).toEqual([]);
      expect(await available(stranger)).toBe('0.000000');
      const posing = await stranger.api.get('/v1/wallet', { organizationId: rich.organizationId });
      expect(posing.status).toBeGreaterThanOrEqual(403);
    });
  });

  describe('of the platform', () => {
    it.each([
      ['GET', '/v1/admin/top-ups'],
      ['GET', '/v1/admin/ledger/trial-balance'],
      ['GET', '/v1/admin/policies'],
      ['PUT', '/v1/admin/policies'],
      ['POST', '/v1/admin/top-ups/0190a000-0000-7000-8000-000000000000/settle'],
    ])('%s %s is for admins alone', async (method, path) => {
      const buyer = await register(market, 'buyer');
      expect((await market.api.call(method, path)).status).toBe(401);
      expect((await buyer.api.call(method, path)).status).toBe(403);
      expect((await moderator.api.call(method, path)).status).toBe(403);
    });

    it('has no top-up to settle under an unknown id', async () => {
      expect((await settle(newId())).status).toBe(404);
      expect((await settle('nonsense')).status).toBe(404);
    });

    it('lists what waits for its money, page by page', async () => {
      const buyer = await register(market, 'buyer');
      const ids: string[] = [];
      for (const amount of ['1', '2', '3']) ids.unshift((await topUp(buyer, amount)).body.id);
      await settle(ids[1]!);
      const first = (await admin.api.get('/v1/admin/top-ups?state=pending&limit=1')).body;
      const second = (
        await admin.api.get(`/v1/admin/top-ups?state=pending&limit=1&cursor=${first.nextCursor}`)
      ).body;
      expect([first.data[0].id, second.data[0].id]).toEqual([ids[0], ids[2]]);
      const settled = (await admin.api.get('/v1/admin/top-ups?state=settled&limit=1')).body;
      expect(settled.data[0]).toMatchObject({ id: ids[1], organizationId: buyer.organizationId });
      expect((await admin.api.get('/v1/admin/top-ups?state=lost')).status).toBe(422);
      const foreign = await buyer.api.get(`/v1/wallet/top-ups?cursor=${first.nextCursor}`);
      expect([foreign.status, foreign.body.type]).toEqual([400, '/problems/invalid-cursor']);
    });
  });

  describe('during a booking', () => {
    it('shows what is in escrow, and the operator its earnings', async () => {
      const buyer = await funded('1000');
      const operator = await register(market, 'operator');
      const escrow = market.app.get(EscrowService);
      const transactions = market.app.get(Transactions);
      const bookingId = newId();
      const { organizationId } = buyer;
      await transactions.run(async (tx) => {
        await escrow.hold(tx, { bookingId, organizationId, amountMicros: 600_000_000n });
        await escrow.refund(tx, {
          bookingId,
          organizationId,
          amountMicros: 100_000_000n,
          reference: 'refund',
        });
      });
      expect((await buyer.api.get('/v1/wallet')).body).toMatchObject({
        available: usd('500.000000'),
        inEscrow: usd('500.000000'),
      });
      await transactions.run((tx) =>
        escrow.release(tx, {
          bookingId,
          operatorId: operator.organizationId!,
          amountMicros: 200_000_000n,
          feeMicros: 10_000_000n,
          reference: 'release',
        }),
      );
      expect((await buyer.api.get('/v1/wallet')).body.inEscrow).toEqual(usd('300.000000'));
      expect((await operator.api.get('/v1/earnings')).body).toEqual({
        available: usd('190.000000'),
        released: usd('190.000000'),
        fees: usd('10.000000'),
        currency: 'USD',
      });
      expect((await buyer.api.get('/v1/earnings')).status).toBe(403);

      const all = (await buyer.api.get('/v1/wallet/transactions')).body.data;
      expect(all.map(({ kind, amount, bookingId: of }: any) => [kind, amount.amount, of])).toEqual([
        ['escrow_refund', '100.000000', bookingId],
        ['escrow_hold', '-600.000000', bookingId],
        ['top_up', '1000.000000', null],
      ]);
      const first = (await buyer.api.get('/v1/wallet/transactions?limit=2')).body;
      const rest = (await buyer.api.get(`/v1/wallet/transactions?limit=2&cursor=${first.nextCursor}`)).body;
      expect([...first.data, ...rest.data]).toEqual(all);
      expect(rest.nextCursor).toBeNull();
      expect((await buyer.api.get('/v1/wallet/transactions?kind=top_up')).body.data).toEqual([all[2]]);
      expect((await buyer.api.get(`/v1/wallet/transactions?to=${all[2].createdAt}`)).body.data).toEqual([]);
      expect((await buyer.api.get(`/v1/wallet/transactions?from=${all[2].createdAt}`)).body.data).toEqual(
        all,
      );
      expect((await buyer.api.get('/v1/wallet/transactions?from=yesterday')).status).toBe(422);
      const ever = 'from=0000-01-01T00:00:00Z&to=9999-12-31T23:59:59.999999999Z';
      expect((await buyer.api.get(`/v1/wallet/transactions?${ever}`)).body.data).toEqual(all);
    });
  });

  describe('and the trial balance', () => {
    it('recomputes every account from transfers, and sums to zero', async () => {
      const buyer = await funded('77.000001');
      const { status, body } = await admin.api.get('/v1/admin/ledger/trial-balance');
      expect(status).toBe(200);
      expect(body.sum).toBe('0.000000');
      const wallet = body.accounts.find(
        (account: any) => account.organizationId === buyer.organizationId && account.kind === 'wallet',
      );
      expect(wallet).toEqual({
        id: expect.any(String),
        kind: 'wallet',
        organizationId: buyer.organizationId,
        currency: 'USD',
        debit: '0.000000',
        credit: '77.000001',
        balance: '77.000001',
      });
      const cash = body.accounts.filter((account: any) => account.kind === 'cash_at_bank');
      expect(cash).toHaveLength(1);
      expect(cash[0]).not.toHaveProperty('organizationId');
    });

    it('raises the alert metric when a running balance differs from its transfers', async () => {
      const buyer = await funded('5');
      const verify = () => market.app.get(TrialBalanceService).verify();
      const gauge = async () => (await market.app.get(AppMetrics).ledgerImbalance.get()).values[0]?.value;
      expect(await verify()).toEqual({ sumMicros: 0n, differing: [] });
      expect(await gauge()).toBe(0);
      const tamper = (micros: number) =>
        dataSourceOf(market).query(
          `update accounts set credits_posted = credits_posted + $2 where organization_id = $1 and kind = 'wallet'`,
          [buyer.organizationId, micros],
        );
      await tamper(1);
      expect((await verify()).differing).toMatchObject([
        { organizationId: buyer.organizationId, kind: 'wallet' },
      ]);
      expect(await gauge()).toBe(1);
      await tamper(-1);
      await verify();
      expect(await gauge()).toBe(0);
    });
  });
});

describe('The policies', () => {
  let market: TestApp;
  let admin: Person;
  const changed = {
    feeBps: 300,
    refundSchedule: [
      { noticeHours: 0, percent: 0 },
      { noticeHours: 48, percent: 100 },
    ],
    terminationPercent: 80,
  };

  beforeAll(async () => {
    market = await startTestApp({ HOLD_SECONDS: '120' });
    admin = await platformPerson(market, 'admin');
  });

  afterAll(() => market?.close());

  it('are public, version 1 by default', async () => {
    const [one, other] = await Promise.all([market.api.get('/v1/policies'), market.api.get('/v1/policies')]);
    expect(one.status).toBe(200);
    expect(one.headers.get('etag')).toBe('"1"');
    expect(one.body).toEqual({
      version: 1,
      feeBps: 500,
      refundSchedule: [
        { noticeHours: 72, percent: 100 },
        { noticeHours: 24, percent: 75 },
        { noticeHours: 1, percent: 50 },
        { noticeHours: 0, percent: 25 },
      ],
      terminationPercent: 50,
      holdSeconds: 120,
      deliveryGraceSeconds: 1800,
      effectiveFrom: expect.any(String),
    });
    expect(other.body).toEqual(one.body);
  });

  it('get a new version from an admin, for everyone at once', async () => {
    const before = (await admin.api.get('/v1/admin/policies')).body;
    const put = await admin.api.put('/v1/admin/policies', { ...changed, holdSeconds: 60 });
    expect(put.status).toBe(200);
    expect(put.body).toMatchObject({
      version: before.version + 1,
      feeBps: 300,
      refundSchedule: [changed.refundSchedule[1], changed.refundSchedule[0]],
      holdSeconds: 60,
      deliveryGraceSeconds: 1800,
    });
    expect((await market.api.get('/v1/policies')).body).toEqual(put.body);
  });

  it('let one of two admins through who both changed the same version', async () => {
    const { version } = (await admin.api.get('/v1/admin/policies')).body;
    const headers = { 'if-match': `"${version}"` };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => admin.api.put('/v1/admin/policies', changed, { headers })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412]);
    expect((await market.api.get('/v1/policies')).body.version).toBe(version + 1);
  });

  it.each([
    ['/feeBps', { feeBps: 5001 }],
    ['/feeBps', { feeBps: 1.5 }],
    ['/terminationPercent', { terminationPercent: 101 }],
    ['/terminationPercent', { terminationPercent: undefined }],
    ['/refundSchedule', { refundSchedule: [] }],
    ['/refundSchedule/0/percent', { refundSchedule: [{ noticeHours: 1, percent: -1 }] }],
    ['/holdSeconds', { holdSeconds: 0 }],
    ['/version', { version: 9 }],
    [
      '/refundSchedule/0/percent',
      {
        refundSchedule: [
          { noticeHours: 0, percent: 60 },
          { noticeHours: 24, percent: 50 },
        ],
      },
    ],
  ])('refuse a wrong %s', async (pointer, change) => {
    const { status, body } = await admin.api.put('/v1/admin/policies', { ...changed, ...change });
    expect(status).toBe(422);
    expect(body.errors[0].pointer).toBe(pointer);
  });
});
