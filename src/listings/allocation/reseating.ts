import { type Minute, type Period, overlaps } from '../../kernel/period.js';
import { type Span, clip, countOf, numbersOf, spansOf, union } from './gpu-set.js';
import { type PoolShape, type Random, freeNodes, nodeSpan, place } from './placement.js';

/** A listing's hardware, and the step in which its GPUs are sold; equal to `gpusPerNode`: whole nodes only. */
export interface Pool extends PoolShape {
  gpuIncrement: number;
}

/** One booking's GPUs for its window. A pinned one (started, handed over, or being changed) stays where it is. */
export interface Seating {
  bookingId: string;
  period: Period;
  gpus: Span[];
  pinned: boolean;
}

/** A booking that has no seats yet. */
export interface Order {
  bookingId: string;
  period: Period;
  gpus: number;
}

/** New GPUs by booking: the order's own, and those of bookings that had to move. */
export type SeatingPlan = Map<string, Span[]>;

/** What bookings are seated on: the nodes of a whole-node listing, or the GPUs of one node of another. */
interface Board {
  capacity: number;
  seatsOf(gpus: readonly Span[]): number[];
  /** The booking's GPUs once its seats on this board are `seats`. */
  moved(gpus: readonly Span[], seats: readonly number[]): Span[];
  canMove(gpus: readonly Span[]): boolean;
}

const isWholeNode = (pool: Pool): boolean => pool.gpuIncrement === pool.gpusPerNode;

/** The nodes that the GPUs touch. */
export const nodesOf = (gpus: readonly Span[], gpusPerNode: number): Span[] =>
  union(
    gpus.map(({ from, to }) => ({ from: Math.floor(from / gpusPerNode), to: Math.ceil(to / gpusPerNode) })),
  );

function nodeBoard({ nodes, gpusPerNode }: Pool): Board {
  return {
    capacity: nodes,
    seatsOf: (gpus) => numbersOf(nodesOf(gpus, gpusPerNode)),
    moved: (_, seats) => union(seats.map((node) => nodeSpan(node, gpusPerNode))),
    canMove: (gpus) => gpus.every(({ from, to }) => from % gpusPerNode === 0 && to % gpusPerNode === 0),
  };
}

function gpuBoard({ gpusPerNode }: Pool, node: number): Board {
  const window = nodeSpan(node, gpusPerNode);
  const below = { from: 0, to: window.from };
  const above = { from: window.to, to: Number.MAX_SAFE_INTEGER };
  return {
    capacity: gpusPerNode,
    seatsOf: (gpus) => numbersOf(clip(gpus, window)).map((gpu) => gpu - window.from),
    moved: (gpus, seats) =>
      union([
        ...clip(gpus, below),
        ...spansOf(seats.map((seat) => window.from + seat)),
        ...clip(gpus, above),
      ]),
    canMove: () => true,
  };
}

/** Someone to seat: how many seats, and the ones to keep if they can be kept. */
interface Guest {
  bookingId: string;
  period: Period;
  count: number;
  current: readonly number[];
}

/** Who sits where, and until when. */
class SeatMap {
  private readonly held: Period[][];

  constructor(private readonly capacity: number) {
    this.held = Array.from({ length: capacity }, () => []);
  }

  isFree(seat: number, period: Period): boolean {
    return this.held[seat]?.every((other) => !overlaps(other, period)) ?? false;
  }

  /** @returns false when one of the seats is not free. */
  take(seats: readonly number[], period: Period): boolean {
    if (!seats.every((seat) => this.isFree(seat, period))) return false;
    for (const seat of seats) this.held[seat]!.push(period);
    return true;
  }

  /** Seats that are free throughout the guest's period, its current ones first; undefined when there are too few. */
  choose(guest: Guest): number[] | undefined {
    const chosen = guest.current.filter((seat) => this.isFree(seat, guest.period)).slice(0, guest.count);
    for (let seat = 0; seat < this.capacity && chosen.length < guest.count; seat++) {
      if (!chosen.includes(seat) && this.isFree(seat, guest.period)) chosen.push(seat);
    }
    return chosen.length === guest.count ? chosen : undefined;
  }
}

