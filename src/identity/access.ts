import { type ExecutionContext, SetMetadata, applyDecorators, createParamDecorator } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { CallRequest } from '../platform/http/idempotency.js';
import { ACCESS_RULE } from '../platform/http/open-route.js';
import type { Permission, Role } from './permissions.js';

export type OrganizationKind = 'operator' | 'buyer' | 'platform';
export type PlatformRole = 'admin' | 'moderator';

/** Who is asking, for which organisation, and what they may do there. */
export interface Actor {
  userId: string;
  /** The user's id, or the API key's: idempotency keys and rate limits are kept per credential. */
  credentialId: string;
  apiKeyId?: string;
  organizationId: string;
  organizationKind: OrganizationKind;
  role: Role;
  permissions: ReadonlySet<Permission>;
  platformRole?: PlatformRole;
}

/** Someone signed in, who may act for no organisation at all (a platform admin, say). */
export type SignedInUser = Pick<Actor, 'userId' | 'credentialId' | 'apiKeyId' | 'platformRole'> &
  Partial<Pick<Actor, 'organizationId' | 'organizationKind' | 'role' | 'permissions'>>;

/** Who may call a route. A route without a rule is closed to everyone. */
export type AccessRule =
  | { kind: 'public' }
  | { kind: 'signed-in' }
  | { kind: 'allow'; permission: Permission; organizationKind?: OrganizationKind }
  | { kind: 'platform'; role: PlatformRole };

const rule = (value: AccessRule): MethodDecorator & ClassDecorator =>
  value.kind === 'public'
    ? SetMetadata(ACCESS_RULE, value)
    : applyDecorators(SetMetadata(ACCESS_RULE, value), ApiBearerAuth());

/** The metadata key of a route that takes credentials in its body. */
export const SIGN_IN_ROUTE = 'fallow:sign-in-route';

/** The metadata key of the path parameter that names the acting organisation. */
export const ORGANIZATION_IN_PATH = 'fallow:organization-in-path';

/** A route that takes credentials in its body: `Authorization` is not read, and calls are counted as sign-ins. */
export const SignInRoute = (): MethodDecorator & ClassDecorator => SetMetadata(SIGN_IN_ROUTE, true);

/** The acting organisation is the one in the path; another's is a 404. */
export const OrganizationInPath = (param = 'id'): MethodDecorator & ClassDecorator =>
  SetMetadata(ORGANIZATION_IN_PATH, param);

/** Anyone, without credentials. Credentials that are sent must still be good. */
export const Public = (): MethodDecorator & ClassDecorator => rule({ kind: 'public' });

/** Anyone signed in, whatever their organisation or role. */
export const SignedIn = (): MethodDecorator & ClassDecorator => rule({ kind: 'signed-in' });

/** Members of the acting organisation whose role (or whose API key's scopes) carries `permission`. */
export const Allow = (
  permission: Permission,
  organizationKind?: OrganizationKind,
): MethodDecorator & ClassDecorator => rule({ kind: 'allow', permission, organizationKind });

/** The platform's own people: an admin may do all that a moderator may. Never by API key. */
export const PlatformOnly = (role: PlatformRole): MethodDecorator & ClassDecorator =>
  rule({ kind: 'platform', role });

export interface ActorRequest extends CallRequest {
  actor?: SignedInUser;
}

/** The acting member on a route guarded by `@Allow`, where the guard has made sure of the organisation. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  return context.switchToHttp().getRequest<ActorRequest>().actor as Actor;
});

/** The signed-in user on a `@SignedIn` or `@PlatformOnly` route; undefined on a public one without credentials. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): SignedInUser | undefined => {
    return context.switchToHttp().getRequest<ActorRequest>().actor;
  },
);
