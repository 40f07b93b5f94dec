import { existsSync, lstatSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../startup-error.js';
import { type Binaries, type Package, locateBinaries, prepareBinaries } from './embedded-binaries.js';
import { checkVersion, createCluster, hasCluster, removeHalfMade } from './embedded-cluster.js';
import {
  type Credentials,
  type Home,
  credentialsFile,
  findHome,
  giveTree,
  isOfAnotherUser,
  isOutside,
  keepCredentials,
  newCredentials,
  prepareHome,
  readCredentials,
  show,
} from './embedded-home.js';
import { type Ownership, claimOwnership } from './embedded-owner.js';
import { isAlive, sendSignal } from './embedded-processes.js';
import {
  DATABASE,
  HOST,
  PortTakenError,
  type Postmaster,
  USER,
  adopt,
  clearStaleLock,
  ensureDatabase,
  freePort,
  launch,
  logFile,
  stopCluster,
} from './embedded-server.js';

export interface EmbeddedPostgresOptions {
  /** Everything the server keeps is in here, `.data` for instance. */
  directory: string;
  /** Hears short lines about the progress. */
  say: (line: string) => void;
}

export interface EmbeddedPostgres {
  url: string;
  host: string;
  port: number;
  /** Stops the server and returns when no process of it is left. May be called again. */
  stop(): Promise<void>;
}

const LOG_BOUND_BYTES = 10 * 1024 * 1024;
const PORT_ATTEMPTS = 5;
/** More unexpected ends than this in a while, and starting the server again is not what helps. */
const RESTARTS = { most: 5, withinMs: 600_000 };

/** A started server, kept running until it is stopped. */
class Supervisor {
  private readonly restarts: number[] = [];
  private recovery: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | undefined;
  private watch: NodeJS.Timeout | undefined;

  constructor(
    private readonly home: Home,
    private readonly binaries: Binaries,
    private readonly ownership: Ownership,
    private readonly say: (line: string) => void,
    private postmaster: Postmaster,
  ) {
    process.once('exit', this.onExit);
    this.supervise();
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  private async shutDown(): Promise<void> {
    clearInterval(this.watch);
    await this.recovery;
    await stopCluster(this.home);
    process.removeListener('exit', this.onExit);
    this.ownership.release();
  }

  /** Nothing can be awaited any more; the server finishes its fast shutdown alone. */
  private readonly onExit = (): void => sendSignal(this.postmaster.process, 'SIGINT');

  private supervise(): void {
    const { child, process: running } = this.postmaster;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.once('exit', () => this.onLost());
      return;
    }
    // An adopted server is not our child, so nothing tells when it ends.
    this.watch = setInterval(() => {
      if (isAlive(running)) return;
      clearInterval(this.watch);
      this.onLost();
    }, 1_000).unref();
  }

  private onLost(): void {
    if (this.stopped) return;
    const now = performance.now();
    this.restarts.push(now);
    if (this.restarts.filter((at) => now - at < RESTARTS.withinMs).length > RESTARTS.most) {
      this.say(`PostgreSQL keeps ending, and is not started again: see ${show(logFile(this.home))}`);
      return;
    }
    this.say('PostgreSQL ended unexpectedly; starting it again');
    this.recovery = this.restart().catch((error: unknown) => {
      this.say(`PostgreSQL could not be started again: ${(error as Error).message}`);
    });
  }

  /** On the same port, because the application keeps its address. */
  private async restart(): Promise<void> {
    await stopCluster(this.home);
    if (this.stopped) return;
    clearStaleLock(this.home);
    this.postmaster = await launch(this.home, this.binaries, this.postmaster.port);
    this.say(`PostgreSQL listens on ${HOST}:${this.postmaster.port} again`);
    this.supervise();
  }
}

/** Makes or completes the cluster, and returns what the application connects with. */
async function prepareCluster(
  home: Home,
  binaries: Binaries,
  say: (line: string) => void,
): Promise<Credentials> {
  const kept = readCredentials(home);
  if (hasCluster(home) && !kept && isOutside(home)) {
    // The checkout's folder was deleted to begin again, and this is what it could not take along.
    await stopCluster(home);
    rmSync(home.data, { recursive: true, force: true });
  }
  if (hasCluster(home)) {
    if (!kept) {
      throw new StartupError(
        `The password of the database is lost (${show(credentialsFile(home))} is missing): put it back, or run "npm run demo:reset" to begin again.`,
      );
    }
    checkVersion(home, binaries);
    removeHalfMade(home);
    return kept;
  }
  // A server may still run on a folder that was deleted under it, or initdb for a process that was killed.
  await stopCluster(home);
  removeHalfMade(home);
  const credentials = kept ?? newCredentials();
  // Before the cluster, so that there is never one whose password nobody knows.
  keepCredentials(home, credentials);
  say(`creating the database in ${show(home.data)}`);
  await createCluster(home, binaries, credentials.password);
  return credentials;
}

async function launchOnFreePort(
  home: Home,
  binaries: Binaries,
  preferred: number | undefined,
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(home, binaries, await freePort(attempt === 1 ? preferred : undefined));
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function boundLog(home: Home): void {
  const file = logFile(home);
  if (existsSync(file) && statSync(file).size > LOG_BOUND_BYTES) truncateSync(file);
}

/** The one line for the person who starts it, whatever went wrong. */
function startupError(error: unknown, directory: string): StartupError {
  if (error instanceof StartupError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const place = show(directory);
  const line =
    code === 'ENOSPC'
      ? `The disk that holds ${place} is full: free some space and start again.`
      : ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '')
        ? `The embedded PostgreSQL may not do what it needs in ${place} (${message}): start as the user it belongs to, set DATA_DIRECTORY to a folder of yours, or set DATABASE_URL.`
        : `The embedded PostgreSQL could not be started in ${place}: ${message?.split('\n')[0] ?? String(error)} (DATABASE_URL names another server to use).`;
  return new StartupError(line, { cause: error });
}

async function startOwned(
  home: Home,
  ownership: Ownership,
  found: Package,
  say: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const binaries = prepareBinaries(found, home.base, home.runAs);
  if (isOfAnotherUser(home)) {
    // A server that the other user left would lose its files in the middle of its work.
    await stopCluster(home);
    giveTree(home.data, home.runAs);
  }
  const credentials = await prepareCluster(home, binaries, say);
  let postmaster = await adopt(home, binaries, credentials.password);
  if (postmaster) {
    say(`PostgreSQL was still running (process ${postmaster.process.pid}) and is used again`);
  } else {
    await stopCluster(home);
    clearStaleLock(home);
    boundLog(home);
    postmaster = await launchOnFreePort(home, binaries, credentials.port);
  }
  const { port } = postmaster;
  const supervisor = new Supervisor(home, binaries, ownership, say, postmaster);
  try {
    await ensureDatabase(home, port, credentials.password);
    if (port !== credentials.port) keepCredentials(home, { ...credentials, port });
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  say(`PostgreSQL listens on ${HOST}:${port}`);
  return {
    url: urlOf(credentials.password, port),
    host: HOST,
    port,
    stop: () => supervisor.stop(),
  };
}

const urlOf = (password: string, port: number): string =>
  `postgres://${USER}:${encodeURIComponent(password)}@${HOST}:${port}/${DATABASE}`;

/** Where the server of `directory` listened last; undefined where none ever did. Whether it still does is not asked. */
export function embeddedUrl(directory: string): string | undefined {
  const home = findHome(directory);
  const credentials = home && readCredentials(home);
  return credentials?.port === undefined ? undefined : urlOf(credentials.password, credentials.port);
}

/**
 * Starts the PostgreSQL that comes with the npm packages, with its files in `directory`, and keeps it running: a
 * server that a killed process left behind is used again, and one that ends unexpectedly is started again on its port.
 * @throws StartupError with one line for the person who starts it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { directory, say } = options;
  let ownership: Ownership | undefined;
  try {
    const found = locateBinaries();
    const home = prepareHome(directory);
    if (isOutside(home))
      say(`PostgreSQL's user cannot enter ${home.shown}, so its files are in ${home.base}`);
    ownership = await claimOwnership(home.base, home.shown);
    return await startOwned(home, ownership, found, say);
  } catch (error) {
    ownership?.release();
    throw startupError(error, directory);
  }
}

/**
 * Deletes the embedded database of `directory` with everything that belongs to it, and nothing else.
 * @throws StartupError when a process that lives uses it.
 */
export async function resetEmbeddedPostgres(directory: string): Promise<void> {
  let ownership: Ownership | undefined;
  try {
    const home = findHome(directory);
    if (!home) return;
    ownership = await claimOwnership(home.base, home.shown);
    await stopCluster(home);
    removeHalfMade(home);
    const remove = (path: string) => rmSync(path, { recursive: true, force: true });
    remove(home.data);
    const link = join(home.directory, 'pg');
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) remove(link);
    for (const file of [credentialsFile(home), `${credentialsFile(home)}.tmp`, logFile(home)]) remove(file);
    for (const name of readdirSync(home.base)) {
      if (name.startsWith('binaries-')) remove(join(home.base, name));
    }
    if (isOutside(home)) remove(home.base);
  } catch (error) {
    throw startupError(error, directory);
  } finally {
    ownership?.release();
  }
}
