import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import {
  type Demand,
  type NodeShape,
  WHOLE_GPU,
  totalMilli,
} from '../../src/listings/placement/node-table.js';

/*
 * The Alibaba cluster-trace-gpu-v2023 ("openb") workloads and the published results on them: Weng et al., "Beware of
 * Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023.
 */

/** A number from 0 up to but not including 1. */
export type Random = () => number;

/** A small seeded generator ("mulberry32"), so that every run draws the same. */
export function seeded(seed: number): Random {
  let state = Math.imul(seed, 7919) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In place, every order equally likely. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}

export interface Job {
  demand: Demand;
  /** Index among the workload's distinct demands. */
  kind: number;
  /** How long it ran; undefined where the list has no times. */
  seconds?: number;
}

export interface Workload {
  name: string;
  jobs: Job[];
}

const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(file, 'utf8'), { columns: true, skip_empty_lines: true });

export class Openb {
  readonly folder: string;

  constructor(data: string) {
    this.folder = join(data, 'requests-openb');
  }

  exists(): boolean {
    return existsSync(join(this.folder, 'openb_node_list_gpu_node.csv'));
  }

  nodes(): NodeShape[] {
    return rowsOf(join(this.folder, 'openb_node_list_gpu_node.csv')).map((row) => ({
      gpus: Number(row['gpu']),
      cpuMilli: Number(row['cpu_milli']),
      memoryMib: Number(row['memory_mib']),
      model: row['model'] ?? '',
    }));
  }

  workloads(): Workload[] {
    return readdirSync(this.folder)
      .map((file) => /^openb_pod_list_(\w+)\.csv$/.exec(file)?.[1])
      .filter((name) => name !== undefined)
      .map((name) => ({ name, jobs: this.jobs(name) }));
  }

  private jobs(workload: string): Job[] {
    const kinds = new Map<string, number>();
    return rowsOf(join(this.folder, `openb_pod_list_${workload}.csv`)).map((row) => {
      const gpus = Number(row['num_gpu']);
      const demand: Demand = {
        gpus,
        gpuMilli: gpus === 0 ? 0 : Math.min(WHOLE_GPU, Number(row['gpu_milli'])),
        cpuMilli: Number(row['cpu_milli']),
        memoryMib: Number(row['memory_mib']),
        models: (row['gpu_spec'] ?? '').split('|').filter((model) => model !== ''),
      };
      const key = JSON.stringify(demand);
      if (!kinds.has(key)) kinds.set(key, kinds.size);
      const start = Number(row['scheduled_time'] || row['creation_time']);
      const seconds = Number(row['deletion_time']) - start;
      return { demand, kind: kinds.get(key)!, ...(seconds > 0 ? { seconds } : {}) };
    });
  }

  /** Mean share of GPUs allocated when 130 % had arrived, in %, by workload and policy. */
  published(): Map<string, number> {
    const file = join(this.folder, 'published_alloc_by_policy.csv');
    const sums = new Map<string, { sum: number; count: number }>();
    for (const row of existsSync(file) ? rowsOf(file) : []) {
      const policy = row['sc_policy']!.replace(/^\d+-/, '');
      const key = `${row['workload']!.replace('openb_pod_list_', '')}/${policy}`;
      const { sum, count } = sums.get(key) ?? { sum: 0, count: 0 };
      sums.set(key, { sum: sum + Number(row['alloc_pct_at_130']), count: count + 1 });
    }
    return new Map([...sums].map(([key, { sum, count }]) => [key, sum / count]));
  }
}

export const capacityMilli = (nodes: readonly NodeShape[]): number =>
  nodes.reduce((sum, { gpus }) => sum + gpus * WHOLE_GPU, 0);

/**
 * The study's arrivals: all jobs of the workload in random order, then jobs drawn with replacement until the GPU demand
 * is `tune` × what the nodes have.
 */
export function arrivals(
  jobs: readonly Job[],
  nodes: readonly NodeShape[],
  random: Random,
  tune = 1.3,
): Job[] {
  const stream = shuffle([...jobs], random);
  const target = tune * capacityMilli(nodes);
  let milli = jobs.reduce((sum, { demand }) => sum + totalMilli(demand), 0);
  for (;;) {
    const job = jobs[Math.floor(random() * jobs.length)]!;
    if (milli + job.demand.gpuMilli > target) return stream;
    milli += totalMilli(job.demand);
    stream.push(job);
  }
}
