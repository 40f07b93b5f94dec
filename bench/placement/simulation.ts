import { NodePool } from '../../src/listings/placement/node-pool.js';
import {
  type Demand,
  type NodeShape,
  NodeTable,
  type Placed,
  totalMilli,
} from '../../src/listings/placement/node-table.js';
import { type Scorer, randomGpus } from './policies.js';
import { type Job, type Random, arrivals, capacityMilli, seeded, shuffle } from './trace.js';

/** Places a job for good, or says that it fits nowhere. */
export type Placer = (job: Job) => Placed | undefined;

/** Reads every node for each job; remembers the score of a kind of job on a node until the node changes. */
export function scanning(table: NodeTable, scorer: Scorer, kinds: number): Placer {
  const version = new Int32Array(table.size);
  const column = (): { seen: Int32Array; score: Float64Array } => ({
    seen: new Int32Array(table.size).fill(-1),
    score: new Float64Array(table.size),
  });
  const memory = Array.from({ length: kinds }, column);
  return ({ demand, kind }) => {
    const { seen, score } = memory[kind]!;
    const models = table.modelsOf(demand);
    let best = -1;
    for (let node = 0; node < table.size; node++) {
      if (seen[node] !== version[node]) {
        seen[node] = version[node]!;
        score[node] = table.fits(node, demand, models) ? scorer.score(table, node, demand) : -Infinity;
      }
      if (score[node]! > (best < 0 ? -Infinity : score[best]!)) best = node;
    }
    if (best < 0) return undefined;
    const placed = { node: best, gpus: scorer.gpus(table, best, demand) };
    table.take(placed, demand);
    version[best]!++;
    return placed;
  };
}

/** Any node that fits. */
export const anywhere =
  (table: NodeTable, random: Random): Placer =>
  ({ demand }) => {
    const models = table.modelsOf(demand);
    const fitting = [...Array(table.size).keys()].filter((node) => table.fits(node, demand, models));
    if (fitting.length === 0) return undefined;
    const node = fitting[Math.floor(random() * fitting.length)]!;
    const placed = { node, gpus: randomGpus(table, node, demand, random) };
    table.take(placed, demand);
    return placed;
  };

export const indexed =
  (pool: NodePool): Placer =>
  ({ demand }) =>
    pool.place(demand);

/** What one seed of the study fixes: the order of the nodes, and what arrives. */
export interface Draw {
  nodes: NodeShape[];
  stream: Job[];
  random: Random;
}

export function draw(shapes: readonly NodeShape[], jobs: readonly Job[], seed: number): Draw {
  const random = seeded(seed);
  const stream = arrivals(jobs, shapes, random);
  return { nodes: shuffle([...shapes], random), stream, random };
}

/** The mean share of GPUs allocated, in %, while 129.5–130.5 % of them have arrived, as the published table counts. */
export function allocatedAt130({ nodes, stream }: Draw, placer: Placer): number {
  const capacity = capacityMilli(nodes);
  let arrived = 0;
  let used = 0;
  let sum = 0;
  let count = 0;
  for (const job of stream) {
    const milli = totalMilli(job.demand);
    arrived += milli;
    if (placer(job)) used += milli;
    if (Math.round((arrived / capacity) * 100) !== 130) continue;
    sum += (used / capacity) * 100;
    count++;
  }
  return sum / count;
}

/** The full scan of all nodes' columns for the node that ours would choose. */
export function scanLeastStranded(table: NodeTable, perGpu: number, demand: Demand): number {
  const models = table.modelsOf(demand);
  const { freeMilli, cpuMilli } = table;
  const taken = totalMilli(demand) * perGpu - demand.cpuMilli * 1000;
  let best = -1;
  let most = -Infinity;
  for (let node = 0; node < table.size; node++) {
    if (!table.fits(node, demand, models)) continue;
    const surplus = freeMilli[node]! * perGpu - cpuMilli[node]! * 1000;
    const relieved = Math.max(0, surplus) - Math.max(0, surplus - taken);
    if (relieved <= most) continue;
    most = relieved;
    best = node;
  }
  return best;
}
