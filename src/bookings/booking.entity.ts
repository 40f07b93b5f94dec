import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Minute } from '../kernel/period.js';
import { bigintColumn, minuteColumn } from '../platform/database/columns.js';
import type { BookingState } from './booking.states.js';

/** Where a buyer logs in to what it booked. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
}

/**
 * A buyer holds GPUs of one operator for a half-open window. What was paid is `total`; once the booking has ended,
 * `refunded + released + fee` is exactly what was paid.
 */
@Entity('bookings')
export class Booking {
  @PrimaryColumn('uuid')
  id: string;

  /** The buyer. */
  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'operator_id' })
  operatorId: string;

  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy: string | null;

  @Column('uuid', { name: 'request_id', nullable: true })
  requestId: string | null;

  @Column('uuid', { name: 'match_id', nullable: true })
  matchId: string | null;

  @Column('text')
  state: BookingState;

  @Column('text', { name: 'state_reason', nullable: true })
  stateReason: string | null;

  @Column('timestamptz', { name: 'start_at', transformer: minuteColumn })
  start: Minute;

  @Column('timestamptz', { name: 'end_at', transformer: minuteColumn })
  end: Minute;

  @Column('text')
  currency: string;

  /** Per GPU-hour, locked at the hold; of several lines their mean by GPUs, rounded. */
  @Column('bigint', { name: 'rate_micros', transformer: bigintColumn })
  rateMicros: bigint;

  @Column('bigint', { name: 'total_micros', transformer: bigintColumn })
  totalMicros: bigint;

  /** The platform's share of what is released to the operator, as the policy was at the hold. */
  @Column('integer', { name: 'fee_bps' })
  feeBps: number;

  @Column('bigint', { name: 'refunded_micros', default: 0, transformer: bigintColumn })
  refundedMicros: bigint;

  /** What has reached the operator, after the fee. */
  @Column('bigint', { name: 'released_micros', default: 0, transformer: bigintColumn })
  releasedMicros: bigint;

  @Column('bigint', { name: 'fee_micros', default: 0, transformer: bigintColumn })
  feeMicros: bigint;

  @Column('integer', { name: 'policy_version' })
  policyVersion: number;

  @Column('text', { name: 'ssh_public_keys', array: true, default: [] })
  sshPublicKeys: string[];

  @Column('jsonb', { nullable: true })
  endpoints: Endpoint[] | null;

  /** When an unpaid hold ends. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'confirmed_at', nullable: true })
  confirmedAt: Date | null;

  @Column('timestamptz', { name: 'delivered_at', nullable: true })
  deliveredAt: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt: Date | null;

  /** When the booking moves by itself next: a hold expires, a delivery is overdue, the window is over. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('integer', { default: 1 })
  version: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
