import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { alignEnds, freshness, untouchedMinutes } from '../../src/listings/placement/end-alignment.js';
import { NodePool } from '../../src/listings/placement/node-pool.js';
import type { Demand, NodeShape, NodeTable, Placed } from '../../src/listings/placement/node-table.js';

const MODELS = ['T4', 'A10', 'G2'];
const RUNS = { numRuns: 400 };

const shape: fc.Arbitrary<NodeShape> = fc.record({
  gpus: fc.integer({ min: 0, max: 9 }),
  cpuMilli: fc.integer({ min: 0, max: 40 }).map((cores) => cores * 500),
  memoryMib: fc.integer({ min: 0, max: 40 }),
  model: fc.constantFrom(...MODELS),
});

const demand: fc.Arbitrary<Demand> = fc
  .record({
    gpus: fc.constantFrom(0, 1, 1, 1, 2, 4, 8, 10),
    share: fc.constantFrom(1000, 1000, 50, 160, 470, 500, 810, 999),
    cpuMilli: fc.integer({ min: 0, max: 12 }).map((cores) => cores * 500),
    memoryMib: fc.integer({ min: 0, max: 8 }),
    models: fc.subarray([...MODELS, 'H100'], { maxLength: 2 }),
  })
  .map(({ share, ...rest }) => ({
    ...rest,
    gpuMilli: rest.gpus === 0 ? 0 : rest.gpus === 1 ? share : 1000,
  }));

/** A demand to place, or the number of an earlier one to give back. */
const step = fc.oneof({ weight: 3, arbitrary: demand }, { weight: 1, arbitrary: fc.nat({ max: 60 }) });

/** What the nodes have free, kept without any of the pool's own sums. */
class Books {
  readonly gpu: number[][];
  readonly cpu: number[];
  readonly memory: number[];

  constructor(readonly shapes: readonly NodeShape[]) {
    this.gpu = shapes.map(({ gpus }) => Array<number>(gpus).fill(1000));
    this.cpu = shapes.map(({ cpuMilli }) => cpuMilli);
    this.memory = shapes.map(({ memoryMib }) => memoryMib);
  }

  book({ node, gpus }: Placed, { cpuMilli, memoryMib, gpuMilli }: Demand, sign: number): void {
    this.cpu[node]! += sign * cpuMilli;
    this.memory[node]! += sign * memoryMib;
    for (const gpu of gpus) this.gpu[node]![gpu]! += sign * gpuMilli;
  }

  private fits(node: number, { gpus, gpuMilli, cpuMilli, memoryMib, models }: Demand): boolean {
    const model = gpus === 0 || models.length === 0 || models.includes(this.shapes[node]!.model);
    const room = this.gpu[node]!.filter((free) => free >= gpuMilli).length >= gpus;
    return model && room && this.cpu[node]! >= cpuMilli && this.memory[node]! >= memoryMib;
  }

  /** The naive choice: stranding before minus after, worked out on every node; the first of the best. */
  choose(demanded: Demand, perGpu: number): number | undefined {
    const stranded = (milli: number, cpu: number): number => Math.max(0, milli * perGpu - cpu * 1000);
    const fitting = this.shapes.map((_, node) => node).filter((node) => this.fits(node, demanded));
    const relieved = fitting.map((node) => {
      const milli = this.gpu[node]!.reduce((sum, free) => sum + free, 0);
      const cpu = this.cpu[node]!;
      const after = stranded(milli - demanded.gpus * demanded.gpuMilli, cpu - demanded.cpuMilli);
      return stranded(milli, cpu) - after;
    });
    return fitting[relieved.indexOf(Math.max(...relieved))];
  }
}

function expectSame(table: NodeTable, books: Books): void {
  for (const [node, gpus] of books.gpu.entries()) {
    expect([...table.gpusOf(node)]).toEqual(gpus);
    expect(table.cpuMilli[node]).toBe(books.cpu[node]);
    expect(table.memoryMib[node]).toBe(books.memory[node]);
    expect(Math.min(0, books.cpu[node]!, books.memory[node]!, ...gpus)).toBe(0);
    expect(Math.max(1000, ...gpus)).toBe(1000);
  }
}

describe('a placement pool under any sequence of arrivals and departures', () => {
  it('chooses what a scan of every node would choose, and never takes what is not there', () => {
    fc.assert(
      fc.property(
        fc.array(shape, { maxLength: 20 }),
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9000 }),
        (shapes, steps, perGpu) => {
          const pool = new NodePool(shapes, perGpu);
          const books = new Books(shapes);
          const placed: { at: Placed; what: Demand }[] = [];
          for (const next of steps) {
            if (typeof next === 'number') {
              const [leaving] = placed.splice(next % Math.max(1, placed.length), 1);
              if (!leaving) continue;
              pool.release(leaving.at, leaving.what);
              books.book(leaving.at, leaving.what, 1);
              continue;
            }
            const expected = books.choose(next, perGpu);
            const at = pool.place(next);
            expect(at?.node).toBe(expected);
            if (!at) continue;
            books.book(at, next, -1);
            placed.push({ at, what: next });
          }
          expectSame(pool.table, books);
          for (const { at, what } of placed) pool.release(at, what);
          expectSame(pool.table, new Books(shapes));
        },
      ),
      RUNS,
    );
  });
});

const minute = fc.integer({ min: 0, max: 40 });
const period = fc.tuple(minute, minute).map(([start, length]) => ({ start, end: start + length }));

describe('end alignment', () => {
  it('counts the untouched minutes that a list of minutes counts', () => {
    fc.assert(
      fc.property(period, fc.array(period, { maxLength: 6 }), (window, held) => {
        let untouched = 0;
        for (let at = window.start; at < window.end; at++) {
          if (!held.some(({ start, end }) => start <= at && at < end)) untouched++;
        }
        expect(untouchedMinutes(window, held)).toBe(untouched);
      }),
      RUNS,
    );
  });

  it('chooses the same node whatever the order of the candidates, and one that no other beats', () => {
    const candidate = fc.record({
      free: fc.integer({ min: 0, max: 4 }),
      held: fc.array(period, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 8 }), period, (parts, window) => {
        const candidates = parts.map((part, node) => ({ ...part, node }));
        const chosen = alignEnds(candidates, 2, window);
        expect(alignEnds(candidates.toReversed(), 2, window)).toBe(chosen);
        const costs = candidates
          .filter(({ free }) => free >= 2)
          .map(({ node, held }) => [freshness(window, held), node] as const)
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(chosen).toBe(costs[0]?.[1]);
      }),
      RUNS,
    );
  });
});
