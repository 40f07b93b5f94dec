import type { EntityManager } from 'typeorm';

/** What buyers hold of a listing now or will hold. */
export interface LiveAllocations {
  /** One more than the highest GPU number held. */
  gpusBelow: number;
  /** When the last of them ends. */
  until: Date;
}

/** Undefined when nobody holds anything of the listings from `now` on. */
export async function liveAllocations(
  tx: EntityManager,
  listingIds: readonly string[],
  now: Date,
): Promise<LiveAllocations | undefined> {
  const [row] = await tx.query<[{ gpus_below: number | null; until: Date }]>(
    `select max(upper(gpus)) as gpus_below, max(upper(during)) as until
     from allocations where listing_id = any($1) and during && tstzrange($2, null)`,
    [listingIds, now],
  );
  return row.gpus_below === null ? undefined : { gpusBelow: row.gpus_below, until: row.until };
}
