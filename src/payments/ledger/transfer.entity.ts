import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../../platform/database/columns.js';
import type { TransferKind, TransferStage } from './chart.js';

/** One movement from a debit to a credit account. Written once: the application's role may not change it. */
@Entity('transfers')
export class Transfer {
  @PrimaryColumn('uuid')
  id: string;

  /** Whose money it is: the buyer for everything that enters or leaves escrow. */
  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('text')
  kind: TransferKind;

  @Column('text', { default: 'posted' })
  stage: TransferStage;

  /** The pending transfer that this one posts or voids. */
  @Column('uuid', { name: 'pending_id', nullable: true })
  pendingId: string | null;

  @Column('uuid', { name: 'debit_account_id' })
  debitAccountId: string;

  @Column('uuid', { name: 'credit_account_id' })
  creditAccountId: string;

  @Column('bigint', { name: 'amount_micros', transformer: bigintColumn })
  amountMicros: bigint;

  @Column('text')
  currency: string;

  @Column('uuid', { name: 'booking_id', nullable: true })
  bookingId: string | null;

  /** Unique within the organisation: the same movement asked for twice moves once. */
  @Column('text')
  reference: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
