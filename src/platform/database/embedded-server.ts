import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { StartupError } from '../startup-error.js';
import type { Binaries } from './embedded-binaries.js';
import { type Home, show } from './embedded-home.js';
import {
  type LiveProcess,
  eventually,
  isAlive,
  liveProcess,
  liveProcesses,
  pidIsTaken,
  sendSignal,
} from './embedded-processes.js';

export const HOST = '127.0.0.1';
export const USER = 'fallow';
export const DATABASE = 'fallow';

/** Recovery after a crash replays at most max_wal_size or so; this is far beyond it. */
const READY_BOUND_MS = 300_000;
/** Politeness first: a fast shutdown, then one that the next start recovers from, then the kernel's. */
const STOP_STEPS: readonly [NodeJS.Signals, number][] = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/** A server that answers; `child` only when this process started it. */
export interface Postmaster {
  process: LiveProcess;
  port: number;
  child: ChildProcess | undefined;
}

/** Another program took the port between choosing and binding it. */
export class PortTakenError extends Error {}

/** The environment of the person who starts it (PGDATA, LC_ALL, LD_PRELOAD…) must not reach the server. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Written into the title of each of the server's processes, so that they are found again without the postmaster. */
function clusterName(home: Home): string {
  return `fallow-${createHash('sha256').update(home.data).digest('hex').slice(0, 12)}`;
}

function isPostmaster(home: Home, process: LiveProcess): boolean {
  return process.commandLine.includes(`/postgres -D ${home.data} -p `);
}

function isInitdb(home: Home, process: LiveProcess): boolean {
  return process.commandLine.includes(`/initdb --pgdata=${home.data}.tmp-`);
}

/** Every process of this cluster's server, also those that outlived their postmaster, and initdb. */
function serverProcesses(home: Home): LiveProcess[] {
  const self = process.getuid?.();
  const title = `postgres: ${clusterName(home)}: `;
  return liveProcesses().filter(
    (found) =>
      // Root can have been given a folder with a server that another user left.
      (found.uid === self || self === 0) &&
      (found.commandLine.startsWith(title) || isPostmaster(home, found) || isInitdb(home, found)),
  );
}

interface PidFile {
  pid: number;
  port: number;
  status: string;
}

function readPidFile(home: Home): PidFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(home.data, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const lines = text.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
}

/** A port of 127.0.0.1 that is free now: the preferred one if it is. */
export async function freePort(preferred: number | undefined): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((done) => {
      const probe = createServer();
      probe.once('error', () => done(undefined));
      probe.listen({ host: HOST, port, exclusive: true }, () => {
        const address = probe.address();
        probe.close(() => done(typeof address === 'object' && address ? address.port : undefined));
      });
    });
  const port = (preferred && (await tryPort(preferred))) || (await tryPort(0));
  if (!port) throw new StartupError(`No port of ${HOST} could be opened for PostgreSQL: set DATABASE_URL.`);
  return port;
}

function settings(home: Home, port: number): string[] {
  const values = {
    listen_addresses: HOST,
    // Sockets in a shared folder would be open to every user of the machine.
    unix_socket_directories: '',
    cluster_name: clusterName(home),
    max_connections: '100',
    shared_buffers: '128MB',
    // The ledger's rows are money: an answered commit has reached the disk.
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Refused statements are the application's to log, and would bring people's data into this file.
    log_min_messages: 'log',
    log_checkpoints: 'off',
    // The statements of a client that was killed end with it, and give back their locks.
    client_connection_check_interval: '2s',
  };
  const flags = Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', home.data, '-p', String(port), ...flags];
}

export function logFile(home: Home): string {
  return join(home.directory, 'postgres.log');
}

/** What was written to the log from this byte on. */
function logFrom(home: Home, start: number): string {
  const log = openSync(logFile(home), 'r');
  try {
    const buffer = Buffer.alloc(64 * 1024);
    return buffer.toString('utf8', 0, readSync(log, buffer, 0, buffer.length, start));
  } finally {
    closeSync(log);
  }
}

/** The line that says what went wrong: the first error, or else the last line. */
function complaint(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line =
    lines.find((text) => /\b(FATAL|PANIC|ERROR|error):/.test(text)) ?? lines.at(-1) ?? 'it said nothing';
  return line.replace(/^.*?\b(FATAL|PANIC|ERROR|error):\s*/, '').trim();
}

/** The error of a PostgreSQL program that ended: a full disk has its own line, and other trouble is quoted. */
export function programError(output: string, quote: (complaint: string) => string): Error {
  if (/No space left on device|wrote only \d+ of \d+ bytes/.test(output)) {
    return Object.assign(new Error(complaint(output)), { code: 'ENOSPC' });
  }
  return new StartupError(quote(complaint(output)));
}

