import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppModule } from './app.module.js';
import { Clock } from './platform/clock.js';
import { configureServer, fastifyAdapter } from './platform/http/server.js';
import { JobRunner } from './platform/jobs/job-runner.js';
import { createLog, nestLog } from './platform/ops/log.js';
import { AppMetrics } from './platform/ops/metrics.js';
import type { ReadyConfig } from './platform/platform.module.js';

export interface AppOptions {
  /** Another clock, for tests. */
  clock?: Clock;
  /** Whether this instance runs the background jobs; tests call them by hand. */
  jobs?: boolean;
}

/** The document that `GET /openapi.json` publishes. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Fallow')
    .setDescription(
      'An open-source GPU marketplace: offers by price, latency and chip; bookings, escrow, ledger.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An access token or an API key' })
    .build();
  return SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}

/** The whole application over a migrated database, ready to listen. */
export async function createApp(
  config: ReadyConfig,
  options: AppOptions = {},
): Promise<NestFastifyApplication> {
  const log = createLog(config);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(config, options.clock),
    fastifyAdapter(config),
    {
      logger: nestLog(log),
      abortOnError: false,
      bodyParser: false,
    },
  );
  await configureServer(app, app.get(AppMetrics), log);
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Fallow API',
  });
  await app.init();
  await app.get(Clock).synchronize(app.get<DataSource>(getDataSourceToken()));
  if (options.jobs) await app.get(JobRunner).start();
  return app;
}

/** Ends the jobs, the server and the connections, in that order. */
export async function closeApp(app: NestFastifyApplication): Promise<void> {
  await app.get(JobRunner).stop();
  await app.close();
}
