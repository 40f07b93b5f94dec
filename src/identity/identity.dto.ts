import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail } from 'class-validator';
import { Instant, Nested, OneOf, PageQuery, Text, TextList, WholeNumber } from '../platform/http/fields.js';
import type { OrganizationKind } from './access.js';
import { ORGANIZATION_STATES, type OrganizationState } from './organizations/organization.states.js';
import { KEY_SCOPES, type Permission, ROLES, type Role } from './permissions.js';

const EMAIL_MAX = 254;
const PASSWORD_MAX = 256;
const COUNTRY = /^[A-Z]{2}$/;
const TRADING_KINDS = ['operator', 'buyer'] as const;

/** An address in printable ASCII (a foreign domain in its punycode form), in lower case whatever was sent. */
const Email = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.trim().toLowerCase() : value,
    ),
    Text({ max: EMAIL_MAX, pattern: /^[\x21-\x7e]+$/, example: 'ada@example.org' }),
    IsEmail({ allow_utf8_local_part: false }, { message: '$property must be an email address' }),
  );

const Country = (options: { nullable?: boolean } = {}): PropertyDecorator =>
  Text({ ...options, optional: true, max: 2, pattern: COUNTRY, about: 'ISO 3166-1 alpha-2', example: 'DE' });

export class NewOrganizationDto {
  @Text({ max: 200, example: 'Ulanqab Compute' })
  name: string;

  @OneOf(TRADING_KINDS, { about: 'whether it sells or buys GPU time' })
  kind: Exclude<OrganizationKind, 'platform'>;

  @Country()
  country?: string;
}

export class RegisterDto {
  @Email()
  email: string;

  @Text({ min: 8, max: PASSWORD_MAX })
  password: string;

  @Text({ max: 200, example: 'Ada Lovelace' })
  displayName: string;

  @Nested(() => NewOrganizationDto)
  organization: NewOrganizationDto;
}

export class LoginDto {
  @Email()
  email: string;

  @Text({ max: PASSWORD_MAX })
  password: string;
}

export class RefreshDto {
  @Text({ max: 200 })
  refreshToken: string;
}

export class NewApiKeyDto {
  @Text({ max: 100, example: 'nightly import' })
  name: string;

  @TextList({ min: 1, max: KEY_SCOPES.length, values: KEY_SCOPES, about: 'at most what you may do yourself' })
  scopes: Permission[];

  @Instant({ optional: true, nullable: true, about: 'without it the key works until it is deleted' })
  expiresAt?: string | null;
}

export class OrganizationPatchDto {
  @Text({ max: 200, optional: true })
  name?: string;

  @Country({ nullable: true })
  country?: string | null;
}

export class NewMemberDto {
  @Email()
  email: string;

  @OneOf(ROLES)
  role: Role;
}

export class MemberPatchDto {
  @OneOf(ROLES)
  role: Role;
}

export class OrganizationsQuery extends PageQuery {
  @OneOf(['operator', 'buyer', 'platform'], { optional: true })
  kind?: OrganizationKind;

  @OneOf(ORGANIZATION_STATES, { optional: true })
  state?: OrganizationState;
}

export class VerifyOrganizationDto {
  @WholeNumber({ min: 0, max: 4, about: '0: nothing checked, 4: audited on site' })
  tier: number;
}

export class ReasonDto {
  @Text({ max: 2000 })
  reason: string;
}
