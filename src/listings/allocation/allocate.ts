import type { EntityManager } from 'typeorm';
import { AppError, conflict, insufficientCapacity, notFound } from '../../kernel/errors.js';
import { type Minute, type Period, contains, dateOf, minuteOf } from '../../kernel/period.js';
import {
  type AllocationOrder,
  type HeldGpus,
  type ListingPool,
  deleteHeld,
  holdStill,
  insertHeld,
  readHeld,
  readHeldBy,
  readPool,
  takeFreeGpus,
} from './allocate.query.js';
import { type Span, numbersOf } from './gpu-set.js';
import { type Seating, type SeatingPlan, planExtension, planSeats } from './reseating.js';

/** Each round is lost only to a buyer who won, so rounds are many only while the listing sells briskly. */
const MAX_ROUNDS = 40;

/** Whether the listing's terms let it sell the window. */
const covers = (pool: ListingPool, period: Period): boolean =>
  contains({ start: pool.availableFrom ?? -Infinity, end: pool.availableUntil ?? Infinity }, period);

function assertSells(pool: ListingPool | undefined, states: readonly string[], period: Period): asserts pool {
  if (!pool) throw notFound('listing');
  if (!states.includes(pool.state)) {
    throw conflict('listing-not-active', `This listing is ${pool.state}; it takes no bookings.`);
  }
  if (!covers(pool, period)) throw insufficientCapacity('The listing is not available for the whole window.');
}

/** Bookings as the planner sees them: one that has started, or was handed over, or is in `still`, does not move. */
const seatingsOf = (held: readonly HeldGpus[], now: Minute, still: ReadonlySet<string>): Seating[] =>
  held.map(({ bookingId, period, gpus, delivered }) => ({
    bookingId,
    period,
    gpus,
    pinned: delivered || period.start <= now || still.has(bookingId),
  }));

type Planner = (pool: ListingPool, seatings: readonly Seating[]) => SeatingPlan | undefined;

/** What a plan is carried out for: `own` is inserted with the GPUs that the plan gives it, or the ones it has. */
interface Move {
  own: Omit<HeldGpus, 'delivered'>;
  now: Minute;
  plan: Planner;
}

/** A plan that moves only bookings which nobody else is changing; they are held still until the transaction ends. */
async function settlePlan(
  tx: EntityManager,
  pool: ListingPool,
  held: readonly HeldGpus[],
  { own, now, plan }: Move,
): Promise<SeatingPlan | undefined> {
  const still = new Set<string>();
  for (;;) {
    const settled = plan(pool, seatingsOf(held, now, still));
    const movers = [...(settled?.keys() ?? [])].filter((id) => id !== own.bookingId);
    if (movers.length === 0) return settled;
    const locked = await holdStill(tx, movers);
    const refused = movers.filter((id) => !locked.has(id));
    if (refused.length === 0) return settled;
    for (const id of refused) still.add(id);
  }
}

/** Writes a plan. @returns false, and nothing is written, when a buyer without the lock took one of the seats. */
async function carryOut(
  tx: EntityManager,
  held: readonly HeldGpus[],
  plan: SeatingPlan,
  own: Move['own'],
): Promise<boolean> {
  const moved = held.filter(({ bookingId }) => bookingId !== own.bookingId && plan.has(bookingId));
  const rows = [...moved, own].map((row) => ({ ...row, gpus: plan.get(row.bookingId) ?? row.gpus }));
  await tx.query('savepoint before_seating');
  await deleteHeld(
    tx,
    own.listingId,
    rows.map(({ bookingId }) => bookingId),
  );
  const done = (await insertHeld(tx, rows)) === rows.length;
  await tx.query(done ? 'release savepoint before_seating' : 'rollback to savepoint before_seating');
  return done;
}

const since = (period: Period, now: Minute): Minute => Math.min(period.start, now);

