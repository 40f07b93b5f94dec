import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What exists: chips, regions, exchange rates. Reference tables, filled from the code's catalogue at each start. */
export class Catalogue1764000000003 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table chips (
        code text primary key,
        vendor text not null,
        name text not null,
        specification jsonb not null
      )`);
    await db.query(`
      create table regions (
        code text primary key,
        name text not null,
        country text not null,
        lat double precision not null,
        lon double precision not null,
        constraint region_lat_range check (lat between -90 and 90),
        constraint region_lon_range check (lon between -180 and 180)
      )`);
    await db.query(`
      create table fx_rates (
        currency text not null,
        day date not null,
        rate_nanos bigint not null,
        created_at timestamptz not null,
        constraint fx_rate_pk primary key (currency, day),
        constraint fx_rate_positive check (rate_nanos > 0),
        constraint fx_rate_currency_code check (currency ~ '^[A-Z]{3}$')
      )`);
    await db.query(
      `comment on column fx_rates.rate_nanos is 'settlement-currency units per unit of currency, times 1e9'`,
    );
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`drop table fx_rates, regions, chips`);
  }
}
