import pg from 'pg';
import { CHIPS } from './chips.data.js';
import { INITIAL_FX_RATES } from './fx.data.js';
import { REGIONS } from './regions.data.js';

/** Several instances may start at once; the rows are the same, so one after the other is enough. */
const CATALOGUE_LOCK = 4_237_002;

/**
 * Writes the code's catalogue into the reference tables, so that foreign keys hold. Existing rows are brought up to
 * date; none is removed, since listings may refer to it. Exchange rates are only set where there are none.
 * @param url of the owner's connection.
 * @param settlementCurrency of the deployment; the initial rates are in US dollars, so another one starts without.
 */
export async function loadCatalogue(url: string, settlementCurrency = 'USD'): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [CATALOGUE_LOCK]);
    await client.query(
      `insert into chips (code, vendor, name, specification)
       select item->>'code', item->>'vendor', item->>'name', item from jsonb_array_elements($1) as item
       on conflict (code) do update
         set vendor = excluded.vendor, name = excluded.name, specification = excluded.specification`,
      [JSON.stringify(CHIPS)],
    );
    await client.query(
      `insert into regions (code, name, country, lat, lon)
       select code, name, country, lat, lon
       from jsonb_to_recordset($1) as item (code text, name text, country text, lat float8, lon float8)
       on conflict (code) do update
         set name = excluded.name, country = excluded.country, lat = excluded.lat, lon = excluded.lon`,
      [JSON.stringify(REGIONS)],
    );
    await client.query(
      `insert into fx_rates (currency, day, rate_nanos, created_at)
       select currency, current_date, rate_nanos, now()
       from jsonb_to_recordset($1) as item (currency text, rate_nanos bigint)
       where not exists (select from fx_rates where fx_rates.currency = item.currency)`,
      [JSON.stringify(settlementCurrency === 'USD' ? INITIAL_FX_RATES : [])],
    );
    await client.query('select pg_advisory_unlock($1)', [CATALOGUE_LOCK]);
  } finally {
    await client.end();
  }
}
