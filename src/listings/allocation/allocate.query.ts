import type { EntityManager } from 'typeorm';
import { type Minute, type Period, dateOf, minuteOf, rangeLiteral } from '../../kernel/period.js';
import { type Span, formatGpus, parseGpus } from './gpu-set.js';
import type { Pool } from './reseating.js';

/** GPUs of one listing for one booking. The booking's row exists already. */
export interface AllocationOrder {
  listingId: string;
  bookingId: string;
  /** The buyer's. */
  organizationId: string;
  gpus: number;
  period: Period;
  now: Date;
}

/**
 * Finds free GPUs and takes them, in one statement and without a lock. `free` is what overlapping allocations leave;
 * `run` are its runs of whole nodes, going round from a random node so that buyers who come together do not all want
 * the same ones; `part` is the fullest node with room for what fills no node. The work grows with the number of
 * overlapping allocations, not with the size of the listing. Another buyer who is faster makes the insert do nothing.
 * The key-share lock, which the foreign key takes anyway, is taken before the listing is read: an operator who
 * shrinks or stops the listing waits for bookings under way, and those that come later see what it has become.
 */
const TAKE_FREE_GPUS = `
  with pool as materialized (
    select gpus_per_node as gpn, $4::int / gpus_per_node as whole, $4::int % gpus_per_node as rest,
           floor(random() * nodes)::int as pivot,
           int4multirange(int4range(0, nodes * gpus_per_node)) - coalesce(
             (select range_agg(gpus) from allocations where listing_id = $1 and during && $5::tstzrange),
             '{}'::int4multirange) as free
    from listings
    where id = $1 and state = 'active' and $4::int % gpu_increment = 0
      and (available_from is null or available_from <= lower($5::tstzrange))
      and (available_until is null or available_until >= upper($5::tstzrange))
    for key share
  ), span as materialized (
    select gpn, lower(s) as a, upper(s) as b, (lower(s) + gpn - 1) / gpn as f, upper(s) / gpn as t
    from pool, unnest(free) as s
  ), part as materialized (
    select a / gpn as node, range_agg(int4range(a, b)) as gpus, sum(b - a) as n from (
      select gpn, a, least(b, f * gpn) as b from span where a % gpn <> 0
      union all
      select gpn, greatest(a, t * gpn), b from span where b % gpn <> 0 and not (a % gpn <> 0 and a / gpn = t)
    ) as piece
    group by 1
    having sum(b - a) >= (select rest from pool)
    order by n, random() limit (select least(rest, 1) from pool)
  ), run as materialized (
    select f, t, coalesce(sum(t - f) over (order by turn, f rows between unbounded preceding and 1 preceding), 0) as before
    from (
      select 0 as turn, greatest(f, pivot) as f, t from span, pool where t > greatest(f, pivot)
      union all
      select 1, f, least(t, pivot) from span, pool where f < least(t, pivot)
    ) as turned
  ), shared as (
    select unnest(gpus) as s from part
    union all
    select int4range((f + whole - before)::int * gpn, (f + whole - before + 1)::int * gpn) from run, pool
    where rest > 0 and not exists (select from part) and before <= whole and whole < before + t - f
  ), seat as (
    select int4range(f * gpn, (f + least(t - f, whole - before))::int * gpn) as s from run, pool where before < whole
    union all
    select * from (
      select int4range(gpu, gpu + 1) from shared, generate_series(lower(s), upper(s) - 1) as gpu
      order by random() limit (select rest from pool)
    ) as rest
  )
  insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
  select $1, $2, $3, range_agg(s), $5::tstzrange, $6 from seat
  having sum(upper(s) - lower(s)) = $4::int
  on conflict do nothing
  returning gpus::text as gpus`;

/** The GPUs taken, or undefined when there were none free, someone was faster, or the listing does not sell. */
export async function takeFreeGpus(tx: EntityManager, order: AllocationOrder): Promise<Span[] | undefined> {
  const [row] = await tx.query<{ gpus: string }[]>(TAKE_FREE_GPUS, [
    order.listingId,
    order.bookingId,
    order.organizationId,
    order.gpus,
    rangeLiteral(order.period),
    order.now,
  ]);
  return row && parseGpus(row.gpus);
}

/** What an allocation needs to know of its listing. */
export interface ListingPool extends Pool {
  state: string;
  availableFrom: Minute | null;
  availableUntil: Minute | null;
  maxGpus: number;
}

const READ_POOL = `
  select nodes, gpus_per_node as "gpusPerNode", gpu_increment as "gpuIncrement", max_gpus as "maxGpus", state,
         available_from as "availableFrom", available_until as "availableUntil"
  from listings where id = $1`;

