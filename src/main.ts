import 'reflect-metadata';
import { ApplicationServer } from './start.js';
import { readConfig } from './platform/config.js';
import { StartupError } from './platform/startup-error.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A wrong setting or a missing database is one line; anything else is a bug and shows where. */
function explain(error: unknown): string {
  if (error instanceof StartupError) return `fallow: ${error.message}`;
  return `fallow: ${error instanceof Error ? error.stack : String(error)}`;
}

let server: ApplicationServer | undefined;
let stopping = false;

async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  try {
    await server?.stop();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    exitCode = 1;
  }
  process.exit(exitCode);
}

process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => void stop(0));
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`${explain(reason)}\n`);
  void stop(1);
});

try {
  server = new ApplicationServer(readConfig(), say);
  await server.start();
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  await stop(1);
}
