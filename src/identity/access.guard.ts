import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { AppError, forbidden } from '../kernel/errors.js';
import { ACCESS_RULE } from '../platform/http/open-route.js';
import { RateLimits } from '../platform/http/rate-limit.js';
import type { AccessRule, Actor, ActorRequest, SignedInUser } from './access.js';
import { ORGANIZATION_IN_PATH, SIGN_IN_ROUTE } from './access.js';
import { chooseSeat } from './acting-organization.js';
import { addressKey } from './credentials/address.js';
import { Authentication } from './credentials/authentication.js';
import type { Credential } from './credentials/credential.js';
import { type Permission, ROLE_PERMISSIONS } from './permissions.js';
import { type Principal, Principals, type Seat } from './principals.js';

const suspended = (what: string): AppError => forbidden(`This ${what} is suspended.`, 'suspended');

const unauthenticated = (detail: string): AppError =>
  new AppError('unauthenticated', 'unauthenticated', detail);

/** What a seat, or an API key with that seat behind it, may do. */
function permissionsOf(seat: Seat, credential: Credential): ReadonlySet<Permission> {
  const ofRole = ROLE_PERMISSIONS[seat.role];
  if (credential.kind === 'session') return ofRole;
  return new Set([...ofRole].filter((permission) => credential.scopes.includes(permission)));
}

function signedInUser(credential: Credential, principal: Principal, seat: Seat | undefined): SignedInUser {
  const apiKeyId = credential.kind === 'api-key' ? credential.keyId : undefined;
  return {
    userId: principal.userId,
    credentialId: apiKeyId ?? principal.userId,
    apiKeyId,
    platformRole: apiKeyId ? undefined : principal.platformRole,
    ...(seat && {
      organizationId: seat.organizationId,
      organizationKind: seat.organizationKind,
      role: seat.role,
      permissions: permissionsOf(seat, credential),
    }),
  };
}

/** @throws AppError unless `rule` lets the actor in. */
function assertAllowed(rule: AccessRule, actor: SignedInUser): void {
  if (rule.kind === 'platform') {
    const enough =
      actor.platformRole === 'admin' || (actor.platformRole === 'moderator' && rule.role === 'moderator');
    if (!enough) throw forbidden(`Only the platform's ${rule.role}s may do this.`);
  }
  if (rule.kind === 'allow') {
    const { organizationId, organizationKind, permissions } = actor as Partial<Actor>;
    if (organizationId === undefined) {
      throw new AppError(
        'malformed',
        'organization-required',
        'Name the organization you act for in the X-Organization-Id header.',
      );
    }
    if (rule.organizationKind && rule.organizationKind !== organizationKind) {
      throw forbidden(`Only ${rule.organizationKind} organizations may do this.`);
    }
    if (!permissions?.has(rule.permission)) throw forbidden(`This takes the permission ${rule.permission}.`);
  }
}

/**
 * Stands before every route: finds out who is asking and for which organisation, counts the call, and lets through
 * what the route's access rule allows. A route without a rule is closed to everyone.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authentication,
    private readonly principals: Principals,
    private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ActorRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const rule = this.metadata<AccessRule>(ACCESS_RULE, context);
    if (this.metadata<boolean>(SIGN_IN_ROUTE, context)) {
      // The credentials of these are in the body; a client renewing an expired token may send that along.
      await this.limits.consume('sign-in-address', addressKey(request.ip), reply);
    } else {
      await this.identify(context, request, reply, rule);
    }
    if (!rule) throw forbidden('This route is closed.');
    if (rule.kind === 'public') return true;
    if (!request.actor) throw unauthenticated('Send an access token or an API key as a Bearer credential.');
    assertAllowed(rule, request.actor);
    return true;
  }

  /** Leaves the actor on the request when there are good credentials; counts the call either way. */
  private async identify(
    context: ExecutionContext,
    request: ActorRequest,
    reply: FastifyReply,
    rule: AccessRule | undefined,
  ): Promise<void> {
    const { authorization } = request.headers;
    const credential =
      authorization === undefined ? undefined : await this.authentication.bearer(authorization);
    const principal = credential && (await this.principals.find(credential.userId));
    if (!credential || !principal) {
      await this.limits.consume('read-address', addressKey(request.ip), reply);
      if (authorization !== undefined)
        throw unauthenticated('These credentials are not valid, or not any more.');
      return;
    }
    const credentialId = credential.kind === 'api-key' ? credential.keyId : credential.userId;
    const quota =
      request.method === 'GET' || request.method === 'HEAD' ? 'read-credential' : 'write-credential';
    await this.limits.consume(quota, credentialId, reply);
    if (principal.suspended) throw suspended('account');
    const seat = this.seatOf(context, request, credential, principal);
    // The platform's own people must not be shut out by what happens to an organisation of theirs.
    if (seat?.organizationState === 'suspended' && rule?.kind !== 'platform') throw suspended('organization');
    request.actor = signedInUser(credential, principal, seat);
    request.credentialId = credentialId;
  }

  private seatOf(
    context: ExecutionContext,
    request: ActorRequest,
    credential: Credential,
    principal: Principal,
  ): Seat | undefined {
    const header = request.headers['x-organization-id'];
    const param = this.metadata<string>(ORGANIZATION_IN_PATH, context);
    const bound = credential.kind === 'api-key' ? credential.organizationId : undefined;
    if (bound && !principal.seats.some((seat) => seat.organizationId === bound)) {
      throw unauthenticated('The creator of this API key has left its organization.');
    }
    return chooseSeat({
      seats: principal.seats,
      header: Array.isArray(header) ? header[0] : header,
      inPath: param === undefined ? undefined : (request.params as Record<string, string>)[param],
      bound,
    });
  }

  private metadata<T>(key: string, context: ExecutionContext): T | undefined {
    return this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
  }
}
