import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { AccessGuard } from './access.guard.js';
import { AccountsService } from './accounts/accounts.service.js';
import { AuthController } from './accounts/auth.controller.js';
import { MeController } from './accounts/me.controller.js';
import { AccessTokenStrategy } from './credentials/access-token.strategy.js';
import { AccessTokens } from './credentials/access-tokens.js';
import { ApiKeyRegister } from './credentials/api-key-register.js';
import { ApiKeyStrategy } from './credentials/api-key.strategy.js';
import { ApiKeysController } from './credentials/api-keys.controller.js';
import { ApiKeysService } from './credentials/api-keys.service.js';
import { Authentication } from './credentials/authentication.js';
import { ExpiredJob } from './credentials/expired.job.js';
import { LocalStrategy } from './credentials/local.strategy.js';
import { Passwords } from './credentials/passwords.js';
import { Sessions } from './credentials/sessions.js';
import { SignInLimits } from './credentials/sign-in-limits.js';
import { AdminOrganizationsController } from './organizations/admin-organizations.controller.js';
import { MembersService } from './organizations/members.service.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { OrganizationsService } from './organizations/organizations.service.js';
import { Principals } from './principals.js';

/** Who is asking, and for which organisation. Its guard stands before every route of the application. */
@Module({
  imports: [
    JwtModule.registerAsync({
      inject: [CONFIG],
      useFactory: (config: ReadyConfig) => ({ secret: config.secretKey }),
    }),
  ],
  controllers: [
    AuthController,
    MeController,
    ApiKeysController,
    OrganizationsController,
    AdminOrganizationsController,
  ],
  providers: [
    AccessGuard,
    { provide: APP_GUARD, useExisting: AccessGuard },
    Principals,
    Passwords,
    Sessions,
    SignInLimits,
    ExpiredJob,
    AccessTokens,
    ApiKeyRegister,
    LocalStrategy,
    AccessTokenStrategy,
    ApiKeyStrategy,
    Authentication,
    AccountsService,
    ApiKeysService,
    OrganizationsService,
    MembersService,
  ],
  exports: [AccountsService, OrganizationsService],
})
export class IdentityModule {}
