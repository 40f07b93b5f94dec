import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Extensions, and the role the application works as: it owns nothing and may do only what is granted. */
export class Foundation1764000000001 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`create extension if not exists btree_gist`);
    await db.query(`
      do $$ begin
        if not exists (select from pg_roles where rolname = 'fallow_app') then
          create role fallow_app nologin;
        end if;
      exception when duplicate_object or unique_violation then
        null; -- another database of this server created the shared role a moment ago
      end $$`);
    await db.query(`
      do $$ begin
        if not pg_has_role(current_user, 'fallow_app', 'member') then
          execute format('grant fallow_app to %I', current_user);
        end if;
      end $$`);
    await db.query(`grant usage on schema public to fallow_app`);
    await db.query(
      `alter default privileges in schema public grant select, insert, update, delete on tables to fallow_app`,
    );
    await db.query(
      `alter default privileges in schema public grant usage, select on sequences to fallow_app`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`alter default privileges in schema public revoke all on sequences from fallow_app`);
    await db.query(`alter default privileges in schema public revoke all on tables from fallow_app`);
    await db.query(`revoke usage on schema public from fallow_app`);
    await db.query(`drop extension if exists btree_gist`);
  }
}
