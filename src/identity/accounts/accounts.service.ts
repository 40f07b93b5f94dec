import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import { DataSource, type EntityManager } from 'typeorm';
import { AppError, forbidden, invalid, notFound } from '../../kernel/errors.js';
import { newId } from '../../kernel/id.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../../platform/platform.module.js';
import type { OrganizationKind, PlatformRole, SignedInUser } from '../access.js';
import { ACCESS_TOKEN_SECONDS } from '../credentials/access-tokens.js';
import { Authentication } from '../credentials/authentication.js';
import { Passwords, assertUncommon } from '../credentials/passwords.js';
import { Sessions, type TokenPair } from '../credentials/sessions.js';
import { SignInLimits } from '../credentials/sign-in-limits.js';
import type { LoginDto, RefreshDto, RegisterDto } from '../identity.dto.js';
import {
  type LoggedInView,
  type MeView,
  type OrganizationSeatView,
  type RegisteredView,
  type TokensView,
  organizationView,
  userView,
} from '../identity.views.js';
import { Membership } from '../organizations/membership.entity.js';
import { Organization } from '../organizations/organization.entity.js';
import { User } from './user.entity.js';

/** Where a sign-in comes from, and the reply that its quota is told on. */
export interface SignInOrigin {
  address: string;
  reply: FastifyReply;
}

/** An account to make; without an organisation's name it belongs to none. */
export interface NewAccount {
  email: string;
  password: string;
  displayName: string;
  organizationName?: string;
  /** What the organisation is; `buyer` unless said. */
  kind?: OrganizationKind;
  country?: string;
  verificationTier?: number;
  platformRole?: PlatformRole;
}

export interface CreatedAccount {
  user: User;
  organization: Organization | undefined;
}

const tokensView = (pair: TokenPair): TokensView => ({
  accessToken: pair.accessToken,
  refreshToken: pair.refreshToken,
  tokenType: 'Bearer',
  expiresIn: ACCESS_TOKEN_SECONDS,
});

