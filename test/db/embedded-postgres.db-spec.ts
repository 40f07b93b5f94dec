import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type LiveProcess,
  eventually,
  isAlive,
  liveProcess,
  liveProcesses,
  processesFromPs,
} from '../../src/platform/database/embedded-processes.js';
import { Checkout, type Outcome, Runner } from '../support/embedded-checkout.js';

const IS_ROOT = process.getuid?.() === 0;
/** A user that every Linux has, is not root and is not the one root runs the server as. */
const DAEMON = { uid: 1, gid: 1 };

let checkout: Checkout;
const runners: Runner[] = [];
const strangers: ChildProcess[] = [];
const directories = new Set<string>();

beforeAll(() => {
  checkout = new Checkout();
});

afterAll(async () => {
  await Promise.all(runners.map((runner) => runner.stop()));
  for (const stranger of strangers) stranger.kill('SIGKILL');
  for (const directory of directories) {
    if (existsSync(directory) && IS_ROOT) chownSync(directory, 0, 0);
    await new Runner(checkout, 'reset', directory).ended;
  }
  checkout.remove();
});

function newDirectory(name: string, user?: { uid: number; gid: number }): string {
  const directory = join(checkout.folder, name);
  directories.add(directory);
  if (user) {
    mkdirSync(directory);
    chownSync(directory, user.uid, user.gid);
  }
  return directory;
}

function run(what: 'start' | 'reset', directory: string, user?: { uid: number; gid: number }): Runner {
  const runner = new Runner(checkout, what, directory, user);
  runners.push(runner);
  return runner;
}

/** Starts the server, and fails with what it said if it does not come up. */
async function start(directory: string, user?: { uid: number; gid: number }) {
  const runner = run('start', directory, user);
  const { url, port, message } = await runner.outcome;
  if (!url || !port) throw new Error(`no start: ${message ?? runner.errors}`);
  return { runner, url, port };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client
    .query(text)
    .then((result) => result.rows as Record<string, unknown>[])
    .finally(() => client.end());
}

/** The postmaster of this folder and all its children, by the name that is in their titles. */
function serverOf(directory: string): { postmaster: LiveProcess; all: LiveProcess[] } | undefined {
  const data = realpathSync(join(directory, 'pg'));
  const all = liveProcesses();
  const postmaster = all.find(({ commandLine }) => commandLine.includes(`postgres -D ${data} -p `));
  if (!postmaster) return undefined;
  const name = /cluster_name=(\S+)/.exec(postmaster.commandLine)?.[1];
  return { postmaster, all: all.filter((found) => found.commandLine.includes(name ?? 'no name')) };
}

function ownerFiles(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('owner-'));
}

async function keepRow(url: string, value: number): Promise<void> {
  await query(url, 'create table if not exists kept (value int)');
  await query(url, `insert into kept values (${value})`);
}

const keptRows = (url: string) => query(url, 'select value from kept order by value');

const users: { name: string; user: typeof DAEMON | undefined }[] = IS_ROOT
  ? [
      { name: 'root', user: undefined },
      { name: 'a user', user: DAEMON },
    ]
  : [{ name: 'a user', user: undefined }];

