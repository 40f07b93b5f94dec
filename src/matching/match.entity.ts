import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type Minute } from '../kernel/period.js';
import { minuteColumn } from '../platform/database/columns.js';
import type { MatchBody } from './request.view.js';

/** GPUs of one listing at the price quoted; `rateMicros` is a decimal string, as JSON has no integers of its size. */
export interface MatchLineRow {
  listingId: string;
  gpus: number;
  rateMicros: string;
}

/** One answer to a request, whose price stands until it expires. */
@Entity('matches')
export class Match {
  @PrimaryColumn('uuid')
  id: string;

  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'request_id' })
  requestId: string;

  @Column('integer')
  rank: number;

  @Column('jsonb')
  lines: MatchLineRow[];

  @Column('timestamptz', { name: 'start_at', transformer: minuteColumn })
  start: Minute;

  @Column('timestamptz', { name: 'end_at', transformer: minuteColumn })
  end: Minute;

  /** What the buyer is shown besides. */
  @Column('jsonb')
  body: MatchBody;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
