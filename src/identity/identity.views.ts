import { ApiProperty, OmitType } from '@nestjs/swagger';
import { isoInstant } from '../kernel/period.js';
import type { OrganizationKind, PlatformRole } from './access.js';
import type { User } from './accounts/user.entity.js';
import type { ApiKey } from './credentials/api-key.entity.js';
import type { Organization } from './organizations/organization.entity.js';
import { ORGANIZATION_STATES, type OrganizationState } from './organizations/organization.states.js';
import { KEY_SCOPES, type Permission, ROLES, type Role } from './permissions.js';

const ORGANIZATION_KINDS: OrganizationKind[] = ['operator', 'buyer', 'platform'];
const PLATFORM_ROLES: PlatformRole[] = ['admin', 'moderator'];

export class UserView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  email: string;

  @ApiProperty()
  displayName: string;

  @ApiProperty({ type: 'string', enum: PLATFORM_ROLES, nullable: true })
  platformRole: PlatformRole | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export const userView = (user: User): UserView => ({
  id: user.id,
  email: user.email,
  displayName: user.displayName,
  platformRole: user.platformRole,
  createdAt: isoInstant(user.createdAt),
});

export class OrganizationView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ enum: ORGANIZATION_KINDS })
  kind: OrganizationKind;

  @ApiProperty({ type: 'string', nullable: true })
  country: string | null;

  @ApiProperty({ enum: ORGANIZATION_STATES })
  state: OrganizationState;

  @ApiProperty({ type: 'string', nullable: true })
  stateReason: string | null;

  @ApiProperty({ minimum: 0, maximum: 4 })
  verificationTier: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
}

export const organizationView = (organization: Organization): OrganizationView => ({
  id: organization.id,
  name: organization.name,
  kind: organization.kind,
  country: organization.country,
  state: organization.state,
  stateReason: organization.stateReason,
  verificationTier: organization.verificationTier,
  createdAt: isoInstant(organization.createdAt),
  updatedAt: isoInstant(organization.updatedAt),
});

export class OrganizationSeatView extends OrganizationView {
  @ApiProperty({ enum: ROLES })
  role: Role;
}

export class MeView {
  @ApiProperty()
  user: UserView;

  @ApiProperty({ type: [OrganizationSeatView] })
  organizations: OrganizationSeatView[];

  @ApiProperty({ type: 'string', enum: PLATFORM_ROLES, nullable: true })
  platformRole: PlatformRole | null;
}

export class TokensView {
  @ApiProperty({ description: 'A Bearer credential' })
  accessToken: string;

  @ApiProperty({ description: 'Good for one refresh' })
  refreshToken: string;

  @ApiProperty({ example: 'Bearer' })
  tokenType: string;

  @ApiProperty({ description: 'Seconds until the access token expires', example: 900 })
  expiresIn: number;
}

export class RegisteredView extends TokensView {
  @ApiProperty()
  user: UserView;

  @ApiProperty()
  organization: OrganizationView;
}

export class LoggedInView extends TokensView {
  @ApiProperty()
  user: UserView;

  @ApiProperty({ type: [OrganizationSeatView] })
  organizations: OrganizationSeatView[];
}

export class NewApiKeyView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ description: 'What the key starts with' })
  prefix: string;

  @ApiProperty({ enum: KEY_SCOPES, isArray: true })
  scopes: Permission[];

  @ApiProperty({ format: 'uuid', description: 'The user who made it' })
  createdBy: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  expiresAt: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, description: 'Exact to the minute' })
  lastUsedAt: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ description: 'The key itself, shown this once' })
  secret: string;
}

export class ApiKeyView extends OmitType(NewApiKeyView, ['secret']) {}

export const apiKeyView = (key: ApiKey): ApiKeyView => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  createdBy: key.createdBy,
  expiresAt: key.expiresAt && isoInstant(key.expiresAt),
  lastUsedAt: key.lastUsedAt && isoInstant(key.lastUsedAt),
  createdAt: isoInstant(key.createdAt),
});

/** A membership with the person it is of. */
export interface MemberRow {
  userId: string;
  email: string;
  displayName: string;
  role: Role;
  createdAt: Date;
}

export class MemberView {
  @ApiProperty({ format: 'uuid' })
  userId: string;

  @ApiProperty()
  email: string;

  @ApiProperty()
  displayName: string;

  @ApiProperty({ enum: ROLES })
  role: Role;

  @ApiProperty({ format: 'date-time', description: 'When they joined' })
  createdAt: string;
}

export const memberView = (row: MemberRow): MemberView => ({
  userId: row.userId,
  email: row.email,
  displayName: row.displayName,
  role: row.role,
  createdAt: isoInstant(row.createdAt),
});

export class OrganizationPage {
  @ApiProperty({ type: [OrganizationView] })
  data: OrganizationView[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}

export class MemberPage {
  @ApiProperty({ type: [MemberView] })
  data: MemberView[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}

export class ApiKeyPage {
  @ApiProperty({ type: [ApiKeyView] })
  data: ApiKeyView[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor: string | null;
}
