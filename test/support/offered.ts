import type { EntityManager } from 'typeorm';
import { newId } from '../../src/kernel/id.js';
import { type Minute, dateOf, rangeLiteral } from '../../src/kernel/period.js';

/** A listing as a search sees it, written straight into the database. */
export interface Offered {
  operatorName: string;
  verificationTier: number;
  region: string;
  chip: string;
  nodes: number;
  gpusPerNode: number;
  gpuIncrement: number;
  interconnect: string;
  interconnectGbps: number | null;
  workloads: string[];
  rateMicros: number;
  termDiscounts: { minHours: number; percentOff: number }[];
  availableFrom: Minute | null;
  availableUntil: Minute | null;
  minMinutes: number;
  maxMinutes: number | null;
  minGpus: number;
  maxGpus: number;
  state: string;
}

export interface OfferedListing {
  listingId: string;
  operatorId: string;
}

const DEFAULTS = {
  operatorName: 'Operator',
  verificationTier: 0,
  region: 'de-frankfurt',
  chip: 'h100-sxm-80gb',
  nodes: 1,
  gpusPerNode: 8,
  gpuIncrement: 1,
  interconnect: 'nvlink',
  interconnectGbps: null,
  workloads: ['training', 'inference'],
  rateMicros: 2_000_000,
  termDiscounts: [],
  availableFrom: null,
  availableUntil: null,
  minMinutes: 60,
  maxMinutes: null,
  state: 'active',
};

async function insertOperator(tx: EntityManager, name: string, verificationTier: number): Promise<string> {
  const id = newId();
  await tx.query(
    `insert into organizations (id, name, kind, verification_tier, created_at, updated_at)
     values ($1, $2, 'operator', $3, now(), now())`,
    [id, name, verificationTier],
  );
  return id;
}

/** @param operatorId of an operator that exists; a new one by default. */
export async function insertOffered(
  tx: EntityManager,
  given: Partial<Offered> = {},
  operatorId?: string,
): Promise<OfferedListing> {
  const row = { ...DEFAULTS, ...given };
  const organizationId = operatorId ?? (await insertOperator(tx, row.operatorName, row.verificationTier));
  const [siteId, listingId] = [newId(), newId()];
  await tx.query(
    `insert into sites (id, organization_id, name, region_code, country, lat, lon, created_at, updated_at)
     select $1, $2, name || ' hall', code, country, lat, lon, now(), now() from regions where code = $3`,
    [siteId, organizationId, row.region],
  );
  const time = (minute: Minute | null): Date | null => (minute === null ? null : dateOf(minute));
  await tx.query(
    `insert into listings (id, organization_id, site_id, chip_code, nodes, gpus_per_node, gpu_increment, interconnect,
       interconnect_gbps, workloads, price_micros, price_currency, price_per, rate_micros, term_discounts,
       available_from, available_until, min_minutes, max_minutes, min_gpus, max_gpus, state, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'USD', 'gpu_hour', $11, $12, $13, $14, $15, $16, $17, $18,
       $19, now(), now())`,
    [
      listingId,
      organizationId,
      siteId,
      row.chip,
      row.nodes,
      row.gpusPerNode,
      row.gpuIncrement,
      row.interconnect,
      row.interconnectGbps,
      row.workloads,
      row.rateMicros,
      JSON.stringify(row.termDiscounts),
      time(row.availableFrom),
      time(row.availableUntil),
      row.minMinutes,
      row.maxMinutes,
      given.minGpus ?? row.gpuIncrement,
      given.maxGpus ?? row.nodes * row.gpusPerNode,
      row.state,
    ],
  );
  return { listingId, operatorId: organizationId };
}

/** GPUs `[from, to)` of a listing, held by a booking for a window. */
export interface Taken {
  from: number;
  to: number;
  start: Minute;
  end: Minute;
}

/** Books GPUs of a listing. @param state a `held` one has run out already when `expiresAt` is past. */
export async function insertTaken(
  tx: EntityManager,
  { listingId, operatorId }: OfferedListing,
  taken: Taken,
  booking: { buyerId: string; state: string; expiresAt?: Date },
): Promise<void> {
  const id = newId();
  const [start, end] = [dateOf(taken.start), dateOf(taken.end)];
  const ended = ['completed', 'failed'].includes(booking.state);
  await tx.query(
    `insert into bookings (id, organization_id, operator_id, state, start_at, end_at, currency, rate_micros, total_micros,
       fee_bps, policy_version, expires_at, ended_at, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, 'USD', 1, 1, 0, 1, $7, $8, now(), now())`,
    [
      id,
      booking.buyerId,
      operatorId,
      booking.state,
      start,
      end,
      booking.expiresAt ?? null,
      ended ? end : null,
    ],
  );
  await tx.query(
    `insert into booking_lines (booking_id, organization_id, listing_id, gpus, rate_micros, total_micros)
     values ($1, $2, $3, $4, 1, 1)`,
    [id, booking.buyerId, listingId, taken.to - taken.from],
  );
  if (ended) return;
  await tx.query(
    `insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
     values ($1, $2, $3, $4, $5, now())`,
    [listingId, id, booking.buyerId, `{[${taken.from},${taken.to})}`, rangeLiteral(taken)],
  );
}
