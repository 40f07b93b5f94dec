import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The platform's own organisation: owner of the market's ledger accounts. Its id sorts after every other. */
export class PlatformOrganization1764000000010 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      insert into organizations (id, name, kind, verification_tier, created_at, updated_at)
      values ('ffffffff-ffff-7fff-bfff-ffffffffffff', 'Fallow', 'platform', 4, now(), now())
      on conflict (id) do nothing`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`delete from organizations where id = 'ffffffff-ffff-7fff-bfff-ffffffffffff'`);
  }
}
