import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Supply: sites and the listings of their capacity. */
export class Supply1764000000004 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table sites (
        id uuid primary key,
        organization_id uuid not null references organizations (id),
        name text not null,
        region_code text not null references regions (code),
        country text not null,
        lat double precision not null,
        lon double precision not null,
        tier integer,
        pue numeric(4, 2),
        power_price_micros bigint,
        power_price_currency text,
        fixed_cost_micros bigint,
        fixed_cost_currency text,
        version integer not null default 1,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint site_lat_range check (lat between -90 and 90),
        constraint site_lon_range check (lon between -180 and 180),
        constraint site_tier_range check (tier between 1 and 4),
        constraint site_pue_range check (pue between 1 and 5)
      )`);
    await db.query(`create index site_by_organization on sites (organization_id, id)`);
    await db.query(`
      create table listings (
        id uuid primary key,
        organization_id uuid not null references organizations (id),
        site_id uuid not null references sites (id),
        chip_code text not null references chips (code),
        nodes integer not null,
        gpus_per_node integer not null,
        gpu_increment integer not null,
        interconnect text not null,
        interconnect_gbps integer,
        cpu text,
        ram_gib integer,
        storage_gib integer,
        workloads text[] not null,
        price_micros bigint not null,
        price_currency text not null,
        price_per text not null,
        rate_micros bigint not null,
        floor_price_micros bigint,
        floor_price_currency text,
        floor_price_per text,
        term_discounts jsonb not null default '[]',
        available_from timestamptz,
        available_until timestamptz,
        min_minutes integer not null,
        max_minutes integer,
        min_gpus integer not null,
        max_gpus integer not null,
        state text not null,
        state_reason text,
        submitted_at timestamptz,
        version integer not null default 1,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint listing_nodes_range check (nodes between 1 and 100000),
        constraint listing_gpus_per_node_range check (gpus_per_node between 1 and 128),
        constraint listing_increment_range check (gpu_increment between 1 and gpus_per_node and gpus_per_node % gpu_increment = 0),
        constraint listing_gpus_range check (1 <= min_gpus and min_gpus <= max_gpus and max_gpus <= nodes * gpus_per_node),
        constraint listing_minutes_range check (1 <= min_minutes and min_minutes <= coalesce(max_minutes, min_minutes)),
        constraint listing_price_positive check (price_micros > 0 and rate_micros > 0),
        constraint listing_floor_positive check (floor_price_micros > 0),
        constraint listing_price_per_known check (price_per in ('gpu_hour', 'server_month')),
        constraint listing_interconnect_known check (interconnect in ('none', 'pcie', 'nvlink', 'infiniband', 'roce')),
        constraint listing_workloads_known check (workloads <@ array['training', 'inference'] and cardinality(workloads) >= 1),
        constraint listing_window_order check (available_from < available_until),
        constraint listing_state_known check (state in ('draft', 'pending_review', 'active', 'paused', 'withdrawn', 'rejected', 'suspended'))
      )`);
    await db.query(`create index listing_by_organization on listings (organization_id, id)`);
    await db.query(
      `create index listing_active on listings (chip_code, rate_micros, id) where state = 'active'`,
    );
    await db.query(
      `create index listing_queue on listings (submitted_at, id) where state = 'pending_review'`,
    );
    await db.query(`create index listing_by_site on listings (site_id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table listings, sites`);
  }
}
