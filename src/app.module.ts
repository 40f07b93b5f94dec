import { type DynamicModule, Module } from '@nestjs/common';
import { CatalogModule } from './catalog/catalog.module.js';
import { BookingsModule } from './bookings/bookings.module.js';
import { applicationOptions } from './data-source.js';
import { IdentityModule } from './identity/identity.module.js';
import { ListingsModule } from './listings/listings.module.js';
import { MatchingModule } from './matching/matching.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import type { Clock } from './platform/clock.js';
import { PlatformModule, type ReadyConfig } from './platform/platform.module.js';
import { TrustModule } from './trust/trust.module.js';

/** The rooms in their line: each may import those before it, never those after. */
@Module({})
export class AppModule {
  static forRoot(config: ReadyConfig, clock?: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(config, applicationOptions(config.databaseUrl, config), clock),
        IdentityModule,
        CatalogModule,
        ListingsModule,
        PaymentsModule,
        MatchingModule,
        BookingsModule,
        TrustModule,
      ],
    };
  }
}
