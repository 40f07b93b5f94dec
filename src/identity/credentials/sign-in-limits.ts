import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { RateLimits } from '../../platform/http/rate-limit.js';
import { addressKey } from './address.js';
import { sha256 } from './tokens.js';

/** Who tries to sign in, and from where. */
export interface SignInAttempt {
  email: string;
  /** The caller's address. */
  address: string;
  reply: FastifyReply;
}

const KNOWN_MS = 90 * 24 * 3600 * 1000;

/**
 * Makes guessing slow without making lockout a weapon. Failures are counted for an account from one address, and
 * attempts for an account from all addresses that never signed in to it: a guesser with a thousand addresses runs out,
 * while the owner's usual address is not counted there.
 */
@Injectable()
export class SignInLimits {
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly limits: RateLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Evaluates one attempt, unless its quota is used up. Attempts for an account from one address wait for each other,
   * so that a burst is counted as it goes.
   * @param evaluate the user, or undefined when the credentials are wrong.
   * @throws AppError 429.
   */
  async attempt<T>(attempt: SignInAttempt, evaluate: () => Promise<T | undefined>): Promise<T | undefined> {
    const account = sha256(attempt.email).toString('base64url');
    const key = `${account}:${addressKey(attempt.address)}`;
    return this.inTurn(key, async () => {
      await this.limits.check('sign-in-failure', key, attempt.reply);
      if (!(await this.isKnown(key))) {
        await this.limits.consume('sign-in-failure-account', account, attempt.reply);
      }
      const found = await evaluate();
      if (found === undefined) {
        await this.limits.consume('sign-in-failure', key, attempt.reply);
      } else {
        await this.limits.reset('sign-in-failure', key);
        await this.remember(key);
      }
      return found;
    });
  }

  /** The account was opened from this address. */
  async opened(email: string, address: string): Promise<void> {
    await this.remember(`${sha256(email).toString('base64url')}:${addressKey(address)}`);
  }

  private async isKnown(key: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `select from rate_limits where key = $1 and expire > $2`,
      [`sign-in-known:${key}`, this.clock.now().getTime()],
    );
    return rows.length > 0;
  }

  private async remember(key: string): Promise<void> {
    await this.dataSource.query(
      `insert into rate_limits (key, points, expire) values ($1, 0, $2)
       on conflict (key) do update set expire = excluded.expire`,
      [`sign-in-known:${key}`, this.clock.now().getTime() + KNOWN_MS],
    );
  }

  private async inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.queues.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.queues.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.queues.get(key) === mine) this.queues.delete(key);
    }
  }
}
