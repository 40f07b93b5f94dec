import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every room stands on: idempotency keys, the outbox, rate limits. */
export class Plumbing1764000000009 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table idempotency_keys (
        credential_id uuid not null,
        key text not null,
        request_hash bytea not null,
        status integer not null,
        body text not null,
        created_at timestamptz not null,
        constraint idempotency_key_pk primary key (credential_id, key)
      )`);
    await db.query(`create index idempotency_key_age on idempotency_keys (created_at)`);
    await db.query(`
      create table outbox (
        id uuid not null,
        organization_id uuid,
        name text not null,
        payload jsonb not null,
        transaction_id xid8 not null default pg_current_xact_id(),
        created_at timestamptz not null,
        constraint outbox_pk primary key (id)
      )`);
    await db.query(`create index outbox_order on outbox (transaction_id, id)`);
    await db.query(`
      create table rate_limits (
        key text primary key,
        points integer not null default 0,
        expire bigint
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table rate_limits, outbox, idempotency_keys`);
  }
}
