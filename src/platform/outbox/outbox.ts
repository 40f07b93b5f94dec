import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../kernel/id.js';
import { Clock } from '../clock.js';

/** One thing that happened, told to whoever listens; `organizationIds` are the parties that may see it. */
export interface OutboxEvent {
  name: string;
  organizationIds: readonly string[];
  payload: Record<string, unknown>;
}

/** Up the line of rooms we publish: events are rows written in the transaction of what they tell. */
@Injectable()
export class Outbox {
  constructor(private readonly clock: Clock) {}

  /** Adds one row per party, so that each reads only its own. */
  async add(tx: EntityManager, event: OutboxEvent): Promise<void> {
    const parties = event.organizationIds.length > 0 ? event.organizationIds : [null];
    await tx.query(
      `insert into outbox (id, organization_id, name, payload, created_at)
       select id, organization_id, $3, $4, $5 from unnest($1::uuid[], $2::uuid[]) as party (id, organization_id)`,
      [parties.map(() => newId()), parties, event.name, JSON.stringify(event.payload), this.clock.now()],
    );
  }
}
