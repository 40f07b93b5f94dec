import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, IsNull, LessThan } from 'typeorm';
import { forbidden, invalid, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/id.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import type { PageQuery } from '../../platform/http/fields.js';
import type { Call } from '../../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE, type Page } from '../../platform/http/page.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../../platform/platform.module.js';
import type { Actor } from '../access.js';
import type { NewApiKeyDto } from '../identity.dto.js';
import { type ApiKeyView, type NewApiKeyView, apiKeyView } from '../identity.views.js';
import { ApiKeyRegister } from './api-key-register.js';
import { ApiKey } from './api-key.entity.js';
import { seal, unseal } from './sealing.js';
import { apiKeyPrefix, newApiKey, sha256 } from './tokens.js';

const REPLAY = 'api key, kept for its idempotency key';

/** The API keys of an organisation. */
@Injectable()
export class ApiKeysService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly transactions: Transactions,
    private readonly register: ApiKeyRegister,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a key that may do at most what its creator may. The answer alone shows the secret; what is kept to repeat
   * that answer for its Idempotency-Key is sealed.
   * @throws AppError 403 for a scope the creator lacks, 422 at `/expiresAt`.
   */
  async create(actor: Actor, call: Call, dto: NewApiKeyDto): Promise<NewApiKeyView> {
    const { sealed, ...view } = await this.transactions.once(call, async (tx) => {
      const beyond = dto.scopes.find((scope) => !actor.permissions.has(scope));
      if (beyond) throw forbidden(`You cannot grant ${beyond}, which you may not do yourself.`);
      const now = this.clock.now();
      const expiresAt = dto.expiresAt ? new Date(dto.expiresAt) : null;
      if (expiresAt && expiresAt <= now) throw invalid('/expiresAt', 'must be in the future');
      const id = newId();
      const secret = newApiKey(id);
      const key = tx.create(ApiKey, {
        id,
        organizationId: actor.organizationId,
        createdBy: actor.userId,
        name: dto.name,
        prefix: apiKeyPrefix(id),
        secretHash: sha256(secret),
        scopes: dto.scopes,
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
        createdAt: now,
      });
      await tx.insert(ApiKey, key);
      await this.outbox.add(tx, {
        name: 'api-key.created',
        organizationIds: [actor.organizationId],
        payload: { apiKeyId: id, name: key.name, scopes: key.scopes, actorId: actor.userId },
      });
      return { ...apiKeyView(key), sealed: seal(this.config.secretKey, REPLAY, secret) };
    });
    return { ...view, secret: unseal(this.config.secretKey, REPLAY, sealed) };
  }

  /** The organisation's keys that were not deleted, newest first. */
  async list(actor: Actor, query: PageQuery): Promise<Page<ApiKeyView>> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<string>('api-keys', query.cursor);
    const keys = await this.dataSource.manager.find(ApiKey, {
      where: {
        organizationId: actor.organizationId,
        revokedAt: IsNull(),
        ...(after === undefined ? {} : { id: LessThan(after) }),
      },
      order: { id: 'desc' },
      take: limit + 1,
    });
    return this.cursors.page('api-keys', keys, limit, apiKeyView, (key) => key.id);
  }

  /** Deletes a key: it stops working at once. @throws AppError 404. */
  async revoke(actor: Actor, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const { affected } = await tx.update(
        ApiKey,
        { id, organizationId: actor.organizationId, revokedAt: IsNull() },
        { revokedAt: this.clock.now() },
      );
      if (affected !== 1) throw notFound('API key');
      await this.outbox.add(tx, {
        name: 'api-key.revoked',
        organizationIds: [actor.organizationId],
        payload: { apiKeyId: id, actorId: actor.userId },
      });
    });
    this.register.forget(id);
  }
}
