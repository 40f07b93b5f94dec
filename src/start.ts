import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { closeApp, createApp } from './app.js';
import { loadCatalogue } from './catalog/catalogue-loader.js';
import { migrate } from './data-source.js';
import { DEMO_EMAILS, DEMO_PASSWORD, loadDemonstration } from './demo/demonstration.js';
import type { Config } from './platform/config.js';
import { startEmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { JobRunner } from './platform/jobs/job-runner.js';
import type { ReadyConfig } from './platform/platform.module.js';
import { StartupError } from './platform/startup-error.js';

type Say = (line: string) => void;

/** The signing secret: the setting, or one made at the first start and kept for the next. */
function secretOf(config: Config, directory: string): string {
  if (config.secretKey !== undefined) return config.secretKey;
  const file = join(directory, 'secret-key');
  mkdirSync(directory, { recursive: true });
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new StartupError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  }
  const secret = randomBytes(32).toString('base64url');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

/** A database error as the one line that the person who starts the server can act on. */
function databaseProblem(error: unknown): StartupError {
  const { code, message } = error as { code?: string; message?: string };
  const hints: Record<string, string> = {
    '28P01': 'the password is wrong',
    '28000': 'this user may not log in',
    '3D000': 'the database does not exist; create it first',
    '42501': 'this user may not create the schema or the role fallow_app (see docs/operations.md)',
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'the host name is unknown',
  };
  const hint = hints[code ?? ''] ?? message ?? String(error);
  return new StartupError(`DATABASE_URL: ${hint}.`, { cause: error });
}

/** Accounts whose password is public knowledge have no place in production. */
async function refuseDemonstration(app: NestFastifyApplication): Promise<void> {
  const found = await app
    .get<DataSource>(getDataSourceToken())
    .query<{ email: string }[]>(`select email from users where email = any($1)`, [DEMO_EMAILS]);
  if (found.length > 0) {
    throw new StartupError(
      `DATABASE_URL holds the demonstration account ${found[0]!.email}, which NODE_ENV=production refuses.`,
    );
  }
}

/** The whole product in one process: database, schema, catalogue, market, server, jobs. */
export class ApplicationServer {
  private app: NestFastifyApplication | undefined;
  private stopDatabase: (() => Promise<void>) | undefined;

  constructor(
    private readonly config: Config,
    private readonly say: Say,
  ) {}

  async start(): Promise<void> {
    const { config } = this;
    const directory = resolve(config.dataDirectory);
    const embedded = config.databaseUrl === undefined;
    const databaseUrl = config.databaseUrl ?? (await this.startDatabase(directory));
    await this.prepareSchema(databaseUrl, embedded);
    const ready: ReadyConfig = { ...config, databaseUrl, secretKey: secretOf(config, directory) };
    const app = await createApp(ready);
    this.app = app;
    if (config.production) await refuseDemonstration(app);
    if (embedded) await loadDemonstration(app, this.say);
    await app.get(JobRunner).start();
    await this.listen(app, embedded);
  }

  async stop(): Promise<void> {
    const app = this.app;
    const stopDatabase = this.stopDatabase;
    this.app = undefined;
    this.stopDatabase = undefined;
    try {
      if (app) await closeApp(app);
    } finally {
      await stopDatabase?.();
    }
  }

  private async startDatabase(directory: string): Promise<string> {
    const server = await startEmbeddedPostgres({ directory, say: this.say });
    this.stopDatabase = () => server.stop();
    return server.url;
  }

  private async prepareSchema(databaseUrl: string, embedded: boolean): Promise<void> {
    try {
      const applied = await migrate(databaseUrl);
      if (applied.length > 0) this.say(`Applied ${applied.length} migrations.`);
      await loadCatalogue(databaseUrl, this.config.settlementCurrency);
    } catch (error) {
      throw embedded ? error : databaseProblem(error);
    }
  }

  private async listen(app: NestFastifyApplication, embedded: boolean): Promise<void> {
    const { port } = this.config;
    // The demonstration market's passwords are public knowledge, so it is not shown to the network unless asked.
    const host = this.config.host ?? (embedded ? '127.0.0.1' : '0.0.0.0');
    try {
      await app.listen(port, host);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE')
        throw new StartupError(`PORT ${port} is in use; set PORT to another.`, { cause: error });
      if (code === 'EACCES')
        throw new StartupError(`PORT ${port} needs more rights; set PORT above 1023.`, { cause: error });
      if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
        throw new StartupError(`HOST ${host} is not an address of this machine.`, { cause: error });
      }
      throw error;
    }
    const url = (await app.getUrl()).replace('127.0.0.1', 'localhost').replace('[::1]', 'localhost');
    this.say(`Fallow listens on ${url} (open ${url}/docs for the API)`);
    if (embedded) {
      this.say(`Demonstration accounts: ${DEMO_EMAILS.join(', ')}; password ${DEMO_PASSWORD}.`);
    }
  }
}
