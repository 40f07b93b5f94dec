import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { StartupError } from '../startup-error.js';

/** The user the server runs as when this process is root, whom PostgreSQL refuses. */
export interface RunAs {
  uid: number;
  gid: number;
}

/** Where the server's files are. */
export interface Home {
  /** The folder that was asked for. */
  directory: string;
  /** That folder as a person would write it. */
  shown: string;
  /** The cluster itself: `<directory>/pg`, or what that link points to. */
  data: string;
  /** The folder around the cluster, which the owner files and half-made clusters share with it. */
  base: string;
  runAs: RunAs | undefined;
}

/** What must outlive a run. */
export interface Credentials {
  password: string;
  port: number | undefined;
}

/** `nobody` on Linux: there already, so no user of the host is created. */
const NOBODY: RunAs = { uid: 65_534, gid: 65_534 };
/** Where root keeps a cluster whose own folder the server's user cannot enter; the first that can be used. */
const REACHABLE_ROOTS = ['/var/lib', '/var/tmp', '/tmp'];
const PLACE_NAME = /^fallow-[0-9a-f]{12}$/;

function permits(path: string, runAs: RunAs, bit: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === runAs.uid ? 6 : gid === runAs.gid ? 3 : 0;
  return ((mode >> shift) & bit) === bit;
}

/** Whether that user may enter the folder through all folders above it. */
export function canTraverse(folder: string, runAs: RunAs): boolean {
  const above = dirname(folder);
  return permits(folder, runAs, 1) && (above === folder || canTraverse(above, runAs));
}

/** Whether that user may read the file, or list the folder. */
export function canRead(path: string, runAs: RunAs): boolean {
  return permits(path, runAs, 4);
}

function entry(path: string) {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** The path as a person in this folder would write it. */
export function show(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') ? path : short;
}

function refuseForeign(path: string, self: number, takeOver: boolean): void {
  const { uid } = statSync(path);
  if (uid === self) return;
  const ways = [
    'start as that user',
    ...(takeOver ? [`give it to yourself ("sudo chown -R ${self} ${show(path)}")`] : []),
    'or set DATA_DIRECTORY to another folder',
  ];
  throw new StartupError(
    `${show(path)} belongs to another user (uid ${uid}, you are ${self}): ${ways.join(', ')}.`,
  );
}

/** A folder outside the checkout for its cluster. The name says whose it is, the note says it to people. */
function reachablePlace(directory: string): string {
  const name = `fallow-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
  for (const root of REACHABLE_ROOTS) {
    const place = join(root, name);
    try {
      mkdirSync(place);
      // Set apart from making it, because the umask of root may be narrow.
      chmodSync(place, 0o711);
      writeFileSync(
        join(place, 'README'),
        `The PostgreSQL of ${directory}, which its user could not reach there.\n`,
      );
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!['EEXIST', 'ENOENT', 'EACCES', 'EROFS', 'EPERM'].includes(code)) throw error;
    }
    const found = entry(place);
    // Anyone can make a folder in /var/tmp beforehand: what it holds would be run and trusted.
    const safe = found?.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
    if (safe && canTraverse(place, NOBODY)) return place;
  }
  throw new StartupError(
    `No folder was found that PostgreSQL's user can reach: start as a user other than root, or set DATABASE_URL.`,
  );
}

/** Decides where the cluster is, and as root makes sure that its user can get there. */
function locateCluster(directory: string, runAs: RunAs | undefined): string {
  const inside = join(directory, 'pg');
  const found = entry(inside);
  if (found?.isSymbolicLink()) {
    const target = resolve(directory, readlinkSync(inside));
    if (existsSync(dirname(target))) return join(realpathSync(dirname(target)), basename(target));
    if (runAs && target === join(reachablePlace(directory), 'pg')) return target;
    throw new StartupError(
      `${show(inside)} points to ${target}, which is not there: delete ${show(inside)} to begin again.`,
    );
  }
  if (!runAs) return inside;
  if (canTraverse(dirname(directory), runAs)) {
    chmodSync(directory, statSync(directory).mode | 0o011);
    return inside;
  }
  if (found) {
    throw new StartupError(
      `${show(inside)} cannot be reached by uid ${runAs.uid}, as which root runs PostgreSQL: move the checkout, start as another user, or delete ${show(inside)} to begin again.`,
    );
  }
  const target = join(reachablePlace(directory), 'pg');
  symlinkSync(target, inside);
  return target;
}

/** `directory` must be there. */
function openHome(directory: string): Home {
  const real = realpathSync(directory);
  const self = process.getuid?.() ?? -1;
  refuseForeign(real, self, true);
  const runAs = self === 0 ? NOBODY : undefined;
  const data = locateCluster(real, runAs);
  if (!runAs && existsSync(data)) refuseForeign(data, self, dirname(data) === real);
  return { directory: real, shown: show(real), data, base: dirname(data), runAs };
}

/** Whether the cluster's files are of another user than its server: someone gave them to root, or restored them as root. */
export function isOfAnotherUser(home: Home): boolean {
  return home.runAs !== undefined && existsSync(home.data) && statSync(home.data).uid !== home.runAs.uid;
}

/** Makes a file or folder with all that is in it the server user's own. */
export function giveTree(path: string, runAs: RunAs | undefined): void {
  if (!runAs) return;
  lchownSync(path, runAs.uid, runAs.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveTree(join(path, name), runAs);
}

/**
 * Opens the folder that holds the server's files, and makes it when it is not there.
 * @throws StartupError when it belongs to another user.
 */
export function prepareHome(directory: string): Home {
  mkdirSync(directory, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  return openHome(directory);
}

/** The same for a folder that may not be there. */
export function findHome(directory: string): Home | undefined {
  return existsSync(directory) ? openHome(directory) : undefined;
}

/** Whether the cluster lives in a folder that was made for it outside the checkout. */
export function isOutside(home: Home): boolean {
  return home.base !== home.directory && PLACE_NAME.test(basename(home.base));
}

/** Makes a file or folder of this process the server user's own. */
export function give(path: string, runAs: RunAs | undefined): void {
  if (!runAs) return;
  try {
    chownSync(path, runAs.uid, runAs.gid);
  } catch (error) {
    throw new StartupError(
      `PostgreSQL does not run as root, and root cannot become uid ${runAs.uid} here: start as another user, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

export function credentialsFile(home: Home): string {
  return join(home.directory, 'database.json');
}

/** What an earlier run kept, or a new password. */
export function readCredentials(home: Home): Credentials | undefined {
  const file = credentialsFile(home);
  if (!existsSync(file)) return undefined;
  try {
    const { password, port } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof password !== 'string' || password === '') throw new Error('no password');
    return { password, port: typeof port === 'number' ? port : undefined };
  } catch (error) {
    throw new StartupError(
      `${show(file)} cannot be read: put it back, or run "npm run demo:reset" to begin again.`,
      {
        cause: error,
      },
    );
  }
}

export function newCredentials(): Credentials {
  return { password: randomBytes(24).toString('base64url'), port: undefined };
}

/** Keeps them for the next run; readable by this user alone, and never half-written. */
export function keepCredentials(home: Home, credentials: Credentials): void {
  const file = credentialsFile(home);
  const half = `${file}.tmp`;
  writeFileSync(half, `${JSON.stringify(credentials)}\n`, { mode: 0o600, flush: true });
  renameSync(half, file);
}
