import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../../platform/clock.js';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
export const ACCESS_TOKEN_ISSUER = 'fallow';
export const ACCESS_TOKEN_AUDIENCE = 'fallow-api';
/** Nothing else that is signed may pass for an access token. */
export const ACCESS_TOKEN_TYPE = 'access';

/** What an access token says: who, and in which session. What they may do is looked up at each call. */
export interface AccessTokenClaims {
  sub: string;
  /** The session: the refresh tokens' family. */
  sid: string;
  typ: string;
  /** Seconds since 1970. */
  iat: number;
  exp: number;
}

/** Signs access tokens. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
  ) {}

  /** @returns an access token that works for 15 minutes, and no longer than its session. */
  sign(userId: string, sessionId: string): string {
    const iat = Math.floor(this.clock.now().getTime() / 1000);
    const claims: AccessTokenClaims = {
      sub: userId,
      sid: sessionId,
      typ: ACCESS_TOKEN_TYPE,
      iat,
      exp: iat + ACCESS_TOKEN_SECONDS,
    };
    return this.jwt.sign(claims, {
      algorithm: 'HS256',
      issuer: ACCESS_TOKEN_ISSUER,
      audience: ACCESS_TOKEN_AUDIENCE,
    });
  }
}
