import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is asking, and for which organisation. */
export class Identity1764000000002 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table users (
        id uuid primary key,
        email text not null,
        password_hash text not null,
        display_name text not null,
        platform_role text,
        state text not null default 'active',
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint user_email_unique unique (email),
        constraint user_email_lower check (email = lower(email)),
        constraint user_platform_role_known check (platform_role in ('admin', 'moderator')),
        constraint user_state_known check (state in ('active', 'suspended'))
      )`);
    await db.query(`
      create table organizations (
        id uuid primary key,
        name text not null,
        kind text not null,
        country text,
        state text not null default 'active',
        state_reason text,
        verification_tier integer not null default 0,
        version integer not null default 1,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint organization_kind_known check (kind in ('operator', 'buyer', 'platform')),
        constraint organization_state_known check (state in ('active', 'suspended')),
        constraint organization_tier_range check (verification_tier between 0 and 4)
      )`);
    await db.query(`
      create table memberships (
        organization_id uuid not null references organizations (id),
        user_id uuid not null references users (id),
        role text not null,
        created_at timestamptz not null,
        constraint membership_pk primary key (organization_id, user_id),
        constraint membership_role_known check (role in ('owner', 'admin', 'member', 'billing', 'viewer'))
      )`);
    await db.query(`create index membership_by_user on memberships (user_id)`);
    await db.query(`
      create table api_keys (
        id uuid not null,
        organization_id uuid not null references organizations (id),
        created_by uuid not null references users (id),
        name text not null,
        prefix text not null,
        secret_hash bytea not null,
        scopes text[] not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null,
        constraint api_key_pk primary key (id, organization_id)
      )`);
    await db.query(`create index api_key_by_organization on api_keys (organization_id, id)`);
    await db.query(`
      create table refresh_tokens (
        id uuid primary key,
        user_id uuid not null references users (id),
        family_id uuid not null,
        token_hash bytea not null,
        expires_at timestamptz not null,
        spent_at timestamptz,
        revoked_at timestamptz,
        created_at timestamptz not null,
        constraint refresh_token_hash_unique unique (token_hash)
      )`);
    await db.query(`create index refresh_token_by_family on refresh_tokens (family_id)`);
    await db.query(`create index refresh_token_by_user on refresh_tokens (user_id)`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table refresh_tokens, api_keys, memberships, organizations, users`);
  }
}
