import type { EntityManager } from 'typeorm';
import type { Outbox } from '../../platform/outbox/outbox.js';
import type { PlatformRole } from '../access.js';
import { User } from './user.entity.js';

/**
 * Gives a person a role on the platform, or takes it with `null`; running servers follow within seconds.
 * @returns the user, or undefined when no account has this email.
 */
export async function setPlatformRole(
  tx: EntityManager,
  context: { outbox: Outbox; now: Date },
  email: string,
  role: PlatformRole | null,
): Promise<User | undefined> {
  const user = await tx.findOneBy(User, { email: email.trim().toLowerCase() });
  if (!user) return undefined;
  await tx.update(User, { id: user.id }, { platformRole: role, updatedAt: context.now });
  await context.outbox.add(tx, {
    name: 'user.platform-role-changed',
    organizationIds: [],
    payload: { userId: user.id, platformRole: role },
  });
  return { ...user, platformRole: role };
}
