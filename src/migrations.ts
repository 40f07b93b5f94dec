import { Foundation1764000000001 } from '../migrations/1764000000001-foundation.js';
import { Identity1764000000002 } from '../migrations/1764000000002-identity.js';
import { Catalogue1764000000003 } from '../migrations/1764000000003-catalogue.js';
import { Supply1764000000004 } from '../migrations/1764000000004-supply.js';
import { Allocations1764000000005 } from '../migrations/1764000000005-allocations.js';
import { Ledger1764000000006 } from '../migrations/1764000000006-ledger.js';
import { Demand1764000000007 } from '../migrations/1764000000007-demand.js';
import { Bookings1764000000008 } from '../migrations/1764000000008-bookings.js';
import { Plumbing1764000000009 } from '../migrations/1764000000009-plumbing.js';
import { PlatformOrganization1764000000010 } from '../migrations/1764000000010-platform-organization.js';

/** Every migration, in order; a landed one is never edited. */
export const MIGRATIONS = [
  Foundation1764000000001,
  Identity1764000000002,
  Catalogue1764000000003,
  Supply1764000000004,
  Allocations1764000000005,
  Ledger1764000000006,
  Demand1764000000007,
  Bookings1764000000008,
  Plumbing1764000000009,
  PlatformOrganization1764000000010,
];
