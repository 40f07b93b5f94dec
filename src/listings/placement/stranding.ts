import { type Demand, type NodeTable, WHOLE_GPU, totalMilli } from './node-table.js';

/*
 * GPUs are stranded where the CPU beside them has run out: a node with 4 free GPUs and CPU for one sells one. A node's
 * surplus is the free GPU that its free CPU cannot serve at the CPU per GPU that demand asks for on average; what is
 * above zero is stranded. Everything is an integer: surplus is in thousandths of a GPU × CPU thousandths per GPU.
 */

/**
 * The mean CPU that jobs with GPUs ask for beside each GPU, in thousandths of a core, at least 1.
 * @param demands what is expected to arrive: the history of requests, for example
 */
export function cpuMilliPerGpu(demands: readonly Demand[]): number {
  const withGpu = demands.filter(({ gpus }) => gpus > 0);
  const cpu = withGpu.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0);
  const gpu = withGpu.reduce((sum, demand) => sum + totalMilli(demand), 0);
  return gpu === 0 ? 1 : Math.max(1, Math.round((cpu * WHOLE_GPU) / gpu));
}

/** How much more GPU than CPU a node has free (negative: less), given the CPU that goes with a GPU. */
export const surplusOf = (table: NodeTable, node: number, perGpu: number): number =>
  table.freeMilli[node]! * perGpu - table.cpuMilli[node]! * WHOLE_GPU;

/** How much surplus a demand takes away (negative: adds), wherever it is placed. */
export const surplusTaken = (demand: Demand, perGpu: number): number =>
  totalMilli(demand) * perGpu - demand.cpuMilli * WHOLE_GPU;

/**
 * How much less GPU is stranded on a node after the demand than before: the higher, the better the node. It never falls
 * as the surplus grows when `taken` is positive, and never rises when it is negative.
 */
export const strandingRelieved = (surplus: number, taken: number): number =>
  Math.max(0, surplus) - Math.max(0, surplus - taken);
