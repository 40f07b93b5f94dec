import pg from 'pg';
import { newId } from '../../src/kernel/id.js';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

function serverUrl(): string {
  const url = process.env.FALLOW_TEST_SERVER_URL;
  if (!url) throw new Error('The test run has no PostgreSQL: start it through npm test.');
  return url;
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A fresh database with the schema and the catalogue, copied from the run's template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `fallow_${newId().replaceAll('-', '')}`;
  await onServer(async (client) => {
    // Only one session at a time may copy a template.
    await client.query('select pg_advisory_lock(77)');
    await client.query(`create database ${name} template ${process.env.FALLOW_TEST_TEMPLATE}`);
    await client.query('select pg_advisory_unlock(77)');
  });
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => onServer(async (client) => void (await client.query(`drop database ${name} with (force)`))),
  };
}
