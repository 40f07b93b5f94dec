import {
  type Demand,
  type NodeTable,
  WHOLE_GPU,
  totalMilli,
} from '../../src/listings/placement/node-table.js';
import type { Random, Job } from './trace.js';

/** Scores a node that fits, the higher the better, and says which GPU a share would get there. */
export interface Scorer {
  score(table: NodeTable, node: number, demand: Demand): number;
  gpus(table: NodeTable, node: number, demand: Demand): number[];
}

const tightest = (table: NodeTable, node: number, demand: Demand): number[] => table.chooseGpus(node, demand);

export const firstFit: Scorer = { score: () => 0, gpus: tightest };

export const worstFit: Scorer = { score: (table, node) => table.freeMilli[node]!, gpus: tightest };

/** The study's best fit: what is left of CPU and GPU, each as a share of the largest node, in whole per cent. */
export const bestFit: Scorer = {
  score(table, node, demand) {
    const cpu = (table.cpuMilli[node]! - demand.cpuMilli) / 128_000;
    const gpu = (table.freeMilli[node]! - totalMilli(demand)) / 8_000;
    return Math.floor((1 - (cpu + gpu) / 2) * 100);
  },
  gpus: tightest,
};

interface TaskClass {
  demand: Demand;
  models: number;
  share: number;
}

/**
 * The most frequent demands, memory aside, that make up 95 % of the jobs: the study's task classes.
 * Ties by larger CPU, thousandths, GPUs, models.
 */
function taskClasses(jobs: readonly Job[], table: NodeTable): TaskClass[] {
  const counts = new Map<string, { demand: Demand; count: number }>();
  for (const { demand } of jobs) {
    const key = [demand.cpuMilli, demand.gpuMilli, demand.gpus, demand.models.join('|')].join(',');
    const known = counts.get(key) ?? { demand, count: 0 };
    counts.set(key, { demand, count: known.count + 1 });
  }
  const byCount = [...counts.values()].sort(
    (a, b) =>
      b.count - a.count ||
      b.demand.cpuMilli - a.demand.cpuMilli ||
      b.demand.gpuMilli - a.demand.gpuMilli ||
      b.demand.gpus - a.demand.gpus ||
      (a.demand.models.join('|') < b.demand.models.join('|') ? 1 : -1),
  );
  let covered = 0;
  const typical = byCount.filter(({ count }) => {
    const wanted = covered < 0.95 * jobs.length;
    if (wanted) covered += count;
    return wanted;
  });
  return typical.map(({ demand, count }) => ({
    demand,
    models: table.modelsOf(demand),
    share: count / covered,
  }));
}

/** Classes that ask for the same GPUs, as the share of jobs among them that ask for at most so much CPU. */
interface GpuClass {
  gpus: number;
  gpuMilli: number;
  cpu: number[];
  share: number[];
}

function gpuClasses(classes: readonly TaskClass[]): GpuClass[] {
  const groups = new Map<string, TaskClass[]>();
  for (const task of classes.filter(({ demand }) => demand.gpus > 0)) {
    const key = `${task.demand.gpus},${task.demand.gpuMilli}`;
    groups.set(key, [...(groups.get(key) ?? []), task]);
  }
  return [...groups.values()].map((group) => {
    const sorted = group.sort((a, b) => a.demand.cpuMilli - b.demand.cpuMilli);
    let sum = 0;
    const { gpus, gpuMilli } = sorted[0]!.demand;
    return {
      gpus,
      gpuMilli,
      cpu: sorted.map(({ demand }) => demand.cpuMilli),
      share: sorted.map(({ share }) => (sum += share)),
    };
  });
}

/**
 * Expected free thousandths of a node that a job drawn from the classes cannot use: all of them where the job does not
 * run, else those on GPUs too full for it (F_n(M) of the study).
 */
function fragments(free: ArrayLike<number>, cpuMilli: number, classes: readonly GpuClass[]): number {
  let total = 0;
  for (let gpu = 0; gpu < free.length; gpu++) total += free[gpu]!;
  if (total === 0) return 0;
  let usable = 0;
  for (const { gpus, gpuMilli, cpu, share } of classes) {
    let runs = cpu.length - 1;
    while (runs >= 0 && cpu[runs]! > cpuMilli) runs--;
    if (runs < 0) continue;
    let fitting = 0;
    let milli = 0;
    for (let gpu = 0; gpu < free.length; gpu++) {
      if (free[gpu]! < gpuMilli) continue;
      fitting++;
      milli += free[gpu]!;
    }
    if (fitting >= gpus) usable += share[runs]! * milli;
  }
  return total - usable;
}

/** floor(100·sigmoid(decrease / 1000)): without this rounding and its many ties the policy falls behind best fit. */
const rounded = (decrease: number): number => Math.floor(100 / (1 + Math.exp(-decrease / WHOLE_GPU)) + 1e-9);

/** Fragmentation gradient descent, as published: the node whose fragments fall most, in rounded steps. */
export class Gradient implements Scorer {
  private readonly byModel = new Map<number, GpuClass[]>();

  constructor(jobs: readonly Job[], table: NodeTable) {
    const classes = taskClasses(jobs, table);
    for (const model of new Set(table.model)) {
      const admitted = classes.filter(({ models }) => (models & model) !== 0);
      this.byModel.set(model, gpuClasses(admitted));
    }
  }

  score(table: NodeTable, node: number, demand: Demand): number {
    return this.best(table, node, demand).score;
  }

  gpus(table: NodeTable, node: number, demand: Demand): number[] {
    return this.best(table, node, demand).gpus;
  }

  private best(table: NodeTable, node: number, demand: Demand): { score: number; gpus: number[] } {
    const classes = this.byModel.get(table.model[node]!)!;
    const free = table.gpusOf(node);
    const before = fragments(free, table.cpuMilli[node]!, classes);
    const after = (gpus: number[]): number => {
      const left = Int32Array.from(free);
      for (const gpu of gpus) left[gpu]! -= demand.gpuMilli;
      return rounded(before - fragments(left, table.cpuMilli[node]! - demand.cpuMilli, classes));
    };
    if (demand.gpus !== 1 || demand.gpuMilli === WHOLE_GPU) {
      const gpus = table.chooseGpus(node, demand);
      return { score: after(gpus), gpus };
    }
    const seen = new Set<number>();
    let best = { score: -1, gpus: [-1] };
    for (let gpu = 0; gpu < free.length; gpu++) {
      if (free[gpu]! < demand.gpuMilli || seen.has(free[gpu]!)) continue;
      seen.add(free[gpu]!);
      const score = after([gpu]);
      if (score > best.score) best = { score, gpus: [gpu] };
    }
    return best;
  }
}

/** Any node that fits and, for a share, any GPU that fits. */
export const randomGpus = (table: NodeTable, node: number, demand: Demand, random: Random): number[] => {
  if (demand.gpus !== 1 || demand.gpuMilli === WHOLE_GPU) return table.chooseGpus(node, demand);
  const fitting = [...table.gpusOf(node).entries()].filter(([, free]) => free >= demand.gpuMilli);
  return [fitting[Math.floor(random() * fitting.length)]![0]];
};
