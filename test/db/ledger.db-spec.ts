import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { applicationOptions } from '../../src/data-source.js';
import { AppError } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/id.js';
import { EscrowService } from '../../src/payments/escrow.service.js';
import { CASH_AT_BANK, ESCROW, FEES, earningsOf, walletOf } from '../../src/payments/ledger/chart.js';
import { Ledger, type Movement } from '../../src/payments/ledger/ledger.service.js';
import { recomputeAccounts } from '../../src/payments/ledger/trial-balance.query.js';
import { escrowMicrosOf, feesOf, walletTransactions } from '../../src/payments/wallet.query.js';
import { Clock } from '../../src/platform/clock.js';
import { Transactions, sqlState } from '../../src/platform/database/transactions.js';
import type { ReadyConfig } from '../../src/platform/platform.module.js';
import { type TestDatabase, createTestDatabase } from '../support/database.js';

const POOL_SIZE = 12;
const USD = 'USD';

let database: TestDatabase;
let dataSource: DataSource;
let transactions: Transactions;
let ledger: Ledger;
let escrow: EscrowService;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await new DataSource(
    applicationOptions(database.url, { databasePoolSize: POOL_SIZE }),
  ).initialize();
  const clock = new Clock();
  transactions = new Transactions(dataSource, clock);
  ledger = new Ledger(clock);
  escrow = new EscrowService(ledger, { settlementCurrency: USD } as ReadyConfig);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

async function organization(kind: 'buyer' | 'operator' = 'buyer'): Promise<string> {
  const id = newId();
  await dataSource.query(
    `insert into organizations (id, name, kind, created_at, updated_at) values ($1, 'An organisation', $2, now(), now())`,
    [id, kind],
  );
  return id;
}

const topUp = (organizationId: string, amountMicros: bigint, reference: string = newId()): Movement => ({
  organizationId,
  kind: 'top_up',
  debit: CASH_AT_BANK,
  credit: walletOf(organizationId),
  currency: USD,
  amountMicros,
  reference,
});

const spend = (organizationId: string, amountMicros: bigint, reference: string = newId()): Movement => ({
  organizationId,
  kind: 'escrow_hold',
  debit: walletOf(organizationId),
  credit: ESCROW,
  currency: USD,
  amountMicros,
  reference,
});

const post = (...transfers: Parameters<Ledger['post']>[1]): Promise<string[]> =>
  transactions.run((tx) => ledger.post(tx, transfers));

const balance = (organizationId: string) =>
  ledger.balanceOf(dataSource.manager, walletOf(organizationId), USD);

/** A refusal's code, or the constraint that refused. */
const nameOf = (error: unknown): string =>
  error instanceof AppError
    ? error.code
    : ((error as { driverError?: { constraint?: string } }).driverError?.constraint ?? String(error));

async function outcomesOf(
  attempts: Promise<unknown>[],
): Promise<{ done: number; refused: Map<string, number> }> {
  const settled = await Promise.allSettled(attempts);
  const refused = new Map<string, number>();
  for (const result of settled) {
    if (result.status === 'fulfilled') continue;
    const name = nameOf(result.reason);
    refused.set(name, (refused.get(name) ?? 0) + 1);
  }
  return { done: settled.filter((result) => result.status === 'fulfilled').length, refused };
}

/** Until a statement of this database waits for another's lock. */
async function untilSomeoneWaits(): Promise<void> {
  const waiting = `
    select from pg_locks join pg_stat_activity using (pid)
     where not granted and pg_stat_activity.datname = current_database()`;
  while ((await dataSource.query<object[]>(waiting)).length === 0) await setTimeout(5);
}

async function expectBalanced(): Promise<void> {
  const accounts = await recomputeAccounts(dataSource.manager);
  expect(accounts.reduce((sum, account) => sum + account.creditMicros - account.debitMicros, 0n)).toBe(0n);
  expect(accounts.filter((account) => !account.agrees)).toEqual([]);
  const overdrawn = accounts.filter(
    ({ kind, creditMicros, debitMicros }) =>
      ['wallet', 'earnings', 'escrow'].includes(kind) && debitMicros > creditMicros,
  );
  expect(overdrawn).toEqual([]);
}

