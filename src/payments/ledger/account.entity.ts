import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../../platform/database/columns.js';
import type { AccountKind } from './chart.js';

/** One organisation's account of one kind and currency, with its running balances in micro-units. */
@Entity('accounts')
export class Account {
  @PrimaryColumn('uuid')
  id: string;

  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  kind: AccountKind;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'debits_pending', default: 0, transformer: bigintColumn })
  debitsPending: bigint;

  @Column('bigint', { name: 'debits_posted', default: 0, transformer: bigintColumn })
  debitsPosted: bigint;

  @Column('bigint', { name: 'credits_pending', default: 0, transformer: bigintColumn })
  creditsPending: bigint;

  @Column('bigint', { name: 'credits_posted', default: 0, transformer: bigintColumn })
  creditsPosted: bigint;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
