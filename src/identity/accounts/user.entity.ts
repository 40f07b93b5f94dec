import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PlatformRole } from '../access.js';

export type UserState = 'active' | 'suspended';

/** A person who signs in. */
@Entity('users')
export class User {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** In lower case; unique. */
  @Column({ type: 'text' })
  email: string;

  /** Argon2id, in PHC string form. */
  @Column({ name: 'password_hash', type: 'text' })
  passwordHash: string;

  @Column({ name: 'display_name', type: 'text' })
  displayName: string;

  @Column({ name: 'platform_role', type: 'text', nullable: true })
  platformRole: PlatformRole | null;

  @Column({ type: 'text', default: 'active' })
  state: UserState;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
