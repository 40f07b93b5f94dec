import { describe, expect, it } from '@jest/globals';
import { NodePool } from './node-pool.js';
import { type Demand, type NodeShape, NodeTable } from './node-table.js';
import { cpuMilliPerGpu } from './stranding.js';

const node = (gpus: number, cores: number, model = 'T4'): NodeShape => ({
  gpus,
  cpuMilli: cores * 1000,
  memoryMib: 1000,
  model,
});
const demand = (gpus: number, gpuMilli: number, cores: number, models: string[] = []): Demand => ({
  gpus,
  gpuMilli,
  cpuMilli: cores * 1000,
  memoryMib: 10,
  models,
});
const TEN_CORES_A_GPU = 10_000;

describe('a placement pool', () => {
  it('sends jobs that need little CPU to nodes short of it, and hungry jobs to nodes with plenty', () => {
    const pool = new NodePool([node(2, 60), node(2, 8)], TEN_CORES_A_GPU);
    expect(pool.place(demand(1, 1000, 2))?.node).toBe(1);
    expect(pool.place(demand(1, 500, 6))?.node).toBe(0);
  });

  it('keeps CPU-only jobs off nodes whose GPUs they would strand', () => {
    const pool = new NodePool([node(2, 20), node(2, 60)], TEN_CORES_A_GPU);
    expect(pool.place(demand(0, 0, 10))).toEqual({ node: 1, gpus: [] });
  });

  it('fills nodes one after another where nothing is stranded, and shares the tightest GPU', () => {
    const pool = new NodePool([node(2, 60), node(2, 60)], TEN_CORES_A_GPU);
    expect(pool.place(demand(1, 400, 4))).toEqual({ node: 0, gpus: [0] });
    expect(pool.place(demand(1, 700, 7))).toEqual({ node: 0, gpus: [1] });
    expect(pool.place(demand(1, 300, 3))).toEqual({ node: 0, gpus: [1] });
    expect(pool.place(demand(2, 1000, 20))).toEqual({ node: 1, gpus: [0, 1] });
    expect(pool.place(demand(1, 700, 1))).toBeUndefined();
  });

  it('takes only the models asked for, and none that it has never seen', () => {
    const pool = new NodePool([node(1, 10), node(1, 10, 'A10')], TEN_CORES_A_GPU);
    expect(pool.choose(demand(1, 1000, 1, ['A10', 'H100']))?.node).toBe(1);
    expect(pool.choose(demand(1, 1000, 1, ['H100']))).toBeUndefined();
  });

  it('places nothing on no nodes', () => {
    expect(new NodePool([], TEN_CORES_A_GPU).place(demand(0, 0, 0))).toBeUndefined();
  });

  it('gives back exactly what was taken, once', () => {
    const pool = new NodePool([node(1, 10)], TEN_CORES_A_GPU);
    const job = demand(1, 600, 5);
    const placed = pool.place(job)!;
    expect(pool.place(job)).toBeUndefined();
    pool.release(placed, job);
    expect(() => pool.release(placed, job)).toThrow(RangeError);
    expect(pool.place(job)).toEqual(placed);
  });
});

describe('a node table', () => {
  it('refuses to take more than is free, or the same GPU twice', () => {
    const table = new NodeTable([node(2, 10)]);
    expect(() => table.take({ node: 0, gpus: [0, 0] }, demand(2, 1000, 1))).toThrow(RangeError);
    expect(() => table.take({ node: 0, gpus: [2] }, demand(1, 1000, 1))).toThrow(RangeError);
    expect(() => table.take({ node: 0, gpus: [0] }, demand(1, 1000, 11))).toThrow(RangeError);
    expect(table.freeMilli[0]).toBe(2000);
  });
});

describe('the CPU that goes with a GPU', () => {
  it('is the mean over jobs with GPUs, weighted by GPU', () => {
    expect(cpuMilliPerGpu([demand(1, 500, 4), demand(4, 1000, 14), demand(0, 0, 90)])).toBe(4000);
  });

  it('is at least one thousandth, so that a surplus is always GPU', () => {
    expect(cpuMilliPerGpu([])).toBe(1);
  });
});
