import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { conflict, forbidden, invalid, notFound } from '../../kernel/errors.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import type { PageQuery } from '../../platform/http/fields.js';
import type { Call } from '../../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE, type Page } from '../../platform/http/page.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import type { Actor } from '../access.js';
import { User } from '../accounts/user.entity.js';
import { ApiKeyRegister } from '../credentials/api-key-register.js';
import { ApiKey } from '../credentials/api-key.entity.js';
import type { MemberPatchDto, NewMemberDto } from '../identity.dto.js';
import { type MemberRow, type MemberView, memberView } from '../identity.views.js';
import type { Role } from '../permissions.js';
import { Principals } from '../principals.js';
import { mayGrant } from './member-roles.js';
import { Membership } from './membership.entity.js';

const SELECT_MEMBERS = `
  select m.user_id as "userId", u.email, u.display_name as "displayName", m.role, m.created_at as "createdAt"
  from memberships m join users u on u.id = m.user_id`;

function assertMayGrant(actor: Actor, role: Role): void {
  if (!mayGrant(actor.role, role))
    throw forbidden(`As ${actor.role} you cannot give or take the role ${role}.`);
}

/** Who belongs to an organisation, and as what. */
@Injectable()
export class MembersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly principals: Principals,
    private readonly apiKeys: ApiKeyRegister,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async list(actor: Actor, query: PageQuery): Promise<Page<MemberView>> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<string>('members', query.cursor);
    const rows = await this.dataSource.query<MemberRow[]>(
      `${SELECT_MEMBERS}
       where m.organization_id = $1 and ($2::uuid is null or m.user_id < $2)
       order by m.user_id desc limit $3`,
      [actor.organizationId, after ?? null, limit + 1],
    );
    return this.cursors.page('members', rows, limit, memberView, (row) => row.userId);
  }

  /**
   * Gives someone who has an account a place in the organisation.
   * @throws AppError 422 at `/email` for an email without an account, 409 `already-a-member`, 403.
   */
  async add(actor: Actor, call: Call, dto: NewMemberDto): Promise<MemberView> {
    const view = await this.transactions.once(call, async (tx) => {
      assertMayGrant(actor, dto.role);
      const user = await tx.findOneBy(User, { email: dto.email });
      if (!user) throw invalid('/email', 'belongs to no account; ask them to register first');
      await this.lockOrganization(tx, actor);
      await tx.insert(Membership, {
        organizationId: actor.organizationId,
        userId: user.id,
        role: dto.role,
        createdAt: this.clock.now(),
      });
      await this.tell(tx, actor, 'organization.member-added', { userId: user.id, role: dto.role });
      return this.view(tx, actor, user.id);
    });
    this.principals.forget(view.userId);
    return view;
  }

  /** @throws AppError 404, 403, 409 `last-owner`. */
  async changeRole(actor: Actor, userId: string, dto: MemberPatchDto): Promise<MemberView> {
    const view = await this.transactions.run(async (tx) => {
      await this.lockOrganization(tx, actor);
      const member = await this.find(tx, actor, userId);
      assertMayGrant(actor, member.role);
      assertMayGrant(actor, dto.role);
      if (dto.role !== member.role) {
        if (member.role === 'owner') await this.assertAnotherOwner(tx, actor);
        await tx.update(Membership, { organizationId: actor.organizationId, userId }, { role: dto.role });
        await this.tell(tx, actor, 'organization.member-role-changed', { userId, role: dto.role });
      }
      return this.view(tx, actor, userId);
    });
    this.principals.forget(userId);
    return view;
  }

  /**
   * Ends a membership, one's own or, with `members:write`, another's; the keys that person made here end with it.
   * @throws AppError 404, 403, 409 `last-owner`.
   */
  async remove(actor: Actor, userId: string): Promise<void> {
    const isSelf = actor.userId === userId && actor.apiKeyId === undefined;
    const revoked = await this.transactions.run(async (tx) => {
      await this.lockOrganization(tx, actor);
      const member = await this.find(tx, actor, userId);
      if (!isSelf) {
        if (!actor.permissions.has('members:write'))
          throw forbidden('This takes the permission members:write.');
        assertMayGrant(actor, member.role);
      }
      if (member.role === 'owner') await this.assertAnotherOwner(tx, actor);
      await tx.delete(Membership, { organizationId: actor.organizationId, userId });
      const keys = { organizationId: actor.organizationId, createdBy: userId, revokedAt: IsNull() };
      const ended = await tx.findBy(ApiKey, keys);
      await tx.update(ApiKey, keys, { revokedAt: this.clock.now() });
      await this.tell(tx, actor, 'organization.member-removed', { userId, role: member.role });
      return ended.map((key) => key.id);
    });
    this.principals.forget(userId);
    for (const id of revoked) this.apiKeys.forget(id);
  }

  /** Changes of membership wait for each other, so that two owners cannot both leave. */
  private async lockOrganization(tx: EntityManager, actor: Actor): Promise<void> {
    await tx.query(`select from organizations where id = $1 for no key update`, [actor.organizationId]);
  }

  private async find(tx: EntityManager, actor: Actor, userId: string): Promise<Membership> {
    const member = await tx.findOneBy(Membership, { organizationId: actor.organizationId, userId });
    if (!member) throw notFound('member');
    return member;
  }

  private async assertAnotherOwner(tx: EntityManager, actor: Actor): Promise<void> {
    const owners = await tx.countBy(Membership, { organizationId: actor.organizationId, role: 'owner' });
    if (owners < 2)
      throw conflict('last-owner', 'An organization keeps at least one owner; name another one first.');
  }

  private async view(tx: EntityManager, actor: Actor, userId: string): Promise<MemberView> {
    const [row] = await tx.query<MemberRow[]>(
      `${SELECT_MEMBERS} where m.organization_id = $1 and m.user_id = $2`,
      [actor.organizationId, userId],
    );
    if (!row) throw notFound('member');
    return memberView(row);
  }

  private async tell(
    tx: EntityManager,
    actor: Actor,
    name: string,
    detail: Record<string, unknown>,
  ): Promise<void> {
    await this.outbox.add(tx, {
      name,
      organizationIds: [actor.organizationId],
      payload: { organizationId: actor.organizationId, actorId: actor.userId, ...detail },
    });
  }
}