/**
 * Seats guests in the order of their start among those who stay. Where everyone who stays has started before the
 * first guest, this finds seats whenever the count allows it at every moment: a seat that is free when a guest comes
 * is free until the guest leaves, because whoever comes later is seated later.
 */
function colour(
  capacity: number,
  fixed: readonly { period: Period; seats: readonly number[] }[],
  guests: readonly Guest[],
): Map<string, number[]> | undefined {
  const map = new SeatMap(capacity);
  for (const { seats, period } of fixed) if (!map.take(seats, period)) return undefined;
  const seated = new Map<string, number[]>();
  const byStart = (a: Guest, b: Guest): number =>
    a.period.start - b.period.start || (a.bookingId < b.bookingId ? -1 : 1);
  for (const guest of guests.toSorted(byStart)) {
    const seats = map.choose(guest);
    if (!seats) return undefined;
    map.take(seats, guest.period);
    seated.set(guest.bookingId, seats);
  }
  return seated;
}

const sameSpans = (a: readonly Span[], b: readonly Span[]): boolean =>
  a.length === b.length && a.every(({ from, to }, index) => from === b[index]!.from && to === b[index]!.to);

/** Seats a newcomer on the board by moving those who may move. */
function recolour(board: Board, seatings: readonly Seating[], newcomer?: Guest): SeatingPlan | undefined {
  const present = seatings
    .map((seating) => ({ ...seating, seats: board.seatsOf(seating.gpus) }))
    .filter(({ seats }) => seats.length > 0);
  const stays = (seating: Seating): boolean => seating.pinned || !board.canMove(seating.gpus);
  const guests = present
    .filter((seating) => !stays(seating))
    .map(({ bookingId, period, seats }) => ({ bookingId, period, count: seats.length, current: seats }));
  const seated = colour(board.capacity, present.filter(stays), newcomer ? [...guests, newcomer] : guests);
  if (!seated) return undefined;
  const plan: SeatingPlan = new Map();
  const before = new Map(seatings.map((seating) => [seating.bookingId, union(seating.gpus)]));
  for (const [bookingId, seats] of seated) {
    const gpus = before.get(bookingId) ?? [];
    const after = board.moved(gpus, seats);
    if (!sameSpans(gpus, after)) plan.set(bookingId, after);
  }
  return plan;
}

/** The nodes whose count leaves room for `rest` more GPUs throughout the period, the fullest first. */
function roomyNodes(pool: Pool, seatings: readonly Seating[], period: Period, rest: number): number[] {
  return [...peakByNode(pool, seatings, period)]
    .filter(([, peak]) => peak + rest <= pool.gpusPerNode)
    .toSorted(([nodeA, a], [nodeB, b]) => b - a || nodeA - nodeB)
    .map(([node]) => node);
}

/** The most GPUs held at once in each node that is touched in the period. */
export function peakByNode(
  pool: PoolShape,
  seatings: readonly Seating[],
  period: Period,
): Map<number, number> {
  const held = new Map<number, { period: Period; count: number }[]>();
  for (const seating of seatings.filter((other) => overlaps(other.period, period))) {
    for (const node of numbersOf(nodesOf(seating.gpus, pool.gpusPerNode))) {
      const count = countOf(clip(seating.gpus, nodeSpan(node, pool.gpusPerNode)));
      held.set(node, [...(held.get(node) ?? []), { period: seating.period, count }]);
    }
  }
  return new Map([...held].map(([node, parts]) => [node, peakOf(parts, period)]));
}

/** The largest sum of counts at any moment of the period. */
export function peakOf(parts: readonly { period: Period; count: number }[], period: Period): number {
  const within = parts.filter((part) => overlaps(part.period, period));
  const changes = within
    .flatMap((part): [Minute, number][] => [
      [Math.max(part.period.start, period.start), part.count],
      [part.period.end, -part.count],
    ])
    .toSorted(([atA, a], [atB, b]) => atA - atB || a - b);
  let now = 0;
  let peak = 0;
  for (const [, change] of changes) peak = Math.max(peak, (now += change));
  return peak;
}

