import type { EntityManager } from 'typeorm';
import type { BookingState } from './booking.states.js';

/** Which bookings a list shows; newest first, after the booking `before`. */
export interface BookingFilter {
  states: readonly BookingState[] | null;
  /** Instants as text: windows that end after `from` and start before `to`. */
  from: Date | null;
  to: Date | null;
  before: string | null;
  limit: number;
}

const MATCHES = `
  ($1::text[] is null or state = any($1)) and ($2::timestamptz is null or end_at > $2)
  and ($3::timestamptz is null or start_at < $3) and ($4::uuid is null or id < $4)`;

const newest = (scope: string): string =>
  `(select id from bookings where ${scope}${MATCHES} order by id desc limit $5)`;

const BOTH_PARTIES = `
  select id from (${newest('organization_id = $6 and')} union all ${newest('operator_id = $6 and')}) as own
  order by id desc limit $5`;

const QUERIES = {
  buyer: newest('organization_id = $6 and'),
  operator: newest('operator_id = $6 and'),
  both: BOTH_PARTIES,
} as const;

const valuesOf = (filter: BookingFilter): unknown[] => [
  filter.states,
  filter.from,
  filter.to,
  filter.before,
  filter.limit,
];

/** Ids of an organisation's bookings; each party's are found by its own index. */
export async function idsOfParty(
  manager: EntityManager,
  organizationId: string,
  party: 'buyer' | 'operator' | 'both',
  filter: BookingFilter,
): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(QUERIES[party], [...valuesOf(filter), organizationId]);
  return rows.map(({ id }) => id);
}

/** Ids of everyone's bookings, for the platform's admins. */
export async function idsOfAll(manager: EntityManager, filter: BookingFilter): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(newest(''), valuesOf(filter));
  return rows.map(({ id }) => id);
}
