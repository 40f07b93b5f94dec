import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { closeApp, createApp } from '../../src/app.js';
import { Clock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import type { ReadyConfig } from '../../src/platform/platform.module.js';
import { Api } from './api.js';
import { type TestDatabase, createTestDatabase } from './database.js';

/** A clock that a test moves: it runs on from wherever it is set. */
export class TestClock extends Clock {
  private shiftMs = 0;

  override now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }

  override synchronize(): Promise<void> {
    return Promise.resolve();
  }

  /** Moves the time forward. */
  advanceMinutes(minutes: number): void {
    this.shiftMs += minutes * 60_000;
  }
}

/** The whole application on its own database and port. */
export interface TestApp {
  app: NestFastifyApplication;
  api: Api;
  url: string;
  clock: TestClock;
  database: TestDatabase;
  config: ReadyConfig;
  close(): Promise<void>;
}

export async function startTestApp(
  settings: Record<string, string> = {},
  options: { jobs?: boolean; database?: TestDatabase } = {},
): Promise<TestApp> {
  const database = options.database ?? (await createTestDatabase());
  const config: ReadyConfig = {
    ...readConfig({
      LOG_LEVEL: 'silent',
      PORT: '0',
      RATE_LIMIT_SCALE: '1000',
      DATABASE_URL: database.url,
      ...settings,
    }),
    databaseUrl: database.url,
    secretKey: 'a secret for tests, longer than 32 characters',
  };
  const clock = new TestClock();
  const app = await createApp(config, { clock, jobs: options.jobs ?? false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    api: new Api(url),
    url,
    clock,
    database,
    config,
    close: async () => {
      await closeApp(app);
      if (!options.database) await database.drop();
    },
  };
}
