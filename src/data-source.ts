import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from './platform/config.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';

/** The role the application's own statements run as; it is granted only what the migrations grant. */
export const APPLICATION_ROLE = 'fallow_app';

/** Bounds on every statement, so that a stuck one cannot hold rows for ever. */
const SESSION = [
  '-c statement_timeout=20000',
  '-c lock_timeout=10000',
  '-c idle_in_transaction_session_timeout=20000',
  '-c timezone=UTC',
  '-c jit=off',
].join(' ');

/** The application's connections: entities, no schema rights. */
export function applicationOptions(url: string, config: Pick<Config, 'databasePoolSize'>): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: ENTITIES,
    synchronize: false,
    poolSize: config.databasePoolSize,
    connectTimeoutMS: 10_000,
    applicationName: 'fallow',
    extra: { options: `${SESSION} -c role=${APPLICATION_ROLE}` },
  };
}

/** The owner's connection, for migrations only. */
export function ownerDataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    synchronize: false,
    poolSize: 2,
    applicationName: 'fallow-migrations',
    extra: { options: '-c timezone=UTC' },
  });
}

/** Several instances may start at once: one migrates, the others wait for it. */
const MIGRATION_LOCK = 4_237_001;

/**
 * Brings the database's schema up to date.
 * @returns the names of the migrations that were applied.
 */
export async function migrate(url: string): Promise<string[]> {
  const dataSource = await ownerDataSource(url).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    await lock.query(`select pg_advisory_lock($1)`, [MIGRATION_LOCK]);
    const applied = await dataSource.runMigrations();
    return applied.map((migration) => migration.name);
  } finally {
    await lock.query(`select pg_advisory_unlock($1)`, [MIGRATION_LOCK]);
    await lock.release();
    await dataSource.destroy();
  }
}
