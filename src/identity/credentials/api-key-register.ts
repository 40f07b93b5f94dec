import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { ShortCache } from '../short-cache.js';
import { ApiKey } from './api-key.entity.js';
import { apiKeyId, sha256 } from './tokens.js';

const USE_NOTED_EVERY_MS = 60_000;

/** Finds API keys by what their holders send. */
@Injectable()
export class ApiKeyRegister {
  private readonly keys = new ShortCache<ApiKey>({ seconds: 5, max: 20_000 });

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** The key with this secret, if it still works; notes its use once a minute. */
  async find(secret: string): Promise<ApiKey | undefined> {
    const id = apiKeyId(secret);
    if (id === undefined) return undefined;
    const key = await this.keys.get(id, async () => {
      return (await this.dataSource.manager.findOneBy(ApiKey, { id })) ?? undefined;
    });
    if (!key || !timingSafeEqual(key.secretHash, sha256(secret))) return undefined;
    const now = this.clock.now();
    if (key.revokedAt !== null || (key.expiresAt !== null && key.expiresAt <= now)) return undefined;
    await this.noteUse(key, now);
    return key;
  }

  /** Looks the key up again at its next use. */
  forget(id: string): void {
    this.keys.forget(id);
  }

  private async noteUse(key: ApiKey, now: Date): Promise<void> {
    const stale = new Date(now.getTime() - USE_NOTED_EVERY_MS);
    if (key.lastUsedAt !== null && key.lastUsedAt > stale) return;
    key.lastUsedAt = now;
    await this.dataSource.query(
      `update api_keys set last_used_at = $3
       where id = $1 and organization_id = $2 and (last_used_at is null or last_used_at <= $4)`,
      [key.id, key.organizationId, now, stale],
    );
  }
}
