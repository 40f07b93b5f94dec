import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Logger as QueueLogger, type Runner, type Task, run, runMigrations } from 'graphile-worker';
import type { Pool } from 'pg';
import { AppMetrics } from '../ops/metrics.js';
import { type Job, JobRegistry } from './jobs.js';

/** The connection pool of the queue, which lives in its own schema. */
export const JOB_POOL = Symbol('job pool');

const POLL_INTERVAL_MS = 500;
const RELAUNCH_MS = 1_000;

/**
 * Runs the registered jobs from the queue in PostgreSQL. Each is one row that puts itself back after its run; an
 * advisory lock keeps two instances from running it at once, and falls with the connection of a killed one.
 */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger('Jobs');
  private runner: Runner | undefined;
  private stopping = false;

  constructor(
    @Inject(JOB_POOL) private readonly pool: Pool,
    private readonly registry: JobRegistry,
    private readonly metrics: AppMetrics,
  ) {}

  async start(): Promise<void> {
    if (this.registry.all().length === 0) return;
    // A connection that breaks while idle is replaced; only its query, if any, fails.
    this.pool.on('error', (error) => this.logger.warn(`queue connection: ${error.message}`));
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    await this.launch();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const runner = this.runner;
    this.runner = undefined;
    await runner?.stop();
    await this.pool.end();
  }

  private async launch(): Promise<void> {
    const jobs = this.registry.all();
    const logger = this.queueLogger();
    await runMigrations({ pgPool: this.pool, logger });
    const runner = await run({
      pgPool: this.pool,
      logger,
      concurrency: 4,
      pollInterval: POLL_INTERVAL_MS,
      noHandleSignals: true,
      taskList: Object.fromEntries(jobs.map((job) => [job.name, this.taskOf(job)])),
      // Puts a job back whose process died between its run and its rescheduling.
      crontab: jobs
        .map((job) => `* * * * * ${job.name} ?jobKey=${job.name}&jobKeyMode=preserve_run_at&max=1`)
        .join('\n'),
    });
    this.runner = runner;
    runner.promise.catch((error: Error) => {
      this.logger.error(`the queue has stopped: ${error.message}`);
      if (this.runner === runner) this.runner = undefined;
      void this.relaunch();
    });
    for (const job of jobs) await this.schedule(job, 0);
  }

  /** The queue ends when its database goes away; it begins again as soon as there is one. */
  private async relaunch(): Promise<void> {
    while (!this.stopping && !this.runner) {
      await sleep(RELAUNCH_MS);
      try {
        if (!this.stopping) await this.launch();
      } catch (error) {
        this.logger.error(`the queue cannot start: ${(error as Error).message}`);
      }
    }
  }

  private queueLogger(): QueueLogger {
    return new QueueLogger(() => (level, message) => {
      if (level === 'error') this.logger.error(message);
      else if (level === 'warning') this.logger.warn(message);
    });
  }

  private async schedule(job: Job, inSeconds: number): Promise<void> {
    await this.runner?.addJob(
      job.name,
      {},
      {
        jobKey: job.name,
        jobKeyMode: 'replace',
        maxAttempts: 1,
        runAt: new Date(Date.now() + inSeconds * 1000),
      },
    );
  }

  /** What cannot be put back now is put back by the minutely line, or by the next launch. */
  private async reschedule(job: Job): Promise<void> {
    try {
      await this.schedule(job, job.everySeconds);
    } catch (error) {
      this.logger.warn(`${job.name} is not rescheduled: ${(error as Error).message}`);
    }
  }

  private taskOf(job: Job): Task {
    return async () => {
      const started = process.hrtime.bigint();
      try {
        const ran = await this.alone(job);
        this.metrics.jobRuns.inc({ job: job.name, outcome: ran ? 'done' : 'elsewhere' });
      } catch (error) {
        this.metrics.jobRuns.inc({ job: job.name, outcome: 'failed' });
        this.logger.error(`${job.name}: ${error instanceof Error ? error.stack : String(error)}`);
      } finally {
        this.metrics.jobSeconds.observe({ job: job.name }, Number(process.hrtime.bigint() - started) / 1e9);
        await this.reschedule(job);
      }
    };
  }

  /** @returns false when another instance is running the job. */
  private async alone(job: Job): Promise<boolean> {
    const client = await this.pool.connect();
    try {
      const lock = `job:${job.name}`;
      const taken = await client.query<{ mine: boolean }>(
        `select pg_try_advisory_lock(hashtextextended($1, 0)) as mine`,
        [lock],
      );
      if (!taken.rows[0]?.mine) return false;
      try {
        await job.run();
      } finally {
        await client.query(`select pg_advisory_unlock(hashtextextended($1, 0))`, [lock]);
      }
      return true;
    } finally {
      client.release();
    }
  }
}
