import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-custom';
import { ApiKeyRegister } from './api-key-register.js';
import type { Credential } from './credential.js';

/** `Bearer fk_…`: an API key that is neither revoked nor expired. */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, 'api-key') {
  constructor(private readonly keys: ApiKeyRegister) {
    super();
  }

  async validate(request: { headers: { authorization?: string } }): Promise<Credential | false> {
    const secret = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const key = secret === undefined ? undefined : await this.keys.find(secret);
    if (!key) return false;
    return {
      kind: 'api-key',
      userId: key.createdBy,
      keyId: key.id,
      organizationId: key.organizationId,
      scopes: key.scopes,
    };
  }
}
