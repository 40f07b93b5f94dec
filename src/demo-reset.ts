import { resolve } from 'node:path';
import { readConfig } from './platform/config.js';
import { resetEmbeddedPostgres } from './platform/database/embedded-postgres.js';

/** `npm run demo:reset`: the next start makes a new demonstration market. */
try {
  const { dataDirectory } = readConfig();
  await resetEmbeddedPostgres(resolve(dataDirectory));
  process.stdout.write(`Deleted the demonstration market in ${dataDirectory}; npm start makes a new one.\n`);
} catch (error) {
  process.stderr.write(`fallow: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
