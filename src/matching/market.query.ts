import type { EntityManager } from 'typeorm';
import { CHIPS } from '../catalog/chips.data.js';
import { ROUND_TRIPS } from '../catalog/latency/round-trips.js';
import { minuteOf } from '../kernel/period.js';
import type { TermDiscount } from '../kernel/rate.js';
import { parseGpus } from '../listings/allocation/gpu-set.js';
import type { Busy, ChipFacts, EngineListing, Interconnect, Market, Workload } from './engine/market.js';

/** The chip whose hour is the unit of useful work. */
const REFERENCE_CHIP = 'h100-sxm-80gb';

const CHIP_FACTS: ReadonlyMap<string, ChipFacts> = new Map(CHIPS.map((chip) => [chip.code, chip]));

/**
 * How reliable an operator is: delivered over booked GPU-hours of the last 90 days, with 200 GPU-hours at 0.97 as the
 * prior that a newcomer starts from. A failed booking counts as booked and, for what it did not deliver, as not
 * delivered. In steps of 0.0001.
 */
const RELIABILITY = `
  select operator_id,
         round((200 * 0.97 + sum(delivered)) / (200 + sum(booked)), 4)::float8 as reliability
  from (
    select b.operator_id,
           l.gpus * extract(epoch from b.end_at - b.start_at) / 3600 as booked,
           case b.state
             when 'completed' then l.gpus * extract(epoch from b.end_at - b.start_at) / 3600
             else l.gpus * greatest(0, extract(epoch from least(b.ended_at, b.end_at) - b.start_at)) / 3600
                  * (b.delivered_at is not null)::int
           end as delivered
    from bookings b join booking_lines l on l.booking_id = b.id
    where b.state in ('completed', 'failed') and b.ended_at > $1::timestamptz - interval '90 days'
  ) as settled
  group by operator_id`;

/** What a newcomer starts from: the prior alone. */
const PRIOR_RELIABILITY = 0.97;

const LISTINGS = `
  with reliability as (${RELIABILITY})
  select l.id, l.organization_id, o.name as operator_name, o.verification_tier, s.id as site_id, s.name as site_name,
         s.lat, s.lon, s.region_code, s.country, l.chip_code, l.nodes, l.gpus_per_node, l.gpu_increment,
         l.interconnect, l.interconnect_gbps, l.workloads, l.rate_micros, l.term_discounts, l.available_from,
         l.available_until, l.min_minutes, l.max_minutes, l.min_gpus, l.max_gpus, r.reliability
  from listings l
  join sites s on s.id = l.site_id
  join organizations o on o.id = l.organization_id
  left join reliability r on r.operator_id = l.organization_id
  where l.state = 'active' and o.state = 'active' and ($2::uuid is null or l.id = $2)`;

/** A hold that has run out still has its row until it is tidied away, but it holds nothing. */
const BUSY = `
  select a.listing_id, a.gpus::text as gpus, lower(a.during) as start_at, upper(a.during) as end_at
  from allocations a
  join listings l on l.id = a.listing_id
  join bookings b on b.id = a.booking_id and b.organization_id = a.organization_id
  where l.state = 'active' and upper(a.during) > $1 and ($2::uuid is null or l.id = $2)
    and (b.state <> 'held' or b.expires_at > $1)`;

interface ListingRow {
  id: string;
  organization_id: string;
  operator_name: string;
  verification_tier: number;
  site_id: string;
  site_name: string;
  lat: number;
  lon: number;
  region_code: string;
  country: string;
  chip_code: string;
  nodes: number;
  gpus_per_node: number;
  gpu_increment: number;
  interconnect: Interconnect;
  interconnect_gbps: number | null;
  workloads: Workload[];
  rate_micros: string;
  term_discounts: TermDiscount[];
  available_from: Date | null;
  available_until: Date | null;
  min_minutes: number;
  max_minutes: number | null;
  min_gpus: number;
  max_gpus: number;
  reliability: number | null;
}

interface BusyRow {
  listing_id: string;
  gpus: string;
  start_at: Date;
  end_at: Date;
}

function chipFacts(code: string): ChipFacts {
  const chip = CHIP_FACTS.get(code);
  if (!chip) throw new Error(`a listing names a chip that the catalogue has lost: ${code}`);
  return chip;
}

function listingOf(row: ListingRow, busy: Busy[]): EngineListing {
  return {
    id: row.id,
    operatorId: row.organization_id,
    operatorName: row.operator_name,
    verificationTier: row.verification_tier,
    siteId: row.site_id,
    siteName: row.site_name,
    lat: row.lat,
    lon: row.lon,
    region: row.region_code,
    country: row.country,
    chip: chipFacts(row.chip_code),
    nodes: row.nodes,
    gpusPerNode: row.gpus_per_node,
    gpuIncrement: row.gpu_increment,
    interconnect: row.interconnect,
    interconnectGbps: row.interconnect_gbps,
    workloads: row.workloads,
    rateMicros: BigInt(row.rate_micros),
    termDiscounts: row.term_discounts,
    availableFrom: row.available_from && minuteOf(row.available_from),
    availableUntil: row.available_until && minuteOf(row.available_until),
    minMinutes: row.min_minutes,
    maxMinutes: row.max_minutes,
    minGpus: row.min_gpus,
    maxGpus: row.max_gpus,
    reliability: row.reliability ?? PRIOR_RELIABILITY,
    busy,
  };
}

/**
 * The market as it is now: every active listing of operators in good standing, with its calendar from now on.
 * @param listingId narrows it to one listing.
 */
export async function readMarket(
  manager: EntityManager,
  now: Date,
  currency: string,
  listingId: string | null = null,
): Promise<Market> {
  const rows = await manager.query<ListingRow[]>(LISTINGS, [now, listingId]);
  const held = await manager.query<BusyRow[]>(BUSY, [now, listingId]);
  const busy = new Map<string, Busy[]>(rows.map(({ id }) => [id, []]));
  for (const row of held) {
    busy.get(row.listing_id)?.push({
      gpus: parseGpus(row.gpus),
      start: minuteOf(row.start_at),
      end: minuteOf(row.end_at),
    });
  }
  return {
    listings: rows.map((row) => listingOf(row, busy.get(row.id)!)),
    rtt: (from, to) => ROUND_TRIPS.rttMs(from, to),
    reference: chipFacts(REFERENCE_CHIP),
    currency,
  };
}
