// One PostgreSQL for the whole run, with a migrated template that each test file copies.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../dist/src/data-source.js';
import { startEmbeddedPostgres } from '../../dist/src/platform/database/embedded-postgres.js';
import { loadCatalogue } from '../../dist/src/catalog/catalogue-loader.js';

export default async function globalSetup() {
  let url = process.env.TEST_DATABASE_URL;
  if (!url) {
    const directory = mkdtempSync(join(tmpdir(), 'fallow-test-'));
    const server = await startEmbeddedPostgres({ directory, say: () => undefined });
    url = server.url;
    globalThis.fallowTestServer = { server, directory };
  }
  const template = `fallow_template_${process.pid}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`drop database if exists ${template} with (force)`);
  await client.query(`create database ${template}`);
  await client.end();
  const templateUrl = new URL(url);
  templateUrl.pathname = `/${template}`;
  await migrate(templateUrl.href);
  await loadCatalogue(templateUrl.href);
  process.env.FALLOW_TEST_SERVER_URL = url;
  process.env.FALLOW_TEST_TEMPLATE = template;
}