type PoolRow = Omit<ListingPool, 'availableFrom' | 'availableUntil'> & {
  availableFrom: Date | null;
  availableUntil: Date | null;
};

/**
 * Reads a listing's hardware and window.
 * @param lock waits for others who allocate under the lock, and keeps them waiting until the transaction ends. It
 *   lets the lock-free statement pass (its foreign key takes a weaker lock), so the two never deadlock.
 */
export async function readPool(
  tx: EntityManager,
  listingId: string,
  lock = false,
): Promise<ListingPool | undefined> {
  const [row] = await tx.query<PoolRow[]>(lock ? `${READ_POOL} for no key update` : READ_POOL, [listingId]);
  return (
    row && {
      ...row,
      availableFrom: row.availableFrom && minuteOf(row.availableFrom),
      availableUntil: row.availableUntil && minuteOf(row.availableUntil),
    }
  );
}

/** One row of `allocations`. */
export interface HeldGpus {
  listingId: string;
  bookingId: string;
  organizationId: string;
  gpus: Span[];
  period: Period;
  /** Access to these very GPUs has been handed over. */
  delivered: boolean;
  createdAt: Date;
}

interface HeldRow {
  listing_id: string;
  booking_id: string;
  organization_id: string;
  gpus: string;
  from: Date;
  to: Date;
  delivered: boolean;
  created_at: Date;
}

const heldOf = (row: HeldRow): HeldGpus => ({
  listingId: row.listing_id,
  bookingId: row.booking_id,
  organizationId: row.organization_id,
  gpus: parseGpus(row.gpus),
  period: { start: minuteOf(row.from), end: minuteOf(row.to) },
  delivered: row.delivered,
  createdAt: row.created_at,
});

// What a delivery means for moving GPUs is the one thing that this room reads of a booking.
const READ_HELD = `
  select a.listing_id, a.booking_id, a.organization_id, a.gpus::text as gpus, lower(a.during) as "from",
         upper(a.during) as "to", b.delivered_at is not null as delivered, a.created_at
  from allocations a join bookings b on b.id = a.booking_id and b.organization_id = a.organization_id`;

/** Allocations of a listing that overlap `[from, to)`; without `to`, all that end after `from`. */
export async function readHeld(
  tx: EntityManager,
  listingId: string,
  from: Minute,
  to: Minute | null = null,
): Promise<HeldGpus[]> {
  const rows = await tx.query<HeldRow[]>(
    `${READ_HELD} where a.listing_id = $1 and a.during && tstzrange($2::timestamptz, $3::timestamptz)
     order by a.during, a.booking_id`,
    [listingId, dateOf(from), to === null ? null : dateOf(to)],
  );
  return rows.map(heldOf);
}

/** A booking's allocations, by listing id. */
export async function readHeldBy(tx: EntityManager, bookingId: string): Promise<HeldGpus[]> {
  const rows = await tx.query<HeldRow[]>(`${READ_HELD} where a.booking_id = $1 order by a.listing_id`, [
    bookingId,
  ]);
  return rows.map(heldOf);
}

/**
 * Holds bookings still while their GPUs move.
 * @returns the ids held; one that is being changed by someone else, or has been delivered, is left out.
 */
export async function holdStill(tx: EntityManager, bookingIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }[]>(
    `select id from bookings where id = any($1) and delivered_at is null order by id for no key update skip locked`,
    [bookingIds],
  );
  return new Set(rows.map((row) => row.id));
}

/** Inserts allocations. @returns how many were not refused because of someone faster. */
export async function insertHeld(
  tx: EntityManager,
  rows: readonly Omit<HeldGpus, 'delivered'>[],
): Promise<number> {
  const inserted = await tx.query<unknown[]>(
    `insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int4multirange[], $5::tstzrange[], $6::timestamptz[])
     on conflict do nothing returning booking_id`,
    [
      rows.map((row) => row.listingId),
      rows.map((row) => row.bookingId),
      rows.map((row) => row.organizationId),
      rows.map((row) => formatGpus(row.gpus)),
      rows.map((row) => rangeLiteral(row.period)),
      rows.map((row) => row.createdAt),
    ],
  );
  return inserted.length;
}

/** Deletes a listing's allocations of some bookings. */
export async function deleteHeld(
  tx: EntityManager,
  listingId: string,
  bookingIds: readonly string[],
): Promise<void> {
  await tx.query(`delete from allocations where listing_id = $1 and booking_id = any($2)`, [
    listingId,
    bookingIds,
  ]);
}
