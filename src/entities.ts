import { BookingLine } from './bookings/booking-line.entity.js';
import { Booking } from './bookings/booking.entity.js';
import { FxRate } from './catalog/fx-rate.entity.js';
import { Allocation } from './listings/allocation/allocation.entity.js';
import { Listing } from './listings/listing.entity.js';
import { Site } from './listings/site.entity.js';
import { User } from './identity/accounts/user.entity.js';
import { ApiKey } from './identity/credentials/api-key.entity.js';
import { RefreshToken } from './identity/credentials/refresh-token.entity.js';
import { Membership } from './identity/organizations/membership.entity.js';
import { Organization } from './identity/organizations/organization.entity.js';
import { Account } from './payments/ledger/account.entity.js';
import { Transfer } from './payments/ledger/transfer.entity.js';
import { PolicyVersion } from './payments/policy.entity.js';
import { TopUp } from './payments/top-up.entity.js';
import { Match } from './matching/match.entity.js';
import { ComputeRequest } from './matching/request.entity.js';

/** Every entity, listed once: TypeORM's view of the schema, compared with the migrations in CI. */
export const ENTITIES: (new () => object)[] = [
  ComputeRequest,
  Match,
  User,
  Organization,
  Membership,
  ApiKey,
  RefreshToken,
  FxRate,
  Allocation,
  Listing,
  Site,
  Booking,
  BookingLine,
  Account,
  Transfer,
  TopUp,
  PolicyVersion,
];
