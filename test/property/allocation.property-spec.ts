import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { type Period, dateOf, overlaps, rangeLiteral } from '../../src/kernel/period.js';
import { takeFreeGpus } from '../../src/listings/allocation/allocate.query.js';
import { type CalendarSegment, segmentsOf } from '../../src/listings/allocation/calendar.js';
import { formatGpus, numbersOf, spansOf } from '../../src/listings/allocation/gpu-set.js';
import { type PoolShape, place } from '../../src/listings/allocation/placement.js';
import {
  type Pool,
  type Seating,
  type SeatingPlan,
  largestOrder,
  planExtension,
  planSeats,
} from '../../src/listings/allocation/reseating.js';
import { type TestDatabase, createTestDatabase } from '../support/database.js';
import { EPOCH, connect, insertBooking, insertListing, insertOrganization } from '../support/supply.js';

const HORIZON = 40;

interface Held {
  period: Period;
  numbers: number[];
}

/** The obvious twin: who holds which GPU in which minute, one entry each. */
class NaiveCalendar {
  readonly held = new Map<string, Held>();

  constructor(readonly pool: Pool) {}

  heldAt(minute: number): number[] {
    return [...this.held.values()]
      .filter(({ period }) => period.start <= minute && minute < period.end)
      .flatMap(({ numbers }) => numbers);
  }

  minutes(period: Period): number[] {
    return Array.from({ length: period.end - period.start }, (_, index) => period.start + index);
  }

  assertNothingSoldTwice(): void {
    const total = this.pool.nodes * this.pool.gpusPerNode;
    for (let minute = 0; minute < HORIZON * 2; minute++) {
      const numbers = this.heldAt(minute);
      const distinct = new Set(numbers).size === numbers.length;
      if (!distinct || numbers.some((gpu) => gpu < 0 || gpu >= total)) {
        throw new Error(`sold twice or unknown at minute ${minute}: ${numbers.join(' ')}`);
      }
    }
  }

  nodesHeldAt(minute: number): Set<number> {
    return new Set(this.heldAt(minute).map((gpu) => Math.floor(gpu / this.pool.gpusPerNode)));
  }

  /** Whether the numbers alone allow the order: whole nodes where they are sold whole, else room in one node. */
  countFits(period: Period, gpus: number): boolean {
    const { nodes, gpusPerNode, gpuIncrement } = this.pool;
    if (gpuIncrement === gpusPerNode) {
      return this.minutes(period).every(
        (minute) => this.nodesHeldAt(minute).size + gpus / gpusPerNode <= nodes,
      );
    }
    if (gpus > gpusPerNode) return false;
    return Array.from({ length: nodes }, (_, node) => node).some((node) =>
      this.minutes(period).every(
        (minute) =>
          this.heldAt(minute).filter((gpu) => Math.floor(gpu / gpusPerNode) === node).length + gpus <=
          gpusPerNode,
      ),
    );
  }

  seatings(now: number): Seating[] {
    return [...this.held].map(([bookingId, { period, numbers }]) => ({
      bookingId,
      period,
      gpus: spansOf(numbers),
      pinned: period.start <= now,
    }));
  }

  apply(plan: SeatingPlan, now: number): void {
    for (const [bookingId, gpus] of plan) {
      const booking = this.held.get(bookingId);
      if (!booking) continue;
      expect(booking.period.start).toBeGreaterThan(now);
      const numbers = numbersOf(gpus);
      expect(numbers).toHaveLength(booking.numbers.length);
      booking.numbers = numbers;
    }
  }
}

const nodesIn = (numbers: readonly number[], gpusPerNode: number): number[] => [
  ...new Set(numbers.map((gpu) => Math.floor(gpu / gpusPerNode))),
];

/** One whole node an order's full nodes, and at most one node more. */
function assertPlacedByTheRule(pool: Pool, numbers: readonly number[], gpus: number): void {
  expect(new Set(numbers).size).toBe(gpus);
  expect(nodesIn(numbers, pool.gpusPerNode)).toHaveLength(Math.ceil(gpus / pool.gpusPerNode));
}

const anyPool = fc
  .record({
    nodes: fc.integer({ min: 1, max: 4 }),
    gpusPerNode: fc.constantFrom(1, 2, 4),
    whole: fc.boolean(),
  })
  .map(({ nodes, gpusPerNode, whole }): Pool => ({
    nodes,
    gpusPerNode,
    gpuIncrement: whole ? gpusPerNode : 1,
  }));

