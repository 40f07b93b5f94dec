import { rmSync } from 'node:fs';
import pg from 'pg';

export default async function globalTeardown() {
  const started = globalThis.fallowTestServer;
  if (started) {
    await started.server.stop();
    rmSync(started.directory, { recursive: true, force: true });
    return;
  }
  const client = new pg.Client({ connectionString: process.env.FALLOW_TEST_SERVER_URL });
  await client.connect();
  await client.query(`drop database if exists ${process.env.FALLOW_TEST_TEMPLATE} with (force)`);
  await client.end();
}
