import { type Demand, type NodeTable, WHOLE_GPU } from './node-table.js';
import { strandingRelieved, surplusOf, surplusTaken } from './stranding.js';

/** Shares are indexed in steps of this many thousandths. */
const SHARE_STEP = 100;
const SHARE_CLASSES = WHOLE_GPU / SHARE_STEP;

const NONE = -1;
/** Surpluses must fit 32 bits. */
const LARGEST = 2 ** 31 - 1;

/** One search: what is asked for, and the best node so far. */
interface Search {
  demand: Demand;
  models: number;
  taken: number;
  room: number;
  best: number;
  relieved: number;
}

/**
 * A tournament over the nodes of a table: every inner node of the tree knows, for each class of GPU room, the most CPU
 * and memory, the GPU models and the range of surplus among the nodes below that have that much room. A search enters
 * only branches that may hold a node that fits and beats the best so far, and a change climbs only as far as it matters.
 */
export class NodeIndex {
  private readonly classes: number;
  /** Where the leaves begin; the root is 1, and the children of `t` are `2t` and `2t + 1`. */
  private readonly leaves: number;
  private readonly cpu: Int32Array;
  private readonly memory: Int32Array;
  private readonly models: Int32Array;
  private readonly most: Int32Array;
  private readonly least: Int32Array;

  /** @param perGpu the CPU that goes with a GPU, from `cpuMilliPerGpu` */
  constructor(
    private readonly table: NodeTable,
    private readonly perGpu: number,
  ) {
    this.classes = SHARE_CLASSES + table.widest;
    this.leaves = 2 ** Math.ceil(Math.log2(Math.max(1, table.size)));
    const column = (value: number): Int32Array => new Int32Array(2 * this.leaves * this.classes).fill(value);
    this.cpu = column(NONE);
    this.memory = column(NONE);
    this.models = column(0);
    this.most = column(-LARGEST);
    this.least = column(LARGEST);
    for (let node = 0; node < table.size; node++) this.setLeaf(node);
    for (let branch = this.leaves - 1; branch > 0; branch--) this.gather(branch);
  }

  /** Reads a node anew after the table has changed. */
  update(node: number): void {
    this.setLeaf(node);
    let branch = (this.leaves + node) >> 1;
    while (branch > 0 && this.gather(branch)) branch >>= 1;
  }

  /** The node where the demand relieves the most stranding, the lowest of equals; undefined when it fits nowhere. */
  find(demand: Demand): number | undefined {
    const search: Search = {
      demand,
      models: this.table.modelsOf(demand),
      taken: surplusTaken(demand, this.perGpu),
      room: this.roomFor(demand),
      best: NONE,
      relieved: -Infinity,
    };
    if (search.room < this.classes) this.enter(1, search);
    return search.best === NONE ? undefined : search.best;
  }

  /** The class that every node with room for the demand is in. */
  private roomFor({ gpus, gpuMilli }: Demand): number {
    if (gpus === 0) return 0;
    return gpuMilli < WHOLE_GPU ? Math.floor(gpuMilli / SHARE_STEP) : SHARE_CLASSES - 1 + gpus;
  }

  /** The highest class of room that a node has; it has all lower ones too. */
  private roomOf(node: number): number {
    const whole = this.table.wholeGpus[node]!;
    return whole > 0 ? SHARE_CLASSES - 1 + whole : Math.floor(this.table.largestMilli[node]! / SHARE_STEP);
  }

  private setLeaf(node: number): void {
    const surplus = surplusOf(this.table, node, this.perGpu);
    if (Math.abs(surplus) >= LARGEST) throw new RangeError(`node ${node} is too large for the index`);
    const start = (this.leaves + node) * this.classes;
    const end = start + this.roomOf(node) + 1;
    this.cpu.fill(this.table.cpuMilli[node]!, start, end).fill(NONE, end, start + this.classes);
    this.memory.fill(this.table.memoryMib[node]!, start, end).fill(NONE, end, start + this.classes);
    this.models.fill(this.table.model[node]!, start, end).fill(0, end, start + this.classes);
    this.most.fill(surplus, start, end).fill(-LARGEST, end, start + this.classes);
    this.least.fill(surplus, start, end).fill(LARGEST, end, start + this.classes);
  }

  /** Sums up a branch's two children. @returns whether anything changed */
  private gather(branch: number): boolean {
    const { cpu, memory, models, most, least, classes } = this;
    let changed = false;
    for (let room = 0; room < classes; room++) {
      const at = branch * classes + room;
      const a = at + branch * classes;
      const b = a + classes;
      const moreCpu = cpu[a]! > cpu[b]! ? cpu[a]! : cpu[b]!;
      const moreMemory = memory[a]! > memory[b]! ? memory[a]! : memory[b]!;
      const either = models[a]! | models[b]!;
      const higher = most[a]! > most[b]! ? most[a]! : most[b]!;
      const lower = least[a]! < least[b]! ? least[a]! : least[b]!;
      if (
        cpu[at] === moreCpu &&
        memory[at] === moreMemory &&
        models[at] === either &&
        most[at] === higher &&
        least[at] === lower
      ) {
        continue;
      }
      changed = true;
      cpu[at] = moreCpu;
      memory[at] = moreMemory;
      models[at] = either;
      most[at] = higher;
      least[at] = lower;
    }
    return changed;
  }

  /** The most that any node of the branch could relieve; -Infinity when none can fit the demand. */
  private promise(branch: number, { demand, models, taken, room }: Search): number {
    const at = branch * this.classes + room;
    if (
      this.cpu[at]! < demand.cpuMilli ||
      this.memory[at]! < demand.memoryMib ||
      (this.models[at]! & models) === 0
    ) {
      return -Infinity;
    }
    return strandingRelieved(taken > 0 ? this.most[at]! : this.least[at]!, taken);
  }

  private enter(branch: number, search: Search): void {
    if (branch >= this.leaves) {
      const node = branch - this.leaves;
      if (!this.table.fits(node, search.demand, search.models)) return;
      search.best = node;
      search.relieved = this.promise(branch, search);
      return;
    }
    const left = this.promise(2 * branch, search);
    const right = this.promise(2 * branch + 1, search);
    if (left >= right) {
      this.tryBranch(2 * branch, left, search);
      this.tryBranch(2 * branch + 1, right, search);
    } else {
      this.tryBranch(2 * branch + 1, right, search);
      this.tryBranch(2 * branch, left, search);
    }
  }

  /** Enters a branch whose promise beats the best so far, or equals it on nodes that lie before it. */
  private tryBranch(branch: number, promise: number, search: Search): void {
    if (promise === -Infinity || promise < search.relieved) return;
    if (promise === search.relieved && search.best < this.firstNode(branch)) return;
    this.enter(branch, search);
  }

  private firstNode(branch: number): number {
    const depth = 31 - Math.clz32(branch);
    return (branch << (31 - Math.clz32(this.leaves) - depth)) - this.leaves;
  }
}
