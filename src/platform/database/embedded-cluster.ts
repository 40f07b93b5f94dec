import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { StartupError } from '../startup-error.js';
import type { Binaries } from './embedded-binaries.js';
import { type Home, give, show } from './embedded-home.js';
import { SERVER_ENVIRONMENT, USER, cannotRun, programError } from './embedded-server.js';

/** Whether the cluster was made; a half-made one has another name. */
export function hasCluster(home: Home): boolean {
  return existsSync(join(home.data, 'PG_VERSION'));
}

/** @throws StartupError when another major version made the cluster, whose files this one cannot read. */
export function checkVersion(home: Home, binaries: Binaries): void {
  const made = readFileSync(join(home.data, 'PG_VERSION'), 'utf8').trim();
  if (made === binaries.major) return;
  throw new StartupError(
    `The database in ${show(home.data)} is of PostgreSQL ${made} and this is ${binaries.major}: run "npm run demo:reset" to begin again, or serve it with PostgreSQL ${made} and set DATABASE_URL.`,
  );
}

/** Removes what a start that was killed in the middle of making a cluster left. */
export function removeHalfMade(home: Home): void {
  const prefix = `${basename(home.data)}.tmp-`;
  for (const name of readdirSync(home.base)) {
    if (name.startsWith(prefix))
      rmSync(join(home.base, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * Makes the cluster: under another name first, so that a folder with the right name is a whole one.
 * @throws StartupError with what initdb said.
 */
export async function createCluster(home: Home, binaries: Binaries, password: string): Promise<void> {
  // Empty, or the rubble of something that was not a cluster; `hasCluster` said there is no database in it.
  if (existsSync(home.data) && readdirSync(home.data).length > 0) {
    throw new StartupError(
      `${show(home.data)} holds files but no database: delete or move it, then start again.`,
    );
  }
  const half = `${home.data}.tmp-${process.pid}`;
  const passwordFile = `${half}.password`;
  mkdirSync(half, { mode: 0o700 });
  give(half, home.runAs);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  give(passwordFile, home.runAs);
  try {
    await runInitdb(home, binaries, [`--pgdata=${half}`, `--pwfile=${passwordFile}`]);
    rmSync(home.data, { recursive: true, force: true });
    renameSync(half, home.data);
    syncFolder(home.base);
  } finally {
    removeHalfMade(home);
  }
}

async function runInitdb(home: Home, binaries: Binaries, places: string[]): Promise<void> {
  const choices = [
    `--username=${USER}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Sorted by code point and independent of the host's locales, yet lower() knows every alphabet.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const child = spawn(binaries.initdb, [...places, ...choices], {
    ...home.runAs,
    cwd: '/',
    env: SERVER_ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const keep = (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-16_384));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ending: [number | null, NodeJS.Signals | null];
  try {
    ending = (await once(child, 'close')) as typeof ending;
  } catch (error) {
    throw cannotRun(binaries.initdb, error as Error);
  } finally {
    process.removeListener('exit', kill);
  }
  const [code, signal] = ending;
  if (code === 0) return;
  if (output.includes('could not look up effective user ID')) {
    throw new StartupError(
      `PostgreSQL needs a user with a name, and uid ${process.getuid?.()} has none here: start as a user that /etc/passwd lists, or set DATABASE_URL.`,
    );
  }
  throw programError(
    output,
    (said) => `PostgreSQL could not create its database: ${said} (initdb ended with ${code ?? signal}).`,
  );
}

/** Makes a rename in this folder last through a loss of power. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