describe('the ledger', () => {
  let buyer: string;
  beforeEach(async () => {
    buyer = await organization();
  });

  it('opens accounts on first use, once, however many come at the same time', async () => {
    const buyers = await Promise.all(Array.from({ length: 4 }, () => organization()));
    await Promise.all(Array.from({ length: 40 }, (_, index) => post(topUp(buyers[index % 4]!, 5n))));
    for (const id of buyers) expect(await balance(id)).toMatchObject({ availableMicros: 50n });
    const [{ wallets }] = await dataSource.query<[{ wallets: string }]>(
      `select count(*) as wallets from accounts where organization_id = any($1)`,
      [buyers],
    );
    expect(wallets).toBe('4');
    await expectBalanced();
  });

  it('lets exactly ten of fifty concurrent debits through when the wallet covers ten', async () => {
    await post(topUp(buyer, 1_099n));
    const { done, refused } = await outcomesOf(Array.from({ length: 50 }, () => post(spend(buyer, 100n))));
    expect(done).toBe(10);
    expect([...refused]).toEqual([['balance-exceeded', 40]]);
    expect(await balance(buyer)).toMatchObject({ availableMicros: 99n });
    await expectBalanced();
  });

  it('lets a debit wait for the credit under way that covers it', async () => {
    await post(topUp(buyer, 11n), spend(buyer, 1n));
    let spending: Promise<string[]> | undefined;
    await transactions.run(async (tx) => {
      await ledger.post(tx, [topUp(buyer, 90n)]);
      spending = post(spend(buyer, 100n));
      await untilSomeoneWaits();
    });
    await spending;
    expect(await balance(buyer)).toMatchObject({ availableMicros: 0n });
    await expectBalanced();
  });

  it('moves all linked transfers or none, and leaves the transaction usable', async () => {
    await post(topUp(buyer, 100n));
    await transactions.run(async (tx) => {
      await expect(ledger.post(tx, [topUp(buyer, 50n), spend(buyer, 151n)])).rejects.toMatchObject({
        code: 'balance-exceeded',
        availableMicros: 100n,
        requiredMicros: 101n,
      });
      await ledger.post(tx, [spend(buyer, 60n)]);
    });
    expect(await balance(buyer)).toMatchObject({ availableMicros: 40n, creditsPostedMicros: 100n });
    await expectBalanced();
  });

  it('judges linked transfers by their joint effect', async () => {
    await post(topUp(buyer, 100n), spend(buyer, 30n), spend(buyer, 70n));
    expect(await balance(buyer)).toMatchObject({ availableMicros: 0n });
  });

  it('moves a reference once, even when it is sent thirty times at once', async () => {
    const { done, refused } = await outcomesOf(
      Array.from({ length: 30 }, () => post(topUp(buyer, 7n, 'the same'))),
    );
    expect(done).toBe(1);
    expect([...refused]).toEqual([['transfer_reference_unique', 29]]);
    expect(await balance(buyer)).toMatchObject({ availableMicros: 7n });
    await post(topUp(await organization(), 7n, 'the same'));
    await expectBalanced();
  });

  it('never lets a balance pass the check constraint, whoever writes it', async () => {
    await post(topUp(buyer, 10n));
    await expect(
      dataSource.query(`update accounts set debits_posted = 11 where organization_id = $1`, [buyer]),
    ).rejects.toMatchObject({ driverError: { code: '23514', constraint: 'account_not_overdrawn' } });
  });

  it.each([
    ['update', `update transfers set amount_micros = amount_micros + 1`],
    ['delete', `delete from transfers`],
    ['truncate', `truncate transfers`],
    [
      'upsert',
      `insert into transfers select * from transfers on conflict (id, organization_id) do update set kind = 'x'`,
    ],
  ])('refuses %s of transfers to the application', async (_, sql) => {
    await post(topUp(buyer, 10n));
    const error: unknown = await dataSource.query(sql).catch((reason: unknown) => reason);
    expect(sqlState(error)).toBe('42501');
    const [{ role }] = await dataSource.query<[{ role: string }]>(`select current_user as role`);
    expect(role).toBe('fallow_app');
  });
});

