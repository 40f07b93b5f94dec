import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { UUID_PATTERN } from '../../kernel/id.js';
import { Clock } from '../../platform/clock.js';
import { CONFIG, type ReadyConfig } from '../../platform/platform.module.js';
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  type AccessTokenClaims,
} from './access-tokens.js';
import type { Credential } from './credential.js';
import { Sessions } from './sessions.js';

const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID_PATTERN.test(value);

/** `Bearer <access token>`: HS256 and nothing else, for this API, of a session that still lives. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, 'access-token') {
  constructor(
    @Inject(CONFIG) config: ReadyConfig,
    private readonly clock: Clock,
    private readonly sessions: Sessions,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: config.secretKey,
      algorithms: ['HS256'],
      issuer: ACCESS_TOKEN_ISSUER,
      audience: ACCESS_TOKEN_AUDIENCE,
      // Checked below by the market's clock, which follows the database's.
      ignoreExpiration: true,
    });
  }

  async validate(claims: Partial<AccessTokenClaims>): Promise<Credential | false> {
    const { sub, sid, typ, exp } = claims;
    if (typ !== ACCESS_TOKEN_TYPE || !isUuid(sub) || !isUuid(sid)) return false;
    if (typeof exp !== 'number' || exp * 1000 <= this.clock.now().getTime()) return false;
    if ((await this.sessions.userOf(sid!)) !== sub) return false;
    return { kind: 'session', userId: sub!, sessionId: sid! };
  }
}
