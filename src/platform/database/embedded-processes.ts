import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that runs (not a zombie); `startedAt` tells it from a later one that was given the same pid. */
export interface LiveProcess {
  pid: number;
  uid: number;
  startedAt: string;
  commandLine: string;
}

const HAS_PROC = existsSync('/proc/self/stat');
/** The number of a start-time field counted from the one behind the program's name, in /proc/<pid>/stat. */
const START_TIME_FIELD = 19;
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

let bootId: string | undefined;

/** Start times count from boot, so two boots of one machine can repeat a pid together with its start time. */
function currentBoot(): string {
  if (bootId === undefined) {
    const file = '/proc/sys/kernel/random/boot_id';
    bootId = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  }
  return bootId;
}

function fromProc(pid: number): LiveProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name may hold spaces and parentheses: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if ('ZXx'.includes(fields[0] ?? 'Z')) return undefined;
    return {
      pid,
      uid: statSync(`/proc/${pid}`).uid,
      startedAt: `${currentBoot()}/${fields[START_TIME_FIELD]}`,
      commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd(),
    };
  } catch {
    // It ended while it was read, or the system hides other people's processes: in both cases it is not ours.
    return undefined;
  }
}

/** The same from `ps`, where there is no /proc. Exported for its test on a system that has both. */
export function processesFromPs(selection: readonly string[] = ['-A']): LiveProcess[] {
  let output: string;
  try {
    output = execFileSync('ps', [...selection, '-ww', '-o', 'pid=,uid=,stat=,lstart=,command='], {
      encoding: 'utf8',
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    // `ps -p` answers 1 when there is no such process; a missing `ps` must not look like that.
    if ((error as { status?: number | null }).status === 1) return [];
    throw error;
  }
  return output.split('\n').flatMap((line) => {
    const [, pid, uid, state, startedAt, commandLine] = PS_LINE.exec(line) ?? [];
    if (!pid || !uid || !startedAt || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), uid: Number(uid), startedAt, commandLine: commandLine ?? '' }];
  });
}

/** The process with this pid, unless it has ended (a zombie has). */
export function liveProcess(pid: number): LiveProcess | undefined {
  return HAS_PROC ? fromProc(pid) : processesFromPs(['-p', String(pid)])[0];
}

/** Every process that runs and can be seen. */
export function liveProcesses(): LiveProcess[] {
  if (!HAS_PROC) return processesFromPs();
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (fromProc(Number(name)) ?? []) : []));
}

/** Whether this very process still runs. */
export function isAlive(process: LiveProcess): boolean {
  return liveProcess(process.pid)?.startedAt === process.startedAt;
}

/** Sends a signal to this very process, and to no other that was given its pid. */
export function sendSignal(target: LiveProcess, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether PostgreSQL would find this pid taken: by any process, also by a zombie or a stranger's. */
export function pidIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Waits until the condition holds, and says whether it did within the bound. */
export async function eventually(condition: () => boolean, boundMs: number): Promise<boolean> {
  const end = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}
