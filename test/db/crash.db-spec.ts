import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadCatalogue } from '../../src/catalog/catalogue-loader.js';
import { applicationOptions, migrate } from '../../src/data-source.js';
import { newId } from '../../src/kernel/id.js';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { Api, type Answer } from '../support/api.js';
import { contradictions } from '../support/booking-market.js';
import { insertListing } from '../support/supply.js';

const BOOKINGS = 1_000;
const BUYERS_AT_ONCE = 16;
/** Who is killed when this many bookings have been answered 201. */
const CRASHES = [
  { at: 150, who: 'server' },
  { at: 400, who: 'postgres' },
  { at: 650, who: 'server' },
  { at: 850, who: 'postgres' },
] as const;
type Victim = (typeof CRASHES)[number]['who'];

const LISTINGS = 10;
const GPUS_PER_NODE = 8;
/** Just enough for all bookings, and a few GPUs to choose from. */
const NODES = BOOKINGS / LISTINGS / GPUS_PER_NODE + 1;

const MAIN = join(import.meta.dirname, '../../dist/src/main.js');
const READY = /listens on (http:\/\/\S+)/;

/** The server as a process of its own, on one port for its whole life of crashes. */
class ServerProcess {
  private child: ChildProcess | undefined;
  url = '';
  private errors = '';

