import type { EntityManager } from 'typeorm';
import type { Booking } from './booking.entity.js';
import { type BookingView, bookingView } from './booking.view.js';

/** One line of a booking with the GPUs it has. */
export interface BookingPart {
  listingId: string;
  gpus: number;
  rateMicros: bigint;
  gpuNumbers: number[];
}

interface PartRow {
  booking_id: string;
  listing_id: string;
  gpus: number;
  rate_micros: string;
  gpu_numbers: number[];
}

const PARTS = `
  select l.booking_id, l.listing_id, l.gpus, l.rate_micros, numbers.gpu_numbers
  from booking_lines l
  left join allocations a on a.listing_id = l.listing_id and a.booking_id = l.booking_id
  cross join lateral (
    select coalesce(array_agg(n order by n), '{}') as gpu_numbers
    from unnest(a.gpus) as run, generate_series(lower(run), upper(run) - 1) as n
  ) as numbers
  where l.booking_id = any($1)
  order by l.listing_id`;

/** The lines of several bookings, by booking id; GPU numbers ascend and are empty once given back. */
export async function partsOf(
  manager: EntityManager,
  bookingIds: readonly string[],
): Promise<Map<string, BookingPart[]>> {
  const parts = new Map<string, BookingPart[]>(bookingIds.map((id) => [id, []]));
  if (bookingIds.length === 0) return parts;
  for (const row of await manager.query<PartRow[]>(PARTS, [bookingIds])) {
    parts.get(row.booking_id)!.push({
      listingId: row.listing_id,
      gpus: row.gpus,
      rateMicros: BigInt(row.rate_micros),
      gpuNumbers: row.gpu_numbers,
    });
  }
  return parts;
}

/** One booking as one of its parties sees it. */
export async function viewOf(
  manager: EntityManager,
  booking: Booking,
  viewer: 'buyer' | 'operator',
): Promise<BookingView> {
  const parts = await partsOf(manager, [booking.id]);
  return bookingView(booking, parts.get(booking.id)!, viewer);
}
