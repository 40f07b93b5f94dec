import { DataSource, type EntityManager } from 'typeorm';
import { applicationOptions } from '../../src/data-source.js';
import { newId } from '../../src/kernel/id.js';
import { type Minute, dateOf } from '../../src/kernel/period.js';

/** A minute that every supply test counts from: 2030-01-01T00:00:00Z. */
export const EPOCH: Minute = Date.UTC(2030, 0, 1) / 60_000;

/** The application's own kind of connections, as many as there are buyers at once. */
export function connect(url: string, databasePoolSize = 8): Promise<DataSource> {
  return new DataSource(applicationOptions(url, { databasePoolSize })).initialize();
}

export async function insertOrganization(tx: EntityManager, kind: 'operator' | 'buyer'): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into organizations (id, name, kind, created_at, updated_at) values ($1, $2, $3, now(), now())`,
    [id, `a test ${kind}`, kind],
  );
  return id;
}

export interface ListingRow {
  nodes: number;
  gpusPerNode: number;
  gpuIncrement: number;
  state: string;
  availableFrom: Minute | null;
  availableUntil: Minute | null;
}

/** A listing of H100s as it stands in the database, with a site and an operator of its own where none is given. */
export async function insertListing(
  tx: EntityManager,
  given: Partial<ListingRow> = {},
  operatorId?: string,
): Promise<string> {
  const row = {
    nodes: 1,
    gpusPerNode: 8,
    gpuIncrement: 1,
    state: 'active',
    availableFrom: null,
    availableUntil: null,
    ...given,
  };
  const organizationId = operatorId ?? (await insertOrganization(tx, 'operator'));
  const [siteId, id] = [newId(), newId()];
  await tx.query(
    `insert into sites (id, organization_id, name, region_code, country, lat, lon, created_at, updated_at)
     select $1, $2, 'a test site', code, country, lat, lon, now(), now() from regions limit 1`,
    [siteId, organizationId],
  );
  await tx.query(
    `insert into listings (id, organization_id, site_id, chip_code, nodes, gpus_per_node, gpu_increment, interconnect,
       workloads, price_micros, price_currency, price_per, rate_micros, min_minutes, min_gpus, max_gpus, state,
       available_from, available_until, created_at, updated_at)
     values ($1, $2, $3, (select code from chips order by code limit 1), $4::int, $5::int, $6::int, 'nvlink', '{training,inference}',
       2000000, 'USD', 'gpu_hour', 2000000, 1, $6::int, $4::int * $5::int, $7, $8, $9, now(), now())`,
    [
      id,
      organizationId,
      siteId,
      row.nodes,
      row.gpusPerNode,
      row.gpuIncrement,
      row.state,
      row.availableFrom === null ? null : dateOf(row.availableFrom),
      row.availableUntil === null ? null : dateOf(row.availableUntil),
    ],
  );
  return id;
}

/** The least of a booking that its allocations can refer to. */
export async function insertBooking(tx: EntityManager, buyerId: string, operatorId: string): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into bookings (id, organization_id, operator_id, state, start_at, end_at, currency, rate_micros,
       total_micros, fee_bps, policy_version, created_at, updated_at)
     values ($1, $2, $3, 'confirmed', now(), now() + interval '1 hour', 'USD', 1, 1, 0, 1, now(), now())`,
    [id, buyerId, operatorId],
  );
  return id;
}
