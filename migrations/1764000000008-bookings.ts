import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Bookings: named GPUs for a window, paid, handed over and given back. */
export class Bookings1764000000008 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table bookings (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        operator_id uuid not null references organizations (id),
        created_by uuid,
        request_id uuid,
        match_id uuid,
        state text not null,
        state_reason text,
        start_at timestamptz not null,
        end_at timestamptz not null,
        currency text not null,
        rate_micros bigint not null,
        total_micros bigint not null,
        fee_bps integer not null,
        refunded_micros bigint not null default 0,
        released_micros bigint not null default 0,
        fee_micros bigint not null default 0,
        policy_version integer not null,
        ssh_public_keys text[] not null default '{}',
        endpoints jsonb,
        expires_at timestamptz,
        confirmed_at timestamptz,
        delivered_at timestamptz,
        ended_at timestamptz,
        due_at timestamptz,
        version integer not null default 1,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint booking_pk primary key (id, organization_id),
        constraint booking_parties_differ check (organization_id <> operator_id),
        constraint booking_window_order check (start_at < end_at),
        constraint booking_state_known check (state in
          ('held', 'confirmed', 'active', 'completed', 'expired', 'cancelled', 'failed')),
        constraint booking_held_expires check (state <> 'held' or expires_at is not null),
        constraint booking_money_sane check (
          total_micros > 0 and refunded_micros >= 0 and released_micros >= 0 and fee_micros >= 0
          and refunded_micros + released_micros + fee_micros <= total_micros)
      )`);
    await db.query(`create index booking_by_buyer on bookings (organization_id, id)`);
    await db.query(`create index booking_held_by_buyer on bookings (organization_id) where state = 'held'`);
    await db.query(`create index booking_by_operator on bookings (operator_id, id)`);
    await db.query(`create index booking_due on bookings (due_at) where due_at is not null`);
    await db.query(`
      create table booking_lines (
        booking_id uuid not null,
        organization_id uuid not null,
        listing_id uuid not null references listings (id),
        gpus integer not null,
        rate_micros bigint not null,
        total_micros bigint not null,
        constraint booking_line_pk primary key (booking_id, organization_id, listing_id),
        constraint booking_line_gpus_positive check (gpus > 0),
        constraint booking_line_booking_fk foreign key (booking_id, organization_id)
          references bookings (id, organization_id)
      )`);
    await db.query(`create index booking_line_by_listing on booking_lines (listing_id, booking_id)`);
    await db.query(`
      alter table allocations add constraint allocation_booking_fk
        foreign key (booking_id, organization_id) references bookings (id, organization_id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter table allocations drop constraint allocation_booking_fk`);
    await db.query(`drop table booking_lines, bookings`);
  }
}
