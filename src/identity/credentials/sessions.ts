import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError } from '../../kernel/errors.js';
import { newId } from '../../kernel/id.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { ShortCache } from '../short-cache.js';
import { AccessTokens } from './access-tokens.js';
import { RefreshToken } from './refresh-token.entity.js';
import { newRefreshToken, sha256 } from './tokens.js';

const REFRESH_TOKEN_MS = 30 * 24 * 3600 * 1000;

/** The pair a client signs in with. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
}

type Rotation =
  { userId: string; familyId: string; refreshToken: string } | { reusedFamilyId: string } | undefined;

const badRefreshToken = (): AppError =>
  new AppError(
    'unauthenticated',
    'invalid-refresh-token',
    'This refresh token is not valid any more; sign in again.',
  );

/** Sessions: families of refresh tokens, of which at most one is good at any time. */
@Injectable()
export class Sessions {
  private readonly live = new ShortCache<{ userId: string }>({ seconds: 1, max: 50_000 });

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly accessTokens: AccessTokens,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Opens a session for a user who has just proved who they are. */
  async open(tx: EntityManager, userId: string): Promise<TokenPair> {
    const id = newId();
    const refreshToken = await this.issue(tx, { id, familyId: id, userId });
    return { accessToken: this.accessTokens.sign(userId, id), refreshToken };
  }

  /**
   * Spends a refresh token for the next of its family. A spent one that comes back was stolen, or its owner was
   * robbed: the whole family ends.
   * @throws AppError 401 `invalid-refresh-token`.
   */
  async rotate(refreshToken: string): Promise<TokenPair & { userId: string }> {
    const rotation = await this.transactions.run((tx) => this.spend(tx, refreshToken));
    if (rotation && 'reusedFamilyId' in rotation) this.live.forget(rotation.reusedFamilyId);
    if (!rotation || 'reusedFamilyId' in rotation) throw badRefreshToken();
    const { userId, familyId } = rotation;
    return {
      userId,
      accessToken: this.accessTokens.sign(userId, familyId),
      refreshToken: rotation.refreshToken,
    };
  }

  /** Ends the session of a refresh token; one that is unknown has none. */
  async close(refreshToken: string): Promise<void> {
    const familyId = await this.transactions.run(async (tx) => {
      const token = await tx.findOneBy(RefreshToken, { tokenHash: sha256(refreshToken) });
      if (!token) return undefined;
      await this.lockFamily(tx, token.familyId);
      await this.revoke(tx, token.familyId);
      return token.familyId;
    });
    if (familyId) this.live.forget(familyId);
  }

  /** Whose session this is, while it lives. */
  async userOf(sessionId: string): Promise<string | undefined> {
    const session = await this.live.get(sessionId, async () => {
      const [row] = await this.dataSource.query<{ user_id: string; live: boolean }[]>(
        `select user_id, bool_and(revoked_at is null) as live from refresh_tokens where family_id = $1 group by user_id`,
        [sessionId],
      );
      return row?.live ? { userId: row.user_id } : undefined;
    });
    return session?.userId;
  }

  private async spend(tx: EntityManager, refreshToken: string): Promise<Rotation> {
    const now = this.clock.now();
    const tokenHash = sha256(refreshToken);
    const seen = await tx.findOneBy(RefreshToken, { tokenHash });
    if (!seen) return undefined;
    const { familyId, userId } = seen;
    await this.lockFamily(tx, familyId);
    const spent = await tx.query<[unknown[], number]>(
      `update refresh_tokens set spent_at = $2
       where token_hash = $1 and spent_at is null and revoked_at is null and expires_at > $2`,
      [tokenHash, now],
    );
    if (spent[1] === 1) {
      const next = await this.issue(tx, { id: newId(), familyId, userId });
      return { userId, familyId, refreshToken: next };
    }
    const token = await tx.findOneByOrFail(RefreshToken, { tokenHash });
    if (token.spentAt === null || token.revokedAt !== null) return undefined;
    await this.revoke(tx, familyId);
    await this.outbox.add(tx, {
      name: 'session.reuse-detected',
      organizationIds: [],
      payload: { userId, sessionId: familyId },
    });
    return { reusedFamilyId: familyId };
  }

  /** The first token of a family is its lock: without it a revocation could miss a token being issued. */
  private async lockFamily(tx: EntityManager, familyId: string): Promise<void> {
    await tx.query(`select from refresh_tokens where id = $1 for no key update`, [familyId]);
  }

  private async revoke(tx: EntityManager, familyId: string): Promise<void> {
    await tx.query(`update refresh_tokens set revoked_at = $2 where family_id = $1 and revoked_at is null`, [
      familyId,
      this.clock.now(),
    ]);
  }

  private async issue(
    tx: EntityManager,
    token: Pick<RefreshToken, 'id' | 'familyId' | 'userId'>,
  ): Promise<string> {
    const refreshToken = newRefreshToken();
    const now = this.clock.now();
    await tx.insert(RefreshToken, {
      ...token,
      tokenHash: sha256(refreshToken),
      expiresAt: new Date(now.getTime() + REFRESH_TOKEN_MS),
      createdAt: now,
    });
    return refreshToken;
  }
}
