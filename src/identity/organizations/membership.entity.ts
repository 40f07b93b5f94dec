import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../permissions.js';

/** A user's place in an organisation. */
@Entity('memberships')
export class Membership {
  @PrimaryColumn({ name: 'organization_id', type: 'uuid' })
  organizationId: string;

  @PrimaryColumn({ name: 'user_id', type: 'uuid' })
  userId: string;

  @Column({ type: 'text' })
  role: Role;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
