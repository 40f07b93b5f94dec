import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { AppError, conflict } from '../../kernel/errors.js';
import { StoredProblem, problemBody } from '../http/problem.js';
import type { Call } from '../http/idempotency.js';
import { constraintError } from './constraint-errors.js';
import { Clock } from '../clock.js';

const MAX_ATTEMPTS = 3;
/** Serialization failure and deadlock: the statement did nothing and may be tried again. */
const RETRIABLE = new Set(['40001', '40P01']);

/** The SQLSTATE of a database error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  return (error.driverError as { code?: string }).code;
}

/** The answer an error is, when it is one: a rule's refusal, or a constraint's. */
function refusalOf(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (!(error instanceof QueryFailedError)) return undefined;
  return constraintError((error.driverError as { constraint?: string }).constraint);
}

interface KeptResponse {
  request_hash: Buffer;
  status: number;
  body: string;
}

/** Where transactions open. Lower functions take `tx` first, so the boundary is visible. */
@Injectable()
export class Transactions {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Runs `work` in one transaction; deadlocks and serialization failures are tried again, three times in all. */
  async run<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction(work);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || !RETRIABLE.has(sqlState(error) ?? '')) throw error;
      }
    }
  }

  /**
   * Runs `work` at most once for the call's idempotency key: what it returns is kept in the same transaction as its
   * effect, so a crash leaves both or neither, and a repeat gets the first answer. A refusal (an AppError) is an
   * answer too: its effects are rolled back and it is kept. Without a key this is `run`.
   * @throws AppError 409 `idempotency-in-progress` while the first call runs; 422 `idempotency-key-reused` when the
   * key came with another body; StoredProblem when the first answer was a problem.
   */
  async once<T>(call: Call, work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const { credentialId, key } = call;
    if (key === undefined || credentialId === undefined) return this.run(work);
    const outcome = await this.run(async (tx) => {
      const kept = await this.claim(tx, credentialId, key);
      if (kept) return { kept };
      await tx.query('savepoint before_effect');
      try {
        const value = await work(tx);
        await this.keep(tx, call, call.status, JSON.stringify(value ?? null));
        return { value };
      } catch (error) {
        const refused = refusalOf(error);
        if (!refused || refused.kind === 'unavailable') throw error;
        await tx.query('rollback to savepoint before_effect');
        const body = problemBody(refused, call);
        await this.keep(tx, call, body.status, JSON.stringify(body));
        return { refused };
      }
    });
    if (outcome.refused) throw outcome.refused;
    if (outcome.kept) return this.replay<T>(call, outcome.kept);
    return outcome.value as T;
  }

  /** Takes the key for this transaction, or finds the answer already kept under it. */
  private async claim(
    tx: EntityManager,
    credentialId: string,
    key: string,
  ): Promise<KeptResponse | undefined> {
    const [claim] = await tx.query<[{ mine: boolean }]>(
      `select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as mine`,
      [`${credentialId}:${key}`],
    );
    if (!claim.mine) {
      throw conflict('idempotency-in-progress', 'The first call with this Idempotency-Key is still running.');
    }
    // A statement of its own: READ COMMITTED must see what the lock's last owner committed.
    const [kept] = await tx.query<KeptResponse[]>(
      `select request_hash, status, body from idempotency_keys where credential_id = $1 and key = $2`,
      [credentialId, key],
    );
    return kept;
  }

  private async keep(tx: EntityManager, call: Call, status: number, body: string): Promise<void> {
    await tx.query(
      `insert into idempotency_keys (credential_id, key, request_hash, status, body, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [call.credentialId, call.key, call.requestHash, status, body, this.clock.now()],
    );
  }

  private replay<T>(call: Call, kept: KeptResponse): T {
    if (!kept.request_hash.equals(call.requestHash)) {
      throw new AppError(
        'invalid',
        'idempotency-key-reused',
        'This Idempotency-Key was used with another request; use a new one.',
      );
    }
    call.replayed = true;
    if (kept.status >= 400) throw new StoredProblem(kept.status, kept.body);
    return JSON.parse(kept.body) as T;
  }
}