const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('book' as const),
      ahead: fc.integer({ min: 0, max: 20 }),
      length: fc.integer({ min: 1, max: 15 }),
      size: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), which: fc.nat(50) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('extend' as const),
      which: fc.nat(50),
      by: fc.integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 5 }) }),
  },
);

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function bookStep(twin: NaiveCalendar, id: string, now: number, step: Extract<Step, { kind: 'book' }>): void {
  const { pool } = twin;
  const most = (pool.nodes * pool.gpusPerNode) / pool.gpuIncrement;
  const gpus = (1 + ((step.size - 1) % most)) * pool.gpuIncrement;
  const period = { start: now + step.ahead, end: now + step.ahead + step.length };
  const fits = twin.countFits(period, gpus);
  const largest = largestOrder(pool, twin.seatings(now), period);
  const plan = planSeats(pool, twin.seatings(now), { bookingId: id, period, gpus });
  expect(plan !== undefined).toBe(gpus <= largest);
  if (!plan) {
    expect(fits).toBe(false);
    return;
  }
  const numbers = numbersOf(plan.get(id)!);
  assertPlacedByTheRule(pool, numbers, gpus);
  twin.apply(plan, now);
  twin.held.set(id, { period, numbers });
}

function extendStep(twin: NaiveCalendar, now: number, step: Extract<Step, { kind: 'extend' }>): void {
  const running = [...twin.held].filter(([, { period }]) => period.end > now);
  const chosen = running[step.which % Math.max(1, running.length)];
  if (!chosen) return;
  const [id, booking] = chosen;
  const end = booking.period.end + step.by;
  const started = booking.period.start <= now;
  const before = [...booking.numbers];
  const plan = planExtension(twin.pool, twin.seatings(now), id, end);
  const inTheWay = [...twin.held].some(
    ([other, { period, numbers }]) =>
      other !== id &&
      overlaps(period, { start: booking.period.end, end }) &&
      numbers.some((gpu) => booking.numbers.includes(gpu)),
  );
  if (!plan) {
    expect(inTheWay).toBe(true);
    return;
  }
  twin.apply(plan, now);
  booking.period = { start: booking.period.start, end };
  if (started || !inTheWay) expect(booking.numbers).toEqual(before);
}

