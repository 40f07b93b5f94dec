import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who holds which numbered GPUs of a listing when; the exclusion constraint is why no GPU is sold twice. */
export class Allocations1764000000005 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table allocations (
        listing_id uuid not null references listings (id),
        booking_id uuid not null,
        organization_id uuid not null,
        gpus int4multirange not null,
        during tstzrange not null,
        created_at timestamptz not null,
        constraint allocation_pk primary key (listing_id, booking_id),
        constraint allocation_gpus_sane check (
          not isempty(gpus) and not lower_inf(gpus) and lower(gpus) >= 0 and not upper_inf(gpus)),
        constraint allocation_during_sane check (
          not isempty(during) and lower_inc(during) and not upper_inc(during)
          and not lower_inf(during) and not upper_inf(during)
          and isfinite(lower(during)) and isfinite(upper(during))),
        constraint allocation_no_overlap exclude using gist (listing_id with =, gpus with &&, during with &&)
      )`);
    await db.query(`create index allocation_by_booking on allocations (booking_id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table allocations`);
  }
}