/** What a failed attempt to run one of PostgreSQL's programs says. */
export function cannotRun(program: string, error: Error): StartupError {
  return new StartupError(
    `The embedded PostgreSQL does not run on this system (${error.message}): set DATABASE_URL to a PostgreSQL server.`,
    { cause: new Error(program, { cause: error }) },
  );
}

/**
 * Starts the server and waits until it accepts connections.
 * @throws PortTakenError when another port may work, and StartupError with the server's own words otherwise.
 */
export async function launch(home: Home, binaries: Binaries, port: number): Promise<Postmaster> {
  const log = openSync(logFile(home), 'a', 0o600);
  const logStart = fstatSync(log).size;
  // A session of its own: Ctrl-C in the terminal is for the application, which then stops the server in order.
  const child = spawn(binaries.postgres, settings(home, port), {
    ...home.runAs,
    cwd: '/',
    env: SERVER_ENVIRONMENT,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  const abandon = () => child.kill('SIGQUIT');
  process.once('exit', abandon);
  try {
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null || spawnError !== undefined;
    const isReady = () => {
      const file = readPidFile(home);
      return file?.pid === child.pid && file?.status === 'ready';
    };
    const settled = await eventually(() => hasEnded() || isReady(), READY_BOUND_MS);
    if (spawnError) throw cannotRun(binaries.postgres, spawnError);
    const running = child.pid === undefined ? undefined : liveProcess(child.pid);
    if (!hasEnded() && settled && running) {
      child.unref();
      return { process: running, port, child };
    }
    if (!hasEnded()) child.kill('SIGQUIT');
    const output = logFrom(home, logStart);
    if (output.includes('Address already in use')) throw new PortTakenError();
    throw new StartupError(
      `PostgreSQL did not start: ${complaint(output)} (more in ${show(logFile(home))}).`,
    );
  } finally {
    process.removeListener('exit', abandon);
  }
}

/** The cluster's server that an earlier process left running, when it is ours, of this version and well. */
export async function adopt(
  home: Home,
  binaries: Binaries,
  password: string,
): Promise<Postmaster | undefined> {
  const file = readPidFile(home);
  const expected = home.runAs?.uid ?? process.getuid?.();
  const found = serverProcesses(home).find(({ pid, uid }) => pid === file?.pid && uid === expected);
  if (!file || !found?.commandLine.startsWith(`${binaries.postgres} -D ${home.data} `)) return undefined;
  const isReady = () => readPidFile(home)?.status === 'ready';
  if (!(await eventually(() => isReady() || !isAlive(found), 60_000)) || !isAlive(found)) return undefined;
  try {
    await ensureDatabase(home, file.port, password);
  } catch {
    // A server that does not answer is not worth explaining: the caller stops it and starts one that does.
    return undefined;
  }
  return { process: found, port: file.port, child: undefined };
}

/** Connects as the application will, and creates its database on the way when it is not there. */
export async function ensureDatabase(home: Home, port: number, password: string): Promise<void> {
  const connect = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({
      host: HOST,
      port,
      user: USER,
      password,
      database,
      ssl: false,
      connectionTimeoutMillis: 10_000,
    });
    // A connection that breaks also fails the call that waits on it; unheard, the event would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  try {
    await (await connect(DATABASE)).end();
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === '28P01') {
      throw new StartupError(
        `The password in ${show(home.directory)}/database.json is not that of the database in ${show(home.data)}: put the right file back, or run "npm run demo:reset" to begin again.`,
      );
    }
    if (code !== '3D000') throw error;
    const client = await connect('postgres');
    await client.query(`create database ${DATABASE}`).finally(() => client.end());
  }
}

/** Stops whatever runs on this cluster, and returns when nothing does. */
export async function stopCluster(home: Home): Promise<void> {
  for (const [signal, boundMs] of STOP_STEPS) {
    const left = serverProcesses(home);
    // Processes without their postmaster notice by themselves, and at once unless they are busy.
    const leads = left.filter((found) => isPostmaster(home, found) || isInitdb(home, found));
    const asked = signal === 'SIGINT' ? leads : left;
    for (const target of asked) sendSignal(target, signal);
    await eventually(() => !left.some(isAlive), asked.length > 0 ? boundMs : 1_000);
    // Rare, but a process forked meanwhile is not in the list.
    if (serverProcesses(home).length === 0) return;
  }
  const [stuck] = serverProcesses(home);
  if (stuck)
    throw new StartupError(`Process ${stuck.pid} of PostgreSQL cannot be stopped, not even by SIGKILL.`);
}

/**
 * Removes a lock file that names a zombie or a stranger's process, for PostgreSQL would believe it. One that names
 * no process stays: PostgreSQL then also looks at the shared memory it names. Call it when nothing of the cluster runs.
 */
export function clearStaleLock(home: Home): void {
  const file = readPidFile(home);
  if (file && (!(file.pid > 0) || pidIsTaken(file.pid)))
    rmSync(join(home.data, 'postmaster.pid'), { force: true });
}
