import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Demand: what buyers need, and the matches that answered it. */
export class Demand1764000000007 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table requests (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        created_by uuid,
        mode text not null,
        workload text not null,
        specification jsonb not null,
        unmatched jsonb,
        state text not null,
        state_reason text,
        expires_at timestamptz,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint request_pk primary key (id, organization_id),
        constraint request_mode_known check (mode in ('instant', 'standing')),
        constraint request_state_known check (state in ('open', 'matched', 'fulfilled', 'expired', 'cancelled'))
      )`);
    await db.query(`create index request_by_organization on requests (organization_id, id)`);
    await db.query(`
      create table matches (
        id uuid not null,
        organization_id uuid not null,
        request_id uuid not null,
        rank integer not null,
        lines jsonb not null,
        start_at timestamptz not null,
        end_at timestamptz not null,
        body jsonb not null,
        expires_at timestamptz not null,
        created_at timestamptz not null,
        constraint match_pk primary key (id, organization_id),
        constraint match_request_fk foreign key (request_id, organization_id) references requests (id, organization_id)
      )`);
    await db.query(`create index match_by_request on matches (request_id, created_at, rank)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table matches, requests`);
  }
}
