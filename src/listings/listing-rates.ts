import type { EntityManager } from 'typeorm';
import type { CurrentRate } from '../catalog/fx.service.js';
import type { Rates } from './listing-terms.js';

export const ratesByCurrency = (rates: readonly CurrentRate[]): Rates =>
  new Map(rates.map(({ currency, rateNanos }) => [currency, rateNanos]));

/**
 * Recomputes what every listing's price comes to in the settlement currency, as `settlementRate` does it: numeric
 * division keeps 16 digits and more past the point, so both roundings are those of `divideRounded`. What has been
 * booked keeps the price that was locked.
 * @returns how many listings changed.
 */
export async function renormaliseRates(
  tx: EntityManager,
  rates: readonly CurrentRate[],
  now: Date,
): Promise<number> {
  const [row] = await tx.query<[{ changed: string }]>(
    `with rate as (select * from unnest($1::text[], $2::bigint[]) as rate (currency, nanos)),
     priced as (
       select l.id, greatest(1, round(
         case l.price_per when 'server_month' then round(l.price_micros / (l.gpus_per_node * 730::numeric))
                          else l.price_micros end * rate.nanos / 1e9::numeric))::bigint as micros
       from listings l join rate on rate.currency = l.price_currency
     ),
     changed as (
       update listings l set rate_micros = priced.micros, version = l.version + 1, updated_at = $3
       from priced where priced.id = l.id and l.rate_micros <> priced.micros returning 1
     )
     select count(*) as changed from changed`,
    [rates.map(({ currency }) => currency), rates.map(({ rateNanos }) => rateNanos.toString()), now],
  );
  return Number(row.changed);
}
