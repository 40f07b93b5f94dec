import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { RequestSpecification } from './request-specification.js';
import type { RequestState } from './request.states.js';
import type { UnmatchedView } from './request.view.js';

/** A buyer's stated need, as it was asked. */
@Entity('requests')
export class ComputeRequest {
  @PrimaryColumn('uuid')
  id: string;

  @PrimaryColumn('uuid', { name: 'organization_id' })
  organizationId: string;

  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy: string | null;

  @Column('text')
  mode: 'instant' | 'standing';

  @Column('text')
  workload: 'training' | 'inference';

  @Column('jsonb')
  specification: RequestSpecification;

  /** Why no more matched when it was last answered. */
  @Column('jsonb', { nullable: true })
  unmatched: UnmatchedView | null;

  @Column('text')
  state: RequestState;

  @Column('text', { name: 'state_reason', nullable: true })
  stateReason: string | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}
