import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { OrganizationKind, PlatformRole } from './access.js';
import type { OrganizationState } from './organizations/organization.states.js';
import type { Role } from './permissions.js';
import { ShortCache } from './short-cache.js';

/** A user's place in an organisation, as the guard weighs it. */
export interface Seat {
  organizationId: string;
  organizationKind: OrganizationKind;
  organizationState: OrganizationState;
  role: Role;
}

/** What is true of a user at the moment, whichever credential they come with. */
export interface Principal {
  userId: string;
  suspended: boolean;
  platformRole: PlatformRole | undefined;
  seats: readonly Seat[];
}

interface PrincipalRow {
  state: string;
  platform_role: PlatformRole | null;
  seats: Seat[] | null;
}

/** Who users are and where they belong, remembered for a few seconds. */
@Injectable()
export class Principals {
  private readonly principals = new ShortCache<Principal>({ seconds: 5, max: 20_000 });

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  find(userId: string): Promise<Principal | undefined> {
    return this.principals.get(userId, async () => {
      const [row] = await this.dataSource.query<PrincipalRow[]>(
        `select u.state, u.platform_role,
                (select json_agg(json_build_object('organizationId', o.id, 'organizationKind', o.kind,
                                                   'organizationState', o.state, 'role', m.role) order by o.id)
                 from memberships m join organizations o on o.id = m.organization_id
                 where m.user_id = u.id) as seats
         from users u where u.id = $1`,
        [userId],
      );
      if (!row) return undefined;
      return {
        userId,
        suspended: row.state === 'suspended',
        platformRole: row.platform_role ?? undefined,
        seats: row.seats ?? [],
      };
    });
  }

  /** A user's role, state or memberships have changed. */
  forget(userId: string): void {
    this.principals.forget(userId);
  }

  /** An organisation has changed, and with it whoever belongs to it. */
  forgetAll(): void {
    this.principals.forgetAll();
  }
}
