import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Which GPUs of a listing a booking holds, and when: one row a booking and listing. The table's exclusion constraint
 * `allocation_no_overlap` (listing =, gpus &&, during &&) makes selling a GPU twice impossible; locks only buy
 * liveness. It is not deferrable, so GPUs are moved by deleting and inserting again.
 */
@Entity('allocations')
export class Allocation {
  @PrimaryColumn('uuid', { name: 'listing_id' })
  listingId: string;

  @PrimaryColumn('uuid', { name: 'booking_id' })
  bookingId: string;

  @Column('uuid', { name: 'organization_id' })
  organizationId: string;

  /** GPU numbers as a multirange's text, `{[0,8),[16,24)}`; see `gpu-set.ts`. */
  @Column('int4multirange')
  gpus: string;

  /** The half-open window as a range's text. */
  @Column('tstzrange')
  during: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