/** People's accounts: opening one, signing in and out, and who one is. */
@Injectable()
export class AccountsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly authentication: Authentication,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly signInLimits: SignInLimits,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /**
   * Makes a user, an organisation and the owner's membership, and signs the user in.
   * @throws AppError 409 `email-taken`, 422 for a password that is too common.
   */
  async register(origin: SignInOrigin, dto: RegisterDto): Promise<RegisteredView> {
    assertUncommon(dto.password, dto.email);
    // RFC 6761 keeps .test for trying things out, and the demonstration's accounts live there.
    if (this.config.production && /\.test$/i.test(dto.email)) {
      throw invalid('/email', 'is in a domain that receives no mail');
    }
    const passwordHash = await this.passwords.hash(dto.password);
    const view = await this.transactions.run(async (tx) => {
      const { user, organization } = await this.insertAccount(tx, passwordHash, {
        ...dto,
        organizationName: dto.organization.name,
        kind: dto.organization.kind,
        country: dto.organization.country,
      });
      const tokens = await this.sessions.open(tx, user.id);
      return { user: userView(user), organization: organizationView(organization!), ...tokensView(tokens) };
    });
    await this.signInLimits.opened(dto.email, origin.address);
    return view;
  }

  /**
   * Signs in by email and password; an unknown email and a wrong password are answered alike.
   * @throws AppError 401 `invalid-credentials`, 403 `suspended`, 429.
   */
  async login(origin: SignInOrigin, dto: LoginDto): Promise<LoggedInView> {
    const user = await this.signInLimits.attempt({ ...origin, email: dto.email }, () =>
      this.authentication.password(dto.email, dto.password),
    );
    if (!user) {
      throw new AppError(
        'unauthenticated',
        'invalid-credentials',
        'This email and password do not belong together.',
      );
    }
    if (user.state === 'suspended') throw forbidden('This account is suspended.', 'suspended');
    return this.transactions.run(async (tx) => {
      const tokens = await this.sessions.open(tx, user.id);
      return { user: userView(user), organizations: await this.seats(tx, user.id), ...tokensView(tokens) };
    });
  }

  /** Exchanges a refresh token for the next pair. @throws AppError 401 `invalid-refresh-token`, 403 `suspended`. */
  async refresh(dto: RefreshDto): Promise<TokensView> {
    const pair = await this.sessions.rotate(dto.refreshToken);
    const user = await this.dataSource.manager.findOneByOrFail(User, { id: pair.userId });
    if (user.state === 'suspended') throw forbidden('This account is suspended.', 'suspended');
    return tokensView(pair);
  }

  /** Ends the session of a refresh token: its access tokens stop working too. */
  async logout(dto: RefreshDto): Promise<void> {
    await this.sessions.close(dto.refreshToken);
  }

  /** Who is asking. An API key is told of its own organisation only. */
  async me(current: SignedInUser): Promise<MeView> {
    const { manager } = this.dataSource;
    const user = await manager.findOneBy(User, { id: current.userId });
    if (!user) throw notFound('user');
    const seats = await this.seats(manager, user.id);
    return {
      user: { ...userView(user), platformRole: current.platformRole ?? null },
      organizations: current.apiKeyId ? seats.filter((seat) => seat.id === current.organizationId) : seats,
      platformRole: current.platformRole ?? null,
    };
  }

  /**
   * Makes an account inside a transaction of the caller's; the password is not checked against the common ones.
   * @throws AppError 409 `email-taken` once the constraint's error reaches the HTTP filter.
   */
  async createAccount(tx: EntityManager, account: NewAccount): Promise<CreatedAccount> {
    return this.insertAccount(tx, await this.passwords.hash(account.password), account);
  }

  private async insertAccount(
    tx: EntityManager,
    passwordHash: string,
    account: Omit<NewAccount, 'password'>,
  ): Promise<CreatedAccount> {
    const now = this.clock.now();
    const user = tx.create(User, {
      id: newId(),
      email: account.email.toLowerCase(),
      passwordHash,
      displayName: account.displayName,
      platformRole: account.platformRole ?? null,
      state: 'active',
      createdAt: now,
      updatedAt: now,
    });
    await tx.insert(User, user);
    const organization =
      account.organizationName === undefined
        ? undefined
        : await this.insertOrganization(tx, user.id, {
            ...account,
            organizationName: account.organizationName,
          });
    await this.outbox.add(tx, {
      name: 'account.registered',
      organizationIds: organization ? [organization.id] : [],
      payload: {
        userId: user.id,
        organizationId: organization?.id ?? null,
        kind: organization?.kind ?? null,
      },
    });
    return { user, organization };
  }

  private async insertOrganization(
    tx: EntityManager,
    ownerId: string,
    account: Pick<NewAccount, 'kind' | 'country' | 'verificationTier'> & { organizationName: string },
  ): Promise<Organization> {
    const now = this.clock.now();
    const organization = tx.create(Organization, {
      id: newId(),
      name: account.organizationName,
      kind: account.kind ?? 'buyer',
      country: account.country ?? null,
      state: 'active',
      stateReason: null,
      verificationTier: account.verificationTier ?? 0,
      version: 1,
      createdAt: now,
      updatedAt: now,
    });
    await tx.insert(Organization, organization);
    await tx.insert(Membership, {
      organizationId: organization.id,
      userId: ownerId,
      role: 'owner',
      createdAt: now,
    });
    return organization;
  }

  private async seats(manager: EntityManager, userId: string): Promise<OrganizationSeatView[]> {
    const memberships = await manager.findBy(Membership, { userId });
    const organizations = await manager
      .createQueryBuilder(Organization, 'organization')
      .where('organization.id in (select organization_id from memberships where user_id = :userId)', {
        userId,
      })
      .orderBy('organization.id')
      .getMany();
    const roles = new Map(memberships.map((membership) => [membership.organizationId, membership.role]));
    return organizations.flatMap((organization) => {
      const role = roles.get(organization.id);
      return role ? [{ ...organizationView(organization), role }] : [];
    });
  }
}
