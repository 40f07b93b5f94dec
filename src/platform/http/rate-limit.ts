import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { DataSource } from 'typeorm';
import { AppError } from '../../kernel/errors.js';

/** How many calls in how many seconds, before `RATE_LIMIT_SCALE`. */
interface Quota {
  points: number;
  seconds: number;
  /** Shared by all instances (kept in PostgreSQL), or counted by each for itself. */
  shared: boolean;
}

/**
 * Reads are counted by each instance, since a write for each read would cost more than the read; what guards
 * passwords, money and capacity is counted in PostgreSQL, for all instances together.
 */
const QUOTAS = {
  'read-credential': { points: 3_000, seconds: 60, shared: false },
  'read-address': { points: 3_000, seconds: 60, shared: false },
  'write-credential': { points: 1_200, seconds: 60, shared: true },
  'sign-in-address': { points: 300, seconds: 60, shared: true },
  'sign-in-failure': { points: 10, seconds: 15 * 60, shared: true },
  'sign-in-failure-account': { points: 100, seconds: 15 * 60, shared: true },
} as const satisfies Record<string, Quota>;

export type QuotaName = keyof typeof QUOTAS;

type Limiter = RateLimiterMemory | RateLimiterPostgres;

/** Counts calls per credential, address or account, and refuses those past the quota with 429. */
@Injectable()
export class RateLimits {
  private readonly limiters: Record<QuotaName, Limiter>;

  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly scale: number,
  ) {
    const pool = (dataSource.driver as unknown as { master: Pool }).master;
    this.limiters = Object.fromEntries(
      Object.entries(QUOTAS).map(([name, quota]) => {
        const options = { keyPrefix: name, points: this.pointsOf(quota), duration: quota.seconds };
        const limiter = quota.shared
          ? new RateLimiterPostgres({
              ...options,
              storeClient: pool,
              storeType: 'pool',
              tableName: 'rate_limits',
              tableCreated: true,
              clearExpiredByTimeout: false,
              inMemoryBlockOnConsumed: options.points,
            })
          : new RateLimiterMemory(options);
        return [name, limiter];
      }),
    ) as Record<QuotaName, Limiter>;
  }

  /** @throws AppError 429, with `Retry-After` on the reply, when `key` has used up its quota. */
  async consume(name: QuotaName, key: string, reply: FastifyReply): Promise<void> {
    try {
      this.describe(name, await this.limiters[name].consume(key), reply);
    } catch (outcome) {
      this.refuse(name, outcome, reply);
    }
  }

  /** Refuses when `key` has used up its quota, without counting this call. */
  async check(name: QuotaName, key: string, reply: FastifyReply): Promise<void> {
    const state = await this.limiters[name].get(key);
    if (state && state.consumedPoints >= this.pointsOf(QUOTAS[name])) this.refuse(name, state, reply);
  }

  /** Forgets what `key` has used. */
  async reset(name: QuotaName, key: string): Promise<void> {
    await this.limiters[name].delete(key);
  }

  private pointsOf(quota: Quota): number {
    return Math.max(1, Math.round(quota.points * this.scale));
  }

  private describe(name: QuotaName, state: RateLimiterRes, reply: FastifyReply): void {
    const quota = QUOTAS[name];
    const resetSeconds = Math.ceil(state.msBeforeNext / 1000);
    void reply.header('RateLimit', `"${name}";r=${Math.max(0, state.remainingPoints)};t=${resetSeconds}`);
    void reply.header('RateLimit-Policy', `"${name}";q=${this.pointsOf(quota)};w=${quota.seconds}`);
    void reply.header('RateLimit-Limit', this.pointsOf(quota));
    void reply.header('RateLimit-Remaining', Math.max(0, state.remainingPoints));
    void reply.header('RateLimit-Reset', resetSeconds);
  }

  private refuse(name: QuotaName, outcome: unknown, reply: FastifyReply): never {
    if (!(outcome instanceof RateLimiterRes)) throw outcome;
    this.describe(name, outcome, reply);
    const retrySeconds = Math.max(1, Math.ceil(outcome.msBeforeNext / 1000));
    void reply.header('Retry-After', retrySeconds);
    throw new AppError('rate-limited', 'rate-limited', `Too many calls; try again in ${retrySeconds} s.`, {
      members: { retryAfterSeconds: retrySeconds },
    });
  }
}