/** Seats an order in a listing that sells parts of nodes: whole nodes, and the rest in one node made to fit. */
function reseatWithinNode(pool: Pool, seatings: readonly Seating[], order: Order): SeatingPlan | undefined {
  const rest = order.gpus % pool.gpusPerNode;
  const taken = seatings.filter(({ period }) => overlaps(period, order.period)).flatMap(({ gpus }) => gpus);
  const whole = order.gpus === rest ? [] : place(pool, order.gpus - rest, taken);
  if (!whole || rest === 0) return undefined;
  for (const node of roomyNodes(pool, seatings, order.period, rest)) {
    const { bookingId, period } = order;
    const plan = recolour(gpuBoard(pool, node), seatings, { bookingId, period, count: rest, current: [] });
    if (plan) return plan.set(bookingId, union([...whole, ...plan.get(bookingId)!]));
  }
  return undefined;
}

/**
 * Seats an order: where its window has free seats nobody moves, else bookings that have not started move to others
 * of the same listing (of the same node, where parts of nodes are sold). Undefined when the count does not allow it.
 * @param seatings all that overlap the order's window or start later than now.
 */
export function planSeats(
  pool: Pool,
  seatings: readonly Seating[],
  order: Order,
  random?: Random,
): SeatingPlan | undefined {
  const taken = seatings.filter(({ period }) => overlaps(period, order.period)).flatMap(({ gpus }) => gpus);
  const seats = place(pool, order.gpus, taken, random);
  if (seats) return new Map([[order.bookingId, seats]]);
  if (!isWholeNode(pool)) return reseatWithinNode(pool, seatings, order);
  const count = Math.ceil(order.gpus / pool.gpusPerNode);
  return recolour(nodeBoard(pool), seatings, { ...order, count, current: [] });
}

/** Clears the GPUs of one booking, whose window is already the new one, of bookings that may move elsewhere. */
function clearSeats(pool: Pool, seatings: readonly Seating[], bookingId: string): SeatingPlan | undefined {
  if (isWholeNode(pool)) return recolour(nodeBoard(pool), seatings);
  const own = seatings.find((seating) => seating.bookingId === bookingId)!;
  const plan: SeatingPlan = new Map();
  let current = seatings;
  for (const node of numbersOf(nodesOf(own.gpus, pool.gpusPerNode))) {
    const step = recolour(gpuBoard(pool, node), current);
    if (!step) return undefined;
    for (const [moved, gpus] of step) plan.set(moved, gpus);
    current = current.map((seating) => ({ ...seating, gpus: plan.get(seating.bookingId) ?? seating.gpus }));
  }
  return plan;
}

/**
 * Who moves where so that a booking may stay until `end`. It keeps its own GPUs; only when it has not started, and
 * nothing else helps, it moves too. Undefined when there is no room.
 */
export function planExtension(
  pool: Pool,
  seatings: readonly Seating[],
  bookingId: string,
  end: Minute,
): SeatingPlan | undefined {
  const extended = (pinned: boolean): Seating[] =>
    seatings.map((seating) =>
      seating.bookingId === bookingId
        ? { ...seating, period: { start: seating.period.start, end }, pinned: seating.pinned || pinned }
        : seating,
    );
  const own = seatings.find((seating) => seating.bookingId === bookingId);
  if (!own) return undefined;
  return (
    clearSeats(pool, extended(true), bookingId) ??
    (own.pinned ? undefined : clearSeats(pool, extended(false), bookingId))
  );
}

/**
 * The largest number of GPUs that one order could get for the whole period, in steps of the pool's increment.
 * It counts, so it includes room that is made by moving bookings that have not started.
 */
export function largestOrder(pool: Pool, seatings: readonly Seating[], period: Period): number {
  if (isWholeNode(pool)) {
    const parts = seatings.map((seating) => ({
      period: seating.period,
      count: countOf(nodesOf(seating.gpus, pool.gpusPerNode)),
    }));
    return Math.max(0, pool.nodes - peakOf(parts, period)) * pool.gpusPerNode;
  }
  const taken = seatings.filter((other) => overlaps(other.period, period)).flatMap(({ gpus }) => gpus);
  const wholeNodes = countOf(freeNodes(pool, taken).whole);
  const peaks = [...peakByNode(pool, seatings, period)].filter(([node]) => node < pool.nodes);
  const rest = Math.max(0, ...peaks.map(([, peak]) => pool.gpusPerNode - peak));
  const gpus = wholeNodes * pool.gpusPerNode + rest;
  return gpus - (gpus % pool.gpuIncrement);
}
