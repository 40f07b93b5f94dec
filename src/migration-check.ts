import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerDataSource } from './data-source.js';
import { startEmbeddedPostgres } from './platform/database/embedded-postgres.js';

/**
 * What TypeORM would change although entities and schema agree: indexes, checks, keys and defaults live in the
 * migrations alone, where they are written as SQL.
 */
const KEPT_IN_MIGRATIONS =
  /^(DROP|CREATE( UNIQUE)?) INDEX |(ADD|DROP) CONSTRAINT |ALTER COLUMN "\w+" (SET|DROP) DEFAULT$|^COMMENT ON /;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Applies every migration to an empty database, takes all back, applies them again, and compares the tables with the
 * entities.
 * @returns the statements that would bring the schema to what the entities say: none when they agree.
 */
async function check(url: string): Promise<string[]> {
  const dataSource = await ownerDataSource(url).initialize();
  try {
    const applied = await dataSource.runMigrations();
    say(`up: ${applied.length} migrations`);
    for (const _ of applied) await dataSource.undoLastMigration();
    const left = await dataSource.query<{ tablename: string }[]>(
      `select tablename from pg_tables where schemaname = 'public' and tablename <> 'migrations'`,
    );
    if (left.length > 0) return left.map(({ tablename }) => `left behind after down: ${tablename}`);
    say(`down: nothing left`);
    say(`up again: ${(await dataSource.runMigrations()).length} migrations`);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map((query) => query.query).filter((query) => !KEPT_IN_MIGRATIONS.test(query));
  } finally {
    await dataSource.destroy();
  }
}

const directory = mkdtempSync(join(tmpdir(), 'fallow-migrations-'));
const server = await startEmbeddedPostgres({ directory, say: () => undefined });
let differences: string[];
try {
  differences = await check(server.url);
} finally {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
for (const difference of differences) process.stderr.write(`differs: ${difference}\n`);
if (differences.length === 0) say('entities and schema agree');
process.exitCode = differences.length === 0 ? 0 : 1;
