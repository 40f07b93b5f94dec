import { conflict } from '../kernel/errors.js';
import { isoInstant } from '../kernel/period.js';
import type { Listing } from './listing.entity.js';
import type { ListingTerms } from './listing-terms.js';
import type { LiveAllocations } from './live-allocations.query.js';

/** The terms that moderation approved: changing one of them means another listing. */
const MATERIAL = {
  chip: 'chipCode',
  nodes: 'nodes',
  gpusPerNode: 'gpusPerNode',
  gpuIncrement: 'gpuIncrement',
  siteId: 'siteId',
} as const satisfies Record<string, keyof Listing>;

export type MaterialField = keyof typeof MATERIAL;

/** What an edit may change of a listing. */
export type ListingEdit = ListingTerms & Pick<Listing, 'siteId'>;

/** The material fields that an edit changes, by their names in the API. */
export const materialChanges = (before: ListingEdit, after: ListingEdit): MaterialField[] =>
  (Object.keys(MATERIAL) as MaterialField[]).filter(
    (name) => before[MATERIAL[name]] !== after[MATERIAL[name]],
  );

/** Buyers paid for these; the GPUs they hold are numbered by nodes of this size. */
const BOUND_BY_BOOKINGS: readonly MaterialField[] = ['chip', 'siteId', 'gpusPerNode'];

/**
 * @throws AppError 409 `listing-booked` when the edit would take from a buyer what it has booked: other hardware,
 * another place, or fewer GPUs than are held.
 */
export function assertStrandsNobody(
  changes: readonly MaterialField[],
  totalGpus: number,
  live: LiveAllocations | undefined,
): void {
  if (!live) return;
  const until = isoInstant(live.until);
  const bound = changes.find((name) => BOUND_BY_BOOKINGS.includes(name));
  if (bound)
    throw conflict(
      'listing-booked',
      `GPUs of this listing are booked until ${until}; ${bound} cannot change.`,
    );
  if (changes.includes('nodes') && live.gpusBelow > totalGpus) {
    throw conflict(
      'listing-booked',
      `GPUs up to number ${live.gpusBelow - 1} are booked until ${until}; the listing cannot shrink to ${totalGpus}.`,
      { bookedUntil: until },
    );
  }
}
