import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import type { OrganizationKind } from '../access.js';
import type { OrganizationState } from './organization.states.js';

/** A party of the market: it sells, buys, or is the platform itself. */
@Entity('organizations')
export class Organization {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  kind: OrganizationKind;

  /** ISO 3166-1 alpha-2. */
  @Column({ type: 'text', nullable: true })
  country: string | null;

  @Column({ type: 'text', default: 'active' })
  state: OrganizationState;

  @Column({ name: 'state_reason', type: 'text', nullable: true })
  stateReason: string | null;

  /** 0 (nothing checked) to 4. */
  @Column({ name: 'verification_tier', type: 'integer', default: 0 })
  verificationTier: number;

  @VersionColumn({ type: 'integer', default: 1 })
  version: number;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