describe('any history of bookings, releases and extensions', () => {
  it('never sells a GPU twice, never refuses what fits by count, and places by the rule', () => {
    fc.assert(
      fc.property(anyPool, fc.array(anyStep, { minLength: 1, maxLength: 25 }), (pool, steps) => {
        const twin = new NaiveCalendar(pool);
        let now = 0;
        for (const [index, step] of steps.entries()) {
          if (step.kind === 'book') bookStep(twin, `booking-${index}`, now, step);
          if (step.kind === 'extend') extendStep(twin, now, step);
          if (step.kind === 'release') twin.held.delete([...twin.held.keys()][step.which] ?? '');
          if (step.kind === 'wait') now = Math.min(HORIZON, now + step.minutes);
          twin.assertNothingSoldTwice();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is shown by the calendar minute by minute, in contiguous segments that cover the window', () => {
    const anyBooking = fc.record({
      start: fc.integer({ min: -5, max: 30 }),
      length: fc.integer({ min: 1, max: 20 }),
      gpus: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyBooking, { maxLength: 8 }),
        fc.option(fc.integer({ min: 1, max: 24 })),
        (bookings, until) => {
          const window = { start: 0, end: 25 };
          const held = bookings.map(({ start, length, gpus }) => ({
            period: { start, end: start + length },
            gpus,
          }));
          const segments = segmentsOf(window, 100, { start: -Infinity, end: until ?? Infinity }, held);
          expect(segments[0]?.start).toBe(window.start);
          expect(segments.at(-1)?.end).toBe(window.end);
          for (const [index, segment] of segments.entries()) {
            expect(segment.start).toBeLessThan(segment.end);
            if (index > 0) expect(segment.start).toBe(segments[index - 1]!.end);
          }
          for (let minute = window.start; minute < window.end; minute++) {
            const at = segments.find(
              (segment: CalendarSegment) => segment.start <= minute && minute < segment.end,
            )!;
            const booked = held
              .filter(({ period }) => period.start <= minute && minute < period.end)
              .reduce((sum, { gpus }) => sum + gpus, 0);
            expect(at.bookedGpus).toBe(booked);
            expect(at.freeGpus).toBe(minute < (until ?? Infinity) ? 100 - booked : 0);
          }
        },
      ),
    );
  });
});

/** Nodes that stay wholly free once `numbers` are taken as well. */
function wholeNodesLeft(shape: PoolShape, numbers: readonly number[]): number {
  return shape.nodes - nodesIn(numbers, shape.gpusPerNode).length;
}

describe('placing one order', () => {
  const anyOrder = fc
    .record({ nodes: fc.integer({ min: 1, max: 5 }), gpusPerNode: fc.constantFrom(1, 2, 3, 4) })
    .chain((shape) => {
      const total = shape.nodes * shape.gpusPerNode;
      return fc.record({
        shape: fc.constant(shape),
        busy: fc.uniqueArray(fc.integer({ min: 0, max: total - 1 }), { maxLength: total }),
        gpus: fc.integer({ min: 1, max: total }),
        random: fc.double({ min: 0, max: 0.999, noNaN: true }),
      });
    });

  /** Every way to choose the nodes, tried one by one: the most whole nodes that can stay free, if it fits at all. */
  function bestPossible(shape: PoolShape, busy: readonly number[], gpus: number): number | undefined {
    const free = Array.from(
      { length: shape.nodes },
      (_, node) =>
        shape.gpusPerNode - busy.filter((gpu) => Math.floor(gpu / shape.gpusPerNode) === node).length,
    );
    const whole = free.filter((count) => count === shape.gpusPerNode).length;
    const needed = Math.floor(gpus / shape.gpusPerNode);
    const rest = gpus % shape.gpusPerNode;
    if (whole < needed) return undefined;
    if (rest === 0) return whole - needed;
    if (free.some((count) => count < shape.gpusPerNode && count >= rest)) return whole - needed;
    return whole - needed >= 1 ? whole - needed - 1 : undefined;
  }

  it('succeeds exactly when the rule allows it, and leaves as many whole nodes free as can be', () => {
    fc.assert(
      fc.property(anyOrder, ({ shape, busy, gpus, random }) => {
        const spans = place(shape, gpus, spansOf(busy), () => random);
        const best = bestPossible(shape, busy, gpus);
        if (best === undefined) return expect(spans).toBeUndefined();
        const numbers = numbersOf(spans!);
        expect(numbers.some((gpu) => busy.includes(gpu))).toBe(false);
        assertPlacedByTheRule({ ...shape, gpuIncrement: 1 }, numbers, gpus);
        return expect(wholeNodesLeft(shape, [...busy, ...numbers])).toBe(best);
      }),
      { numRuns: 500 },
    );
  });

  describe('by the lock-free statement', () => {
    let database: TestDatabase;
    let db: DataSource;
    let parties: [buyer: string, operator: string];

    beforeAll(async () => {
      database = await createTestDatabase();
      db = await connect(database.url, 2);
      parties = [
        await insertOrganization(db.manager, 'buyer'),
        await insertOrganization(db.manager, 'operator'),
      ];
    });

    afterAll(async () => {
      await db?.destroy();
      await database?.drop();
    });

    it('does the same as by the pure function', async () => {
      const period = { start: EPOCH, end: EPOCH + 60 };
      await fc.assert(
        fc.asyncProperty(anyOrder, async ({ shape, busy, gpus }) => {
          const listingId = await insertListing(db.manager, { ...shape, gpuIncrement: 1 }, parties[1]);
          if (busy.length > 0) {
            await db.query(
              `insert into allocations (listing_id, booking_id, organization_id, gpus, during, created_at)
               values ($1, $2, $3, $4::int4multirange, $5::tstzrange, now())`,
              [
                listingId,
                await insertBooking(db.manager, ...parties),
                parties[0],
                formatGpus(spansOf(busy)),
                rangeLiteral({ start: EPOCH + 30, end: EPOCH + 90 }),
              ],
            );
          }
          const bookingId = await insertBooking(db.manager, ...parties);
          const order = {
            listingId,
            bookingId,
            organizationId: parties[0],
            gpus,
            period,
            now: dateOf(EPOCH),
          };
          const taken = await takeFreeGpus(db.manager, order);
          const best = bestPossible(shape, busy, gpus);
          if (best === undefined) return expect(taken).toBeUndefined();
          const numbers = numbersOf(taken!);
          expect(numbers.some((gpu) => busy.includes(gpu))).toBe(false);
          assertPlacedByTheRule({ ...shape, gpuIncrement: 1 }, numbers, gpus);
          return expect(wholeNodesLeft(shape, [...busy, ...numbers])).toBe(best);
        }),
        { numRuns: 150 },
      );
    });
  });
});