  constructor(private readonly databaseUrl: string) {}

  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: this.databaseUrl,
        SECRET_KEY: 'a secret for tests, longer than 32 characters',
        RATE_LIMIT_SCALE: '100000',
        HOLD_SECONDS: '3600',
        LOG_LEVEL: 'error',
        HOST: '127.0.0.1',
        PORT: port,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    child.once('exit', (code, signal) => {
      if (signal !== 'SIGKILL') console.log(`the server ended by itself with ${code}: ${this.errors}`);
    });
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    // A 500 is a bug, and its stack is only told here.
    child.stdout.on(
      'data',
      (chunk: Buffer) => void (/Problem|500/.test(chunk.toString()) && console.log(chunk.toString())),
    );
    this.url = await new Promise<string>((ready, failed) => {
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const url = READY.exec(said)?.[1];
        if (url) ready(url.replace('localhost', '127.0.0.1'));
      });
      child.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${said}${this.errors}`)));
    });
  }

  get running(): boolean {
    return this.child?.exitCode === null && this.child.signalCode === null;
  }

  /** No signal handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    if (!this.child || !this.running) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

interface Market {
  connection: DataSource;
  listingIds: string[];
  buyer: Api;
}

/** A buyer with money, and listings with room for every booking and not much more. */
async function openMarket(server: ServerProcess, databaseUrl: string): Promise<Market> {
  const connection = await new DataSource(
    applicationOptions(databaseUrl, { databasePoolSize: 2 }),
  ).initialize();
  const listingIds: string[] = [];
  for (let made = 0; made < LISTINGS; made++) {
    const row = { nodes: Math.ceil(NODES), gpusPerNode: GPUS_PER_NODE };
    listingIds.push(await connection.transaction((tx) => insertListing(tx, row)));
  }
  const api = new Api(server.url);
  const registered = await api.post('/v1/auth/register', {
    email: `${newId()}@example.org`,
    password: 'nine iron lemons',
    displayName: 'Ada Lovelace',
    organization: { name: 'The buyer', kind: 'buyer' },
  });
  expect(registered.status).toBe(201);
  await fund(connection, registered.body.organization.id);
  return { connection, listingIds, buyer: api.as(registered.body.accessToken) };
}

/** Money as a settled top-up leaves it: exactly what all the bookings cost. */
async function fund(connection: DataSource, organizationId: string): Promise<void> {
  const accounts = await connection.query<{ id: string; kind: string }[]>(
    `insert into accounts (id, organization_id, kind, currency, debits_posted, credits_posted, created_at)
     values ($1, $2, 'wallet', 'USD', 0, $5::bigint, now()), ($3, $4, 'cash_at_bank', 'USD', $5::bigint, 0, now())
     returning id, kind`,
    [newId(), organizationId, newId(), 'ffffffff-ffff-7fff-bfff-ffffffffffff', BOOKINGS * 2_000_000],
  );
  const id = (kind: string): string => accounts.find((account) => account.kind === kind)!.id;
  await connection.query(
    `insert into transfers (id, organization_id, kind, debit_account_id, credit_account_id, amount_micros, currency,
       reference, created_at) values ($1, $2, 'top_up', $3, $4, $5, 'USD', 'test', now())`,
    [newId(), organizationId, id('cash_at_bank'), id('wallet'), BOOKINGS * 2_000_000],
  );
}

/** What a client does that lost its answer: it sends the same call with the same key until there is one. */
async function untilAnswered(call: () => Promise<Answer>, ambiguous: () => void): Promise<Answer> {
  let last = 'nothing';
  for (let attempt = 0; attempt < 1_200; attempt++) {
    try {
      const answer = await call();
      const again = answer.status === 503 || answer.body?.type === '/problems/idempotency-in-progress';
      if (!again) return answer;
      last = JSON.stringify(answer.body);
    } catch (error) {
      // Node's fetch throws its own realm's TypeError for every broken connection.
      if ((error as Error).name !== 'TypeError') throw error;
      last = String((error as Error).cause);
    }
    ambiguous();
    await sleep(100);
  }
  throw new Error(`the server did not come back; the last answer was ${last}`);
}

interface Outcome {
  /** Booking id by the number of the attempt. */
  acknowledged: Map<number, string>;
  retried: number;
  refused: Answer[];
}

/** Makes and pays 1,000 bookings, a few at once; `crash` is called as the counts of `CRASHES` are reached. */
async function bookThrough(
  { buyer, listingIds }: Market,
  crash: (who: Victim) => Promise<void>,
): Promise<Outcome> {
  const outcome: Outcome = { acknowledged: new Map(), retried: 0, refused: [] };
  const start = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 86_400_000).toISOString();
  const due: { at: number; who: Victim }[] = [...CRASHES];
  const crashes: Promise<void>[] = [];
  let broken: Error | undefined;
  const ambiguous = (): void => {
    // A server that could not be brought back is the story, not the silence that follows.
    if (broken) throw broken;
    outcome.retried++;
  };
  const book = async (number: number): Promise<void> => {
    const body = { listingId: listingIds[number % LISTINGS], gpus: 1, start, hours: 1 };
    const held = await untilAnswered(
      () => buyer.post('/v1/bookings', body, { key: `hold-${number}` }),
      ambiguous,
    );
    if (held.status !== 201) return void outcome.refused.push(held);
    outcome.acknowledged.set(number, held.body.id);
    if (outcome.acknowledged.size >= (due[0]?.at ?? Infinity)) {
      crashes.push(crash(due.shift()!.who).catch((error: Error) => void (broken = error)));
    }
    const path = `/v1/bookings/${held.body.id}/confirm`;
    const paid = await untilAnswered(() => buyer.post(path, undefined, { key: `pay-${number}` }), ambiguous);
    if (paid.status !== 200) outcome.refused.push(paid);
  };
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < BOOKINGS) await book(next++);
  };
  await Promise.all(Array.from({ length: BUYERS_AT_ONCE }, worker));
  await Promise.all(crashes);
  return outcome;
}

async function expectNothingLost({ connection }: Market, outcome: Outcome): Promise<void> {
  expect(outcome.refused).toEqual([]);
  expect(outcome.acknowledged.size).toBe(BOOKINGS);
  const rows = await connection.query<{ id: string }[]>(
    `select id from bookings where state = 'confirmed' order by id`,
  );
  expect(rows.map(({ id }) => id)).toEqual([...outcome.acknowledged.values()].sort());
  const [{ others }] = await connection.query<[{ others: number }]>(
    `select count(*)::int as others from bookings where state <> 'confirmed'`,
  );
  expect(others).toBe(0);
  expect(await contradictions(connection)).toEqual([]);
  const [{ left }] = await connection.query<[{ left: string }]>(
    `select credits_posted - debits_posted as left from accounts where kind = 'wallet'`,
  );
  expect(left).toBe('0');
}

const cleanUp: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** The postmaster first, so that it cannot recover by itself, then whoever it leaves behind. */
async function killPostgres(connection: DataSource): Promise<void> {
  const [{ pid }] = await connection.query<[{ pid: number }]>(`select pg_backend_pid() as pid`);
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [pid: number, parent: number]);
  const postmaster = processes.find(([own]) => own === pid)![1];
  const family = processes.filter(([, parent]) => parent === postmaster).map(([own]) => own);
  for (const each of [postmaster, ...family]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

describe('1,000 bookings', () => {
  it('survive kill -9 of the server and of PostgreSQL: none answered 201 is lost, and no half is left', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fallow-crash-'));
    const postgres = await startEmbeddedPostgres({ directory, say: () => undefined });
    cleanUp.push(async () => {
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
    });
    await migrate(postgres.url);
    await loadCatalogue(postgres.url);
    const server = new ServerProcess(postgres.url);
    cleanUp.push(() => server.kill());
    await server.start();
    const market = await openMarket(server, postgres.url);
    cleanUp.push(() => market.connection.destroy());
    const outcome = await bookThrough(market, async (who) => {
      if (who === 'postgres') return killPostgres(market.connection);
      await server.kill();
      await server.start();
    });
    expect(outcome.retried).toBeGreaterThan(0);
    expect(server.running).toBe(true);
    await expectNothingLost(market, outcome);
  }, 420_000);
});
