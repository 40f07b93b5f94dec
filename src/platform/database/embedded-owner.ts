import { createHash, randomInt } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../startup-error.js';
import { liveProcess } from './embedded-processes.js';

/** The right of one Node process to run the server of a folder. */
export interface Ownership {
  /** Idempotent and synchronous, so that it also works while the process exits. */
  release(): void;
}

const OWNER_FILE = /^owner-(\d+)-([0-9a-f]{16})$/;
const ATTEMPTS = 40;

/** Names one process on one folder; the folder's inode keeps a copied owner file from counting in the copy. */
function fingerprint(startedAt: string, folder: string): string {
  const { dev, ino } = statSync(folder);
  return createHash('sha256').update(`${startedAt}/${dev}/${ino}`).digest('hex').slice(0, 16);
}

interface OtherOwner {
  pid: number;
  holding: boolean;
}

/** The live owners besides `own`. Files of dead ones are removed: a name is of one process and never comes back. */
function otherOwners(folder: string, own: string): OtherOwner[] {
  const others: OtherOwner[] = [];
  for (const name of readdirSync(folder)) {
    const [, pid, token] = OWNER_FILE.exec(name) ?? [];
    if (pid === undefined || name === own) continue;
    const process = liveProcess(Number(pid));
    if (process && fingerprint(process.startedAt, folder) === token) {
      others.push({ pid: process.pid, holding: stateOf(join(folder, name)) === 'holding' });
    } else {
      rmSync(join(folder, name), { force: true });
    }
  }
  return others;
}

function stateOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'released';
    throw error;
  }
}

/**
 * Makes this process the one that may run the server of `folder`. Each process first writes a file of its own name
 * (pid and start time) and only then looks for others, so two can never both find themselves alone, and taking over
 * from a dead process removes nothing that a live one could have made.
 * @throws StartupError naming the pid of the owner that lives.
 */
export async function claimOwnership(folder: string, shown: string): Promise<Ownership> {
  const self = liveProcess(process.pid);
  if (!self) throw new StartupError('This system does not show its processes; set DATABASE_URL.');
  const own = `owner-${self.pid}-${fingerprint(self.startedAt, folder)}`;
  const file = join(folder, own);
  for (let attempt = 1; ; attempt += 1) {
    try {
      writeFileSync(file, 'claiming\n', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw inUse(shown, self.pid);
    }
    const [other] = otherOwners(folder, own);
    if (!other) break;
    rmSync(file, { force: true });
    if (other.holding || attempt === ATTEMPTS) throw inUse(shown, other.pid);
    // Both are claiming and both step back; chance decides who looks first the next time.
    await sleep(randomInt(5, 40 + 20 * attempt));
  }
  writeFileSync(file, 'holding\n');
  const release = () => {
    process.removeListener('exit', release);
    rmSync(file, { force: true });
  };
  process.once('exit', release);
  return { release };
}

function inUse(shown: string, pid: number): StartupError {
  return new StartupError(
    `${shown} is in use by process ${pid}, which runs its database: stop that process first, or set DATA_DIRECTORY to another folder.`,
  );
}
