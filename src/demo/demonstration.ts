import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AccountsService } from '../identity/accounts/accounts.service.js';
import { Listing } from '../listings/listing.entity.js';
import { Site } from '../listings/site.entity.js';
import { Clock } from '../platform/clock.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { DemoBookings } from './demo-bookings.js';
import { planBookings } from './booking-plan.js';
import { type PlannedOrganization, type SupplyPlan, planSupply } from './plan.js';
import { SeededRandom } from './random.js';

export const DEMO_PASSWORD = 'fallow-demo';
export const DEMO_EMAILS = ['admin@fallow.test', 'operator@fallow.test', 'buyer@fallow.test'] as const;

const BOOKING_SEED = 75_000;
const ROWS_PER_INSERT = 200;

type Say = (line: string) => void;

async function insertAll<T extends object>(
  tx: EntityManager,
  entity: new () => T,
  rows: readonly T[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const part = rows.slice(from, from + ROWS_PER_INSERT);
    await tx
      .createQueryBuilder()
      .insert()
      .into(entity)
      .values(part as never)
      .execute();
  }
}

/** The organisations that nobody of the demonstration signs in to. */
async function insertOrganizations(
  tx: EntityManager,
  organizations: readonly PlannedOrganization[],
): Promise<void> {
  await tx.query(
    `insert into organizations (id, name, kind, country, verification_tier, created_at, updated_at)
     select id, name, kind, country, tier, "createdAt", "createdAt"
     from jsonb_to_recordset($1)
       as item (id uuid, name text, kind text, country text, tier integer, "createdAt" timestamptz)`,
    [JSON.stringify(organizations)],
  );
}

/** The three people: an admin, the first operator's owner, the first buyer's owner. */
async function insertPeople(tx: EntityManager, accounts: AccountsService, supply: SupplyPlan): Promise<void> {
  const [admin, operator, buyer] = DEMO_EMAILS;
  const password = DEMO_PASSWORD;
  await accounts.createAccount(tx, {
    email: admin,
    password,
    displayName: 'Ada Admin',
    platformRole: 'admin',
  });
  const owners = [
    { email: operator, displayName: 'Oskar Operator', organization: supply.operators[0]! },
    { email: buyer, displayName: 'Bea Buyer', organization: supply.buyers[0]! },
  ];
  for (const { email, displayName, organization } of owners) {
    const { user } = await accounts.createAccount(tx, { email, password, displayName });
    await tx.query(
      `insert into memberships (organization_id, user_id, role, created_at) values ($1, $2, 'owner', $3)`,
      [organization.id, user.id, user.createdAt],
    );
  }
}

/**
 * Loads the demonstration market into an empty database, in one transaction; does nothing where it is already there.
 * Only ever called for the embedded server, never in production.
 */
export async function loadDemonstration(app: NestFastifyApplication, say: Say): Promise<void> {
  const dataSource = app.get<DataSource>(getDataSourceToken());
  const now = app.get(Clock).now();
  const [found] = await dataSource.query<[{ loaded: boolean }]>(
    `select exists (select from users where email = $1) as loaded`,
    [DEMO_EMAILS[0]],
  );
  if (found.loaded) return;
  say('Loading the demonstration market (first start only) ...');
  const supply = planSupply(now);
  const bookings = planBookings(now, supply, new SeededRandom(BOOKING_SEED));
  await dataSource.transaction(async (tx) => {
    await insertOrganizations(tx, [...supply.operators, ...supply.buyers]);
    await insertPeople(tx, app.get(AccountsService), supply);
    await insertAll(tx, Site, supply.sites);
    await insertAll(tx, Listing, supply.listings);
    await new DemoBookings(tx, app.get<ReadyConfig>(CONFIG)).load(bookings, supply.buyers);
  });
  say(
    `Loaded ${supply.operators.length} operators, ${supply.listings.length} listings and ${bookings.length} bookings.`,
  );
}