describe('two-phase transfers', () => {
  let buyer: string;
  let pendingId: string;
  beforeEach(async () => {
    buyer = await organization();
    await post(topUp(buyer, 100n));
    [pendingId] = (await post({ ...spend(buyer, 80n), stage: 'pending' })) as [string];
  });

  const resolve = (stage: 'post_pending' | 'void_pending', amountMicros?: bigint): Promise<string[]> =>
    post({ organizationId: buyer, kind: 'escrow_hold', stage, pendingId, amountMicros, reference: newId() });

  it('reserve, so that the rest alone can be spent', async () => {
    expect(await balance(buyer)).toMatchObject({ availableMicros: 20n, reservedMicros: 80n });
    await expect(post(spend(buyer, 21n))).rejects.toMatchObject({
      code: 'balance-exceeded',
      availableMicros: 20n,
    });
    await expectBalanced();
  });

  it('post in full, post in part and give the rest back, or void', async () => {
    await resolve('post_pending');
    expect(await balance(buyer)).toMatchObject({
      availableMicros: 20n,
      reservedMicros: 0n,
      debitsPostedMicros: 80n,
    });

    const [part] = (await post({ ...spend(buyer, 20n), stage: 'pending' })) as [string];
    pendingId = part;
    await resolve('post_pending', 5n);
    expect(await balance(buyer)).toMatchObject({ availableMicros: 15n, reservedMicros: 0n });

    const [none] = (await post({ ...spend(buyer, 15n), stage: 'pending' })) as [string];
    pendingId = none;
    await resolve('void_pending');
    expect(await balance(buyer)).toMatchObject({ availableMicros: 15n, reservedMicros: 0n });
    await expectBalanced();
  });

  it('refuse to post more than was reserved, and what another organisation reserved', async () => {
    await expect(resolve('post_pending', 81n)).rejects.toMatchObject({ code: 'reserve-exceeded' });
    const other = await organization();
    await expect(
      post({
        organizationId: other,
        kind: 'escrow_hold',
        stage: 'void_pending',
        pendingId,
        reference: newId(),
      }),
    ).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('are resolved once, however many post and void at the same time', async () => {
    const { done, refused } = await outcomesOf(
      Array.from({ length: 30 }, (_, index) => resolve(index % 2 === 0 ? 'post_pending' : 'void_pending')),
    );
    expect(done).toBe(1);
    expect([...refused]).toEqual([['transfer_pending_resolved_once', 29]]);
    const { reservedMicros, availableMicros } = await balance(buyer);
    expect(reservedMicros).toBe(0n);
    expect([20n, 100n]).toContain(availableMicros);
    await expectBalanced();
  });
});

describe('escrow', () => {
  let buyer: string;
  let operator: string;
  let bookingId: string;
  beforeEach(async () => {
    buyer = await organization();
    operator = await organization('operator');
    bookingId = newId();
    await post(topUp(buyer, 1_000n));
  });

  const hold = (amountMicros: bigint) =>
    transactions.run((tx) => escrow.hold(tx, { bookingId, organizationId: buyer, amountMicros }));
  const release = (
    amountMicros: bigint,
    feeMicros: bigint,
    reference = `booking:${bookingId}:release:final`,
  ) =>
    transactions.run((tx) =>
      escrow.release(tx, { bookingId, operatorId: operator, amountMicros, feeMicros, reference }),
    );
  const refund = (amountMicros: bigint, reference = `booking:${bookingId}:refund`) =>
    transactions.run((tx) =>
      escrow.refund(tx, { bookingId, organizationId: buyer, amountMicros, reference }),
    );
  const inEscrow = () => escrowMicrosOf(dataSource.manager, buyer, USD);

  it('holds, refunds and releases, and both parties see their own part', async () => {
    await hold(900n);
    expect(await inEscrow()).toBe(900n);
    await refund(300n);
    await release(600n, 30n);
    expect(await inEscrow()).toBe(0n);
    expect(await balance(buyer)).toMatchObject({ availableMicros: 400n });
    const earnings = await ledger.balanceOf(dataSource.manager, earningsOf(operator), USD);
    expect(earnings.availableMicros).toBe(570n);
    expect(await feesOf(dataSource.manager, operator, USD)).toBe(30n);
    const statement = await walletTransactions(dataSource.manager, buyer, USD, { limit: 10 });
    expect(statement.map(({ kind, micros, bookingId: of }) => [kind, micros, of])).toEqual([
      ['escrow_refund', 300n, bookingId],
      ['escrow_hold', -900n, bookingId],
      ['top_up', 1_000n, null],
    ]);
    await expectBalanced();
  });

  it('says what is available and what is required when the wallet falls short', async () => {
    await expect(hold(1_001n)).rejects.toMatchObject({
      kind: 'payment-required',
      code: 'insufficient-funds',
      members: {
        available: { amount: '0.001000', currency: 'USD' },
        required: { amount: '0.001001', currency: 'USD' },
      },
    });
    const penniless = await organization();
    await expect(
      transactions.run((tx) => escrow.hold(tx, { bookingId, organizationId: penniless, amountMicros: 1n })),
    ).rejects.toMatchObject({ code: 'insufficient-funds', members: { available: { amount: '0.000000' } } });
  });

  it("never pays one booking out of another's escrow", async () => {
    await hold(400n);
    const other = newId();
    await transactions.run((tx) =>
      escrow.hold(tx, { bookingId: other, organizationId: buyer, amountMicros: 500n }),
    );
    await expect(release(401n, 0n)).rejects.toMatchObject({ code: 'escrow-exceeded' });
    await expect(refund(401n)).rejects.toMatchObject({ code: 'escrow-exceeded' });
    await release(400n, 400n);
    expect(await transactions.run((tx) => escrow.heldFor(tx, bookingId))).toBe(0n);
    expect(await transactions.run((tx) => escrow.heldFor(tx, other))).toBe(500n);
    await expectBalanced();
  });

  it('settles a reference once', async () => {
    await hold(900n);
    await refund(100n);
    await expect(refund(100n)).rejects.toMatchObject({
      driverError: { constraint: 'transfer_reference_unique' },
    });
    await release(100n, 5n);
    await expect(release(100n, 5n)).rejects.toMatchObject({
      driverError: { constraint: 'transfer_reference_unique' },
    });
    expect(await inEscrow()).toBe(700n);
  });
});

describe('a ledger under random concurrent transfers', () => {
  const WORKERS = 8;
  const OPERATIONS = 60;

  it('sums to zero at every read, and takes no wallet below zero', async () => {
    const buyers = await Promise.all(Array.from({ length: 5 }, () => organization()));
    const operator = await organization('operator');
    const pick = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
    const amount = (): bigint => BigInt(1 + Math.floor(Math.random() * 200));
    const pending: { organizationId: string; pendingId: string }[] = [];

    const step = async (): Promise<void> => {
      const organizationId = pick(buyers);
      const dice = Math.floor(Math.random() * 7);
      if (dice === 0) await post(topUp(organizationId, amount()), topUp(pick(buyers), amount()));
      if (dice === 1) await post(spend(organizationId, amount()));
      if (dice === 2)
        await post({ ...spend(organizationId, 1n), debit: ESCROW, credit: walletOf(pick(buyers)) });
      if (dice === 3) {
        await post(
          { ...spend(organizationId, amount()), debit: ESCROW, credit: earningsOf(operator) },
          { ...spend(organizationId, 1n), debit: ESCROW, credit: FEES },
        );
      }
      if (dice === 4) {
        const [pendingId] = (await post({ ...spend(organizationId, amount()), stage: 'pending' })) as [
          string,
        ];
        pending.push({ organizationId, pendingId });
      }
      if (dice === 5 && pending.length > 0) {
        const stage = pick(['post_pending', 'void_pending'] as const);
        await post({ ...pick(pending), kind: 'escrow_hold', stage, reference: newId() });
      }
      if (dice === 6) {
        const [a, b] = [pick(buyers), pick(buyers)];
        if (a !== b) await post({ ...spend(a, amount()), credit: walletOf(b) });
      }
    };
    const expected = new Set(['balance-exceeded', 'transfer_pending_resolved_once']);
    const worker = async (): Promise<void> => {
      for (let operation = 0; operation < OPERATIONS; operation++) {
        const { refused } = await outcomesOf([step()]);
        expect([...refused.keys()].filter((code) => !expected.has(code))).toEqual([]);
      }
    };
    const work = { done: false };
    const reader = async (): Promise<number> => {
      let reads = 0;
      for (; !work.done; reads++) await expectBalanced();
      return reads;
    };
    const reading = reader();
    await Promise.all(Array.from({ length: WORKERS }, worker));
    work.done = true;
    expect(await reading).toBeGreaterThan(0);
    await expectBalanced();
  });
});
