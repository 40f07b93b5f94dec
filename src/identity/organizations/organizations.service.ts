import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, LessThan } from 'typeorm';
import { conflict, notFound } from '../../kernel/errors.js';
import { PLATFORM_ORGANIZATION_ID } from '../../kernel/id.js';
import { nextState } from '../../kernel/states.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import type { Call } from '../../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE, type Page } from '../../platform/http/page.js';
import { assertIfMatch, withVersion } from '../../platform/http/version.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import type { Actor, SignedInUser } from '../access.js';
import type {
  OrganizationPatchDto,
  OrganizationsQuery,
  ReasonDto,
  VerifyOrganizationDto,
} from '../identity.dto.js';
import { type OrganizationView, organizationView } from '../identity.views.js';
import { Principals } from '../principals.js';
import { Organization } from './organization.entity.js';
import { ORGANIZATION_LIFECYCLE } from './organization.states.js';

const viewOf = (organization: Organization): OrganizationView =>
  withVersion(organizationView(organization), organization.version);

/** Organisations: what they say of themselves, and what the platform says of them. */
@Injectable()
export class OrganizationsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly principals: Principals,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** An organisation by id, for the rooms after this one. @throws AppError 404. */
  async find(manager: EntityManager, id: string): Promise<Organization> {
    const organization = await manager.findOneBy(Organization, { id });
    if (!organization) throw notFound('organization');
    return organization;
  }

  /** Several organisations by id; ids that name none are absent from the map. */
  async findAll(manager: EntityManager, ids: readonly string[]): Promise<Map<string, Organization>> {
    const organizations =
      ids.length === 0 ? [] : await manager.findBy(Organization, { id: In([...new Set(ids)]) });
    return new Map(organizations.map((organization) => [organization.id, organization]));
  }

  async get(id: string): Promise<OrganizationView> {
    return viewOf(await this.find(this.dataSource.manager, id));
  }

  /** Changes name or country. @throws AppError 412 when `ifMatch` names another version. */
  async update(
    actor: Actor,
    ifMatch: string | undefined,
    dto: OrganizationPatchDto,
  ): Promise<OrganizationView> {
    return this.transactions.run(async (tx) => {
      const organization = await this.lock(tx, actor.organizationId);
      assertIfMatch(ifMatch, organization.version);
      if (dto.name !== undefined) organization.name = dto.name;
      if (dto.country !== undefined) organization.country = dto.country;
      return this.save(tx, organization, actor, 'organization.updated', { name: organization.name });
    });
  }

  /** All organisations, newest first. */
  async list(query: OrganizationsQuery): Promise<Page<OrganizationView>> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<string>('organizations', query.cursor);
    const organizations = await this.dataSource.manager.find(Organization, {
      where: {
        ...(query.kind ? { kind: query.kind } : {}),
        ...(query.state ? { state: query.state } : {}),
        ...(after === undefined ? {} : { id: LessThan(after) }),
      },
      order: { id: 'desc' },
      take: limit + 1,
    });
    return this.cursors.page('organizations', organizations, limit, organizationView, (row) => row.id);
  }

  /** Records how far the platform has checked an organisation. */
  verify(admin: SignedInUser, call: Call, id: string, dto: VerifyOrganizationDto): Promise<OrganizationView> {
    return this.administer(admin, call, id, 'organization.verified', (organization) => {
      organization.verificationTier = dto.tier;
      return { tier: dto.tier };
    });
  }

  /** Shuts an organisation out. @throws AppError 409 `illegal-transition`. */
  suspend(admin: SignedInUser, call: Call, id: string, dto: ReasonDto): Promise<OrganizationView> {
    return this.move(admin, call, id, dto, 'suspend', 'organization.suspended');
  }

  /** Lets a suspended organisation back in. @throws AppError 409 `illegal-transition`. */
  reinstate(admin: SignedInUser, call: Call, id: string, dto: ReasonDto): Promise<OrganizationView> {
    return this.move(admin, call, id, dto, 'reinstate', 'organization.reinstated');
  }

  private move(
    admin: SignedInUser,
    call: Call,
    id: string,
    dto: ReasonDto,
    action: keyof typeof ORGANIZATION_LIFECYCLE,
    event: string,
  ): Promise<OrganizationView> {
    return this.administer(admin, call, id, event, (organization) => {
      organization.state = nextState(ORGANIZATION_LIFECYCLE, action, organization.state, 'organization');
      organization.stateReason = dto.reason;
      return { reason: dto.reason };
    });
  }

  private async administer(
    admin: SignedInUser,
    call: Call,
    id: string,
    event: string,
    change: (organization: Organization) => Record<string, unknown>,
  ): Promise<OrganizationView> {
    const view = await this.transactions.once(call, async (tx) => {
      const organization = await this.lock(tx, id);
      if (organization.id === PLATFORM_ORGANIZATION_ID) {
        throw conflict('platform-organization', "The platform's own organization is not administered.");
      }
      const detail = change(organization);
      return this.save(tx, organization, admin, event, detail);
    });
    this.principals.forgetAll();
    return view;
  }

  private async lock(tx: EntityManager, id: string): Promise<Organization> {
    const organization = await tx.findOne(Organization, {
      where: { id },
      lock: { mode: 'for_no_key_update' },
    });
    if (!organization) throw notFound('organization');
    return organization;
  }

  private async save(
    tx: EntityManager,
    organization: Organization,
    actor: SignedInUser,
    event: string,
    detail: Record<string, unknown>,
  ): Promise<OrganizationView> {
    organization.updatedAt = this.clock.now();
    const saved = await tx.save(Organization, organization);
    await this.outbox.add(tx, {
      name: event,
      organizationIds: [saved.id],
      payload: { organizationId: saved.id, actorId: actor.userId, ...detail },
    });
    return viewOf(saved);
  }
}
