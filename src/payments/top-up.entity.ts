import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../platform/database/columns.js';
import type { TopUpState } from './top-up.states.js';

export type TopUpMethod = 'bank_transfer' | 'stripe';

/** Money announced for a wallet; only settling it moves any. */
@Entity('top_ups')
export class TopUp {
  @PrimaryColumn('uuid')
  id: string;

  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('bigint', { name: 'amount_micros', transformer: bigintColumn })
  amountMicros: bigint;

  @Column('text')
  currency: string;

  @Column('text')
  method: TopUpMethod;

  /** What the buyer writes on the transfer, such as `FLW-7K3Q-9T2M`. */
  @Column('text')
  reference: string;

  @Column('text')
  state: TopUpState;

  @Column('uuid', { name: 'requested_by', nullable: true })
  requestedBy: string | null;

  @Column('uuid', { name: 'settled_by', nullable: true })
  settledBy: string | null;

  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