describe.each(users)('the embedded server, started by $name', ({ name, user }) => {
  let directory: string;
  beforeAll(() => {
    directory = newDirectory(`data-${name.replace(' ', '-')}`, user);
  });

  it('starts the first time, with a password, on loopback, and stops without leaving a process', async () => {
    const { runner, url, port } = await start(directory, user);
    expect(runner.said).toEqual([
      expect.stringMatching(/^creating the database in data-.*\/pg$/),
      `PostgreSQL listens on 127.0.0.1:${port}`,
    ]);
    const [row] = await query(
      url,
      `select current_user::text as who, current_setting('fsync') as fsync, current_setting('timezone') as zone,
       current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as address,
       current_setting('unix_socket_directories') as sockets, pg_encoding_to_char(encoding) as encoding,
       lower('ÄÖ') as lower from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({
      who: 'fallow',
      fsync: 'on',
      zone: 'UTC',
      commit: 'on',
      address: '127.0.0.1',
      sockets: '',
      encoding: 'UTF8',
      lower: 'äö',
    });
    expect(statSync(join(directory, 'database.json')).mode & 0o777).toBe(0o600);
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    await keepRow(url, 1);

    const server = serverOf(directory);
    expect(server?.all.length).toBeGreaterThan(3);
    expect(await runner.stop()).toBe(0);
    expect(server?.all.filter(isAlive)).toEqual([]);
    expect(ownerFiles(directory)).toEqual([]);
  });

  it('takes over the server that a killed process left, and stops it as its own', async () => {
    const first = await start(directory, user);
    await keepRow(first.url, 2);
    await first.runner.kill();
    const orphan = serverOf(directory);
    expect(orphan && isAlive(orphan.postmaster)).toBe(true);

    const second = await start(directory, user);
    expect(second.url).toBe(first.url);
    expect(serverOf(directory)?.postmaster.pid).toBe(orphan?.postmaster.pid);
    expect(await keptRows(second.url)).toContainEqual({ value: 2 });
    expect(await second.runner.stop()).toBe(0);
    expect(orphan?.all.filter(isAlive)).toEqual([]);
  });

  it('starts the server again on its port when it is killed, also one that it took over', async () => {
    const first = await start(directory, user);
    for (const adopted of [false, true]) {
      if (adopted) await first.runner.kill();
      const current = adopted ? await start(directory, user) : first;
      await keepRow(current.url, adopted ? 4 : 3);
      process.kill(serverOf(directory)?.postmaster.pid ?? 0, 'SIGKILL');
      const isBack = () =>
        current.runner.said.at(-1) === `PostgreSQL listens on 127.0.0.1:${first.port} again`;
      expect(await eventually(isBack, 30_000)).toBe(true);
      expect(await keptRows(current.url)).toContainEqual({ value: adopted ? 4 : 3 });
      if (adopted) expect(await current.runner.stop()).toBe(0);
    }
    expect(serverOf(directory)).toBeUndefined();
  });

  it('starts after both were killed, when the lock file names a process of someone else', async () => {
    const first = await start(directory, user);
    await keepRow(first.url, 5);
    const server = serverOf(directory);
    await first.runner.kill();
    process.kill(server?.postmaster.pid ?? 0, 'SIGKILL');
    await eventually(() => !server?.all.some(isAlive), 30_000);

    // The same user's, so that PostgreSQL itself would believe the file and refuse to start.
    const { uid, gid } = statSync(join(directory, 'pg'));
    const stranger = spawn('sleep', ['60'], IS_ROOT ? { uid, gid, stdio: 'ignore' } : { stdio: 'ignore' });
    strangers.push(stranger);
    const lock = join(directory, 'pg/postmaster.pid');
    writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(stranger.pid)));

    const second = await start(directory, user);
    expect(await keptRows(second.url)).toContainEqual({ value: 5 });
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(await second.runner.stop()).toBe(0);
  });

  it('takes another port when its own is taken, and remembers that', async () => {
    const { port } = JSON.parse(readFileSync(join(directory, 'database.json'), 'utf8')) as { port: number };
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const first = await start(directory, user);
    expect(first.port).not.toBe(port);
    expect(await first.runner.stop()).toBe(0);
    squatter.close();
    const second = await start(directory, user);
    expect(second.port).toBe(first.port);
    expect(await second.runner.stop()).toBe(0);
  });
});

describe('the owner of a folder', () => {
  it('is one of several that start at once, and the others name it and leave its server alone', async () => {
    const directory = newDirectory('data-race');
    const racers = [1, 2, 3, 4].map(() => run('start', directory));
    const outcomes = await Promise.all(racers.map((racer) => racer.outcome));
    const winners = outcomes.filter(({ url }) => url);
    expect(winners).toHaveLength(1);
    const winner = racers[outcomes.findIndex(({ url }) => url)];
    for (const { failed, message } of outcomes.filter(({ url }) => !url)) {
      expect(failed).toBe('StartupError');
      expect(message).toMatch(/^data-race is in use by process \d+, .*$/);
    }

    const late = await run('start', directory).outcome;
    expect(late.message).toContain(`in use by process ${winner?.child.pid},`);
    const reset = await run('reset', directory).outcome;
    expect(reset.message).toContain(`in use by process ${winner?.child.pid},`);
    expect(await query(winners[0]?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await winner?.stop()).toBe(0);
  });

  it('is not a dead process whose pid another one has now', async () => {
    const directory = newDirectory('data-race');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `owner-${process.pid}-0123456789abcdef`), 'holding\n');
    const { runner } = await start(directory);
    expect(ownerFiles(directory)).toHaveLength(1);
    expect(await runner.stop()).toBe(0);
  });

  it('takes its server along when an exception ends it', async () => {
    const directory = newDirectory('data-race');
    const { runner } = await start(directory);
    const server = serverOf(directory);
    runner.child.kill('SIGUSR2');
    expect(await runner.ended).not.toBe(0);
    expect(await eventually(() => !server?.all.some(isAlive), 30_000)).toBe(true);
    expect(ownerFiles(directory)).toEqual([]);
  });

  it('resets only what is its own, with the server that was left on it', async () => {
    const directory = newDirectory('data-race');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'secret-key'), 'someone else wrote this');
    const { runner } = await start(directory);
    const server = serverOf(directory);
    await runner.kill();
    const reset = run('reset', directory);
    expect(await reset.ended).toBe(0);
    expect(server?.all.filter(isAlive)).toEqual([]);
    expect(readdirSync(directory)).toEqual(['secret-key']);
  });
});

describe('a first start', () => {
  it('begins again when it was killed while it made the cluster', async () => {
    const directory = newDirectory('data-half');
    const half = run('start', directory);
    await eventually(() => half.said.length > 0, 30_000);
    await sleep(200);
    await half.kill();
    expect(existsSync(join(directory, 'pg'))).toBe(false);
    const { runner, url } = await start(directory);
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(readdirSync(directory).filter((name) => name.includes('tmp'))).toEqual([]);
    // A log that grew too long does not grow for ever.
    expect(await runner.stop()).toBe(0);
    appendFileSync(join(directory, 'postgres.log'), 'x'.repeat(11 * 1024 * 1024));
    const again = await start(directory);
    expect(statSync(join(directory, 'postgres.log')).size).toBeLessThan(10_000);
    expect(await again.runner.stop()).toBe(0);
  });

  it('makes the links that an install without scripts leaves out, or a copy where it may not', async () => {
    const user = IS_ROOT ? DAEMON : undefined;
    const directory = newDirectory('data-links', user);
    checkout.removeLinks();
    const lib = join(checkout.nativeFolder, 'lib');
    chmodSync(lib, 0o555);
    try {
      const { runner } = await start(directory, user);
      expect(serverOf(directory)?.postmaster.commandLine).toContain(`${directory}/binaries-`);
      expect(await runner.stop()).toBe(0);
    } finally {
      chmodSync(lib, 0o755);
    }
    if (!IS_ROOT) return checkout.restoreLinks();
    const linked = newDirectory('data-half');
    const { runner } = await start(linked);
    expect(serverOf(linked)?.postmaster.commandLine).toContain(checkout.nativeFolder);
    expect(await runner.stop()).toBe(0);
  });

  it('refuses the folder of another user in one line', async () => {
    if (!IS_ROOT) return;
    const directory = newDirectory('data-half');
    const outcome: Outcome = await run('start', directory, DAEMON).outcome;
    expect(outcome.message).toBe(
      'data-half belongs to another user (uid 0, you are 1): start as that user, give it to yourself ("sudo chown -R 1 data-half"), or set DATA_DIRECTORY to another folder.',
    );
  });

  it('stops the server that another user left when root was given its folder', async () => {
    if (!IS_ROOT) return;
    const directory = newDirectory('data-a-user');
    const left = await start(directory, DAEMON);
    await keepRow(left.url, 6);
    const server = serverOf(directory);
    await left.runner.kill();
    chownSync(directory, 0, 0);
    const { runner, url } = await start(directory);
    expect(server?.all.filter(isAlive)).toEqual([]);
    expect(await keptRows(url)).toContainEqual({ value: 6 });
    expect(await runner.stop()).toBe(0);
  });

  it('keeps the files elsewhere when root starts it in a home that nobody else may enter', async () => {
    if (!IS_ROOT) return;
    const home = join(checkout.folder, '..');
    chmodSync(home, 0o700);
    try {
      const directory = newDirectory('data-closed');
      const { runner, url } = await start(directory);
      const place = join(realpathSync(join(directory, 'pg')), '..');
      expect(runner.said[0]).toBe(`PostgreSQL's user cannot enter data-closed, so its files are in ${place}`);
      await keepRow(url, 1);
      await runner.kill();
      const again = await start(directory);
      expect(await keptRows(again.url)).toEqual([{ value: 1 }]);
      expect(await again.runner.stop()).toBe(0);
      expect(await run('reset', directory).ended).toBe(0);
      expect([existsSync(place), readdirSync(directory)]).toEqual([false, []]);
    } finally {
      chmodSync(home, 0o755);
    }
  });
});

it('sees the same processes through ps as through /proc', () => {
  const [self] = processesFromPs(['-p', String(process.pid)]);
  expect(self).toMatchObject({ pid: process.pid, uid: process.getuid?.() });
  expect(liveProcess(process.pid)?.commandLine.startsWith(self?.commandLine.slice(0, 20) ?? '?')).toBe(true);
  expect(processesFromPs(['-p', '2147483646'])).toEqual([]);
});
