import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import { Presets, SingleBar } from 'cli-progress';
import pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { closeApp, createApp } from './app.js';
import { loadCatalogue } from './catalog/catalogue-loader.js';
import { migrate } from './data-source.js';
import { DEMO_EMAILS } from './demo/demonstration.js';
import type { RowError } from './listings/import/import-mapping.js';
import { ListingImportService } from './listings/import/listing-import.service.js';
import { parseImport } from './listings/import/parse-import.js';
import { readConfig } from './platform/config.js';
import { embeddedUrl, startEmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { StartupError } from './platform/startup-error.js';

const USAGE =
  'Usage: npm run import:offers -- FILE [--operator EMAIL] [--submit] [--strict]\n' +
  '  FILE is a price list in CSV, in the columns of docs/import.md.\n' +
  '  --operator  whose listings they become (default operator@fallow.test of the demonstration)\n' +
  '  --submit    send them to moderation at once\n' +
  '  --strict    write nothing when any row is wrong, instead of leaving wrong rows out';

/** So many kinds of problem are shown in full. */
const SHOWN_PROBLEMS = 12;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Arguments {
  file: string;
  operator: string;
  submit: boolean;
  strict: boolean;
}

function readArguments(): Arguments {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { operator: { type: 'string' }, submit: { type: 'boolean' }, strict: { type: 'boolean' } },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new StartupError(USAGE);
    const { operator = DEMO_EMAILS[1], submit = false, strict = false } = values;
    return { file, operator, submit, strict };
  } catch (error) {
    throw error instanceof StartupError ? error : new StartupError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** Whether a server answers there. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    // Whatever the reason: then the embedded server is started, and says what is wrong with it.
    return false;
  }
}

/** The database of the settings, or the embedded one: the running server's where there is one. */
async function findDatabase(configured: string | undefined, directory: string) {
  const nothingToStop = (): Promise<void> => Promise.resolve();
  if (configured !== undefined) return { url: configured, stop: nothingToStop };
  const running = embeddedUrl(directory);
  if (running !== undefined && (await answers(running))) return { url: running, stop: nothingToStop };
  const server = await startEmbeddedPostgres({ directory, say });
  return { url: server.url, stop: () => server.stop() };
}

/** The operator organisation that the person works for. */
async function operatorOf(manager: EntityManager, email: string): Promise<{ id: string; name: string }> {
  const [found] = await manager.query<{ id: string; name: string }[]>(
    `select o.id, o.name from users u join memberships m on m.user_id = u.id
     join organizations o on o.id = m.organization_id
     where u.email = lower($1) and o.kind = 'operator' order by o.id limit 1`,
    [email],
  );
  if (!found)
    throw new StartupError(
      `No operator organisation has a member ${email}; start the market or register first.`,
    );
  return found;
}

/** The same problem is told once, with its rows counted. */
function explain(errors: readonly RowError[]): void {
  const rows = new Map<string, number[]>();
  for (const { row, column, detail } of errors) {
    const problem = column === '' ? detail : `${column}: ${detail}`;
    rows.set(problem, [...(rows.get(problem) ?? []), row]);
  }
  const problems = [...rows].sort(([, a], [, b]) => b.length - a.length);
  for (const [problem, at] of problems.slice(0, SHOWN_PROBLEMS)) {
    const where = at.slice(0, 5).join(', ') + (at.length > 5 ? `, … (${at.length} rows)` : '');
    say(`  row ${where}: ${problem}`);
  }
  if (problems.length > SHOWN_PROBLEMS)
    say(`  and ${problems.length - SHOWN_PROBLEMS} more kinds of problem`);
}

async function load(app: NestFastifyApplication, args: Arguments, csv: string): Promise<void> {
  const importer = app.get(ListingImportService);
  await app.get<DataSource>(getDataSourceToken()).transaction(async (tx) => {
    const operator = await operatorOf(tx, args.operator);
    const { rows, errors } = parseImport(csv, await importer.context(tx, operator.id));
    const wrong = new Set(errors.map(({ row }) => row)).size;
    if (wrong > 0) {
      say(args.strict ? `${wrong} rows are wrong:` : `${wrong} rows are left out:`);
      explain(errors);
    }
    if (rows.length === 0 || (args.strict && wrong > 0)) throw new StartupError('Nothing was written.');
    const bar = new SingleBar(
      { format: '{bar} {value}/{total} listings', hideCursor: true },
      Presets.shades_classic,
    );
    bar.start(rows.length, 0);
    const made = await importer.importRows(tx, operator.id, rows, {
      submit: args.submit,
      onProgress: (done) => bar.update(done),
    });
    bar.stop();
    const state = args.submit ? 'waiting for review' : 'drafts';
    say(`${made.listings} listings (${state}) at ${made.sites} new sites of ${operator.name}.`);
  });
}

/** `npm run import:offers -- FILE`: a price list becomes an operator's listings. */
async function main(): Promise<void> {
  const args = readArguments();
  const config = readConfig();
  const directory = resolve(config.dataDirectory);
  let csv: string;
  try {
    csv = readFileSync(args.file, 'utf8');
  } catch (error) {
    throw new StartupError(`Cannot read ${args.file}: ${(error as Error).message}`, { cause: error });
  }
  const database = await findDatabase(config.databaseUrl, directory);
  try {
    await migrate(database.url);
    await loadCatalogue(database.url, config.settlementCurrency);
    // No request is signed here, so any secret of the right length will do.
    const ready = { ...config, databaseUrl: database.url, secretKey: config.secretKey ?? 'x'.repeat(32) };
    const app = await createApp({ ...ready, logLevel: 'silent' });
    try {
      say(`Importing ${basename(args.file)} ...`);
      await load(app, args, csv);
    } finally {
      await closeApp(app);
    }
  } finally {
    await database.stop();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof StartupError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
