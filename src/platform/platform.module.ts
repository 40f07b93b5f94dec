import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { TypeOrmModule, getDataSourceToken } from '@nestjs/typeorm';
import pg from 'pg';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { Transactions } from './database/transactions.js';
import { EtagInterceptor } from './http/etag.interceptor.js';
import { IdempotencyInterceptor } from './http/idempotency.js';
import { Cursors } from './http/page.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimits } from './http/rate-limit.js';
import { validationPipe } from './http/validation.js';
import { JOB_POOL, JobRunner } from './jobs/job-runner.js';
import { JobRegistry } from './jobs/jobs.js';
import { AppMetrics } from './ops/metrics.js';
import { OpsController } from './ops/ops.controller.js';
import { Outbox } from './outbox/outbox.js';

/** The settings, by injection: `@Inject(CONFIG) config: ReadyConfig`. */
export const CONFIG = Symbol('config');

/** The settings once the start has found a database and a secret. */
export interface ReadyConfig extends Config {
  databaseUrl: string;
  secretKey: string;
}

/** What every room stands on. Global, so that rooms import only rooms. */
@Module({})
export class PlatformModule {
  static forRoot(config: ReadyConfig, database: DataSourceOptions, clock = new Clock()): DynamicModule {
    const shared = [Clock, Transactions, Outbox, Cursors, RateLimits, JobRegistry, JobRunner, AppMetrics];
    return {
      module: PlatformModule,
      global: true,
      imports: [TypeOrmModule.forRoot(database)],
      controllers: [OpsController],
      providers: [
        ...shared.filter((type) => ![Clock, Cursors, RateLimits].includes(type as never)),
        { provide: CONFIG, useValue: config },
        { provide: Clock, useValue: clock },
        { provide: Cursors, useValue: new Cursors(config.secretKey) },
        {
          provide: RateLimits,
          inject: [getDataSourceToken()],
          useFactory: (dataSource: DataSource) => new RateLimits(dataSource, config.rateLimitScale),
        },
        {
          provide: JOB_POOL,
          useFactory: () =>
            new pg.Pool({ connectionString: config.databaseUrl, max: 8, application_name: 'fallow-jobs' }),
        },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
      exports: [...shared, CONFIG],
    };
  }
}
