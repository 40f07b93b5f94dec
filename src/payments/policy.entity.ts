import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PolicyBody } from './policy.js';

/** One version of the market's rules; written once. */
@Entity('policies')
export class PolicyVersion {
  @PrimaryColumn('integer')
  version: number;

  @Column('jsonb')
  body: PolicyBody;

  @Column('uuid', { name: 'created_by', nullable: true })
  createdBy: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}