/** Seats `move.own` under the listing's lock, where only the lock-free path can still be faster. */
async function seatUnderLock(tx: EntityManager, move: Move, states: readonly string[]): Promise<Span[]> {
  const { own, now } = move;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const pool = await readPool(tx, own.listingId, true);
    assertSells(pool, states, own.period);
    const held = await readHeld(tx, own.listingId, since(own.period, now));
    const plan = await settlePlan(tx, pool, held, move);
    if (!plan) throw insufficientCapacity();
    if (await carryOut(tx, held, plan, own)) return plan.get(own.bookingId) ?? own.gpus;
  }
  throw new AppError(
    'unavailable',
    'unavailable',
    'This listing is being booked by many at once; try again.',
  );
}

/**
 * Takes GPUs of an active listing for a booking, whose row must exist: without a lock where some are free, else
 * under the listing's lock, moving bookings that have not started when only that makes room. The database's
 * exclusion constraint, not this code, is what keeps a GPU from being sold twice. A transaction that allocates in
 * several listings does so in the order of their ids.
 * @returns the numbers of the GPUs, ascending.
 * @throws AppError 409 `insufficient-capacity`; 409 `listing-not-active`; 404.
 */
export async function allocate(tx: EntityManager, order: AllocationOrder): Promise<number[]> {
  const free = await takeFreeGpus(tx, order);
  if (free) return numbersOf(free);
  const now = minuteOf(order.now);
  const plan: Planner = (pool, seatings) =>
    order.gpus % pool.gpuIncrement === 0 ? planSeats(pool, seatings, order, Math.random) : undefined;
  // A listing that is full needs no lock to say so, and its lock is the one that everybody wants.
  const pool = await readPool(tx, order.listingId);
  assertSells(pool, ['active'], order.period);
  const held = await readHeld(tx, order.listingId, since(order.period, now));
  if (!plan(pool, seatingsOf(held, now, new Set()))) throw insufficientCapacity();
  const { listingId, bookingId, organizationId, period } = order;
  const own = { listingId, bookingId, organizationId, period, gpus: [], createdAt: order.now };
  return numbersOf(await seatUnderLock(tx, { own, now, plan }, ['active']));
}

/** Gives back all GPUs of a booking, as when it is cancelled, expired or failed. */
export async function release(tx: EntityManager, bookingId: string): Promise<void> {
  await tx.query(`delete from allocations where booking_id = $1`, [bookingId]);
}

/** The GPUs of a booking in one listing. */
export interface AllocatedGpus {
  listingId: string;
  gpuNumbers: number[];
}

/** A paused listing sells nothing new, but whoever is in it may stay. */
const EXTENDABLE = ['active', 'paused'];

/**
 * Keeps a booking's GPUs until `end`. They stay the same; bookings that have not started are moved out of the way
 * where that is possible, and only a booking that has itself not started may get other GPUs.
 * @param now the present minute.
 * @returns its GPUs in each listing.
 * @throws AppError 409 `insufficient-capacity`, and nothing is changed once the transaction rolls back.
 */
export async function extend(
  tx: EntityManager,
  bookingId: string,
  end: Minute,
  now: Minute,
): Promise<AllocatedGpus[]> {
  const extended: AllocatedGpus[] = [];
  for (const held of await readHeldBy(tx, bookingId)) {
    const own = { ...held, period: { start: held.period.start, end: Math.max(held.period.end, end) } };
    const plan: Planner = (pool, seatings) => planExtension(pool, seatings, bookingId, own.period.end);
    const gpus = await seatUnderLock(tx, { own, now, plan }, EXTENDABLE);
    extended.push({ listingId: held.listingId, gpuNumbers: numbersOf(gpus) });
  }
  return extended;
}

/** Ends a booking's hold on its GPUs at `end`; from there on they are free. At or before its start it is released. */
export async function shorten(tx: EntityManager, bookingId: string, end: Minute): Promise<void> {
  const at = dateOf(end);
  await tx.query(`delete from allocations where booking_id = $1 and lower(during) >= $2`, [bookingId, at]);
  await tx.query(
    `update allocations set during = tstzrange(lower(during), $2) where booking_id = $1 and upper(during) > $2`,
    [bookingId, at],
  );
}
