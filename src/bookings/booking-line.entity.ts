import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../platform/database/columns.js';

/** How many GPUs of one listing a booking takes, and at which price. */
@Entity('booking_lines')
export class BookingLine {
  @PrimaryColumn('uuid', { name: 'booking_id' })
  bookingId: string;

  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @PrimaryColumn('uuid', { name: 'listing_id' })
  listingId: string;

  @Column('integer')
  gpus: number;

  /** Per GPU-hour, after the term discount, locked at the hold. */
  @Column('bigint', { name: 'rate_micros', transformer: bigintColumn })
  rateMicros: bigint;

  @Column('bigint', { name: 'total_micros', transformer: bigintColumn })
  totalMicros: bigint;
}
