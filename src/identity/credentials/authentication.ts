import { Injectable } from '@nestjs/common';
import passport from 'passport';
import type { User } from '../accounts/user.entity.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import type { Credential } from './credential.js';
import { LocalStrategy } from './local.strategy.js';
import { API_KEY_PREFIX } from './tokens.js';

/** The parts of a request that a strategy reads; never the query, where secrets would land in logs. */
interface Evidence {
  headers: { authorization?: string };
  body?: { email: string; password: string };
}

/**
 * Runs passport's strategies without its sessions or Express. Each application has a passport of its own: two in one
 * process, on two databases, must not check each other's credentials.
 */
@Injectable()
export class Authentication {
  private readonly passport = new passport.Passport();

  constructor(local: LocalStrategy, accessToken: AccessTokenStrategy, apiKey: ApiKeyStrategy) {
    this.passport.use('local', local).use('access-token', accessToken).use('api-key', apiKey);
  }

  /** Whose credentials the `Authorization` header carries; undefined when they are not good. */
  bearer(authorization: string): Promise<Credential | undefined> {
    const isApiKey = authorization.split(/\s+/, 2)[1]?.startsWith(API_KEY_PREFIX) ?? false;
    return this.run<Credential>(isApiKey ? 'api-key' : 'access-token', { headers: { authorization } });
  }

  /** The user with this email and password, if there is one. */
  password(email: string, password: string): Promise<User | undefined> {
    return this.run<User>('local', { headers: {}, body: { email, password } });
  }

  private run<T>(strategy: string, evidence: Evidence): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, found: T | false | null | undefined): void => {
        if (error) reject(error);
        else resolve(found || undefined);
      };
      const middleware = this.passport.authenticate(strategy, { session: false }, answer) as (
        request: Evidence,
        response: object,
        next: (error?: unknown) => void,
      ) => void;
      middleware(evidence, {}, reject);
    });
  }
}
