/** Thousandths of a GPU in one GPU: the unit in which shares are sold. */
export const WHOLE_GPU = 1000;

/** What a node has when nothing runs on it. */
export interface NodeShape {
  gpus: number;
  cpuMilli: number;
  memoryMib: number;
  model: string;
}

/**
 * What one job asks of one node: `gpus` GPUs with `gpuMilli` thousandths of each. A share of a GPU is one GPU with
 * fewer than 1000; several GPUs are always whole; none is a job for the CPU alone.
 */
export interface Demand {
  gpus: number;
  gpuMilli: number;
  cpuMilli: number;
  memoryMib: number;
  /** GPU models that will do; empty: any. */
  models: readonly string[];
}

/** Where a demand lies: a node, and the numbers of its GPUs within it. */
export interface Placed {
  node: number;
  gpus: readonly number[];
}

/** Thousandths of a GPU that the demand takes altogether. */
export const totalMilli = (demand: Demand): number => demand.gpus * demand.gpuMilli;

const isShare = (demand: Demand): boolean => demand.gpus === 1 && demand.gpuMilli < WHOLE_GPU;

/** Models as bits, so that a set of them is one number. */
const MAX_MODELS = 31;
const ANY_MODEL = 2 ** MAX_MODELS - 1;

/** What is free on every node, in columns. */
export class NodeTable {
  readonly size: number;
  readonly widest: number;
  readonly cpuMilli: Int32Array;
  readonly memoryMib: Int32Array;
  /** Bit of the node's GPU model. */
  readonly model: Int32Array;
  /** Thousandths free on all GPUs together, and on the GPU that has the most. */
  readonly freeMilli: Int32Array;
  readonly largestMilli: Int32Array;
  /** GPUs of which nothing is taken. */
  readonly wholeGpus: Int32Array;
  /** Thousandths free by GPU; node `n` holds `[first[n], first[n + 1])`. */
  private readonly gpu: Int32Array;
  private readonly first: Int32Array;
  private readonly bits = new Map<string, number>();

  constructor(private readonly shapes: readonly NodeShape[]) {
    this.size = shapes.length;
    this.widest = shapes.reduce((most, { gpus }) => Math.max(most, gpus), 0);
    const column = (of: (shape: NodeShape) => number): Int32Array => Int32Array.from(shapes, of);
    this.cpuMilli = column((shape) => shape.cpuMilli);
    this.memoryMib = column((shape) => shape.memoryMib);
    this.model = column((shape) => this.bitOf(shape.model));
    this.freeMilli = column(({ gpus }) => gpus * WHOLE_GPU);
    this.largestMilli = column(({ gpus }) => (gpus > 0 ? WHOLE_GPU : 0));
    this.wholeGpus = column(({ gpus }) => gpus);
    this.first = new Int32Array(shapes.length + 1);
    for (const [node, { gpus }] of shapes.entries()) this.first[node + 1] = this.first[node]! + gpus;
    this.gpu = new Int32Array(this.first[shapes.length]!).fill(WHOLE_GPU);
  }

  private bitOf(model: string): number {
    const known = this.bits.get(model);
    if (known !== undefined) return known;
    if (this.bits.size === MAX_MODELS) throw new RangeError(`more than ${MAX_MODELS} GPU models in one pool`);
    const bit = 2 ** this.bits.size;
    this.bits.set(model, bit);
    return bit;
  }

  /** The models a demand accepts, as bits. One that needs no GPU runs anywhere. */
  modelsOf({ gpus, models }: Demand): number {
    if (gpus === 0 || models.length === 0) return ANY_MODEL;
    return models.reduce((mask, model) => mask | (this.bits.get(model) ?? 0), 0);
  }

  /** Thousandths free by GPU of one node. */
  gpusOf(node: number): Int32Array {
    return this.gpu.subarray(this.first[node], this.first[node + 1]);
  }

  /** @param models the demand's, from `modelsOf` */
  fits(node: number, demand: Demand, models: number): boolean {
    return (
      this.cpuMilli[node]! >= demand.cpuMilli &&
      this.memoryMib[node]! >= demand.memoryMib &&
      (this.model[node]! & models) !== 0 &&
      (isShare(demand) ? this.largestMilli[node]! >= demand.gpuMilli : this.wholeGpus[node]! >= demand.gpus)
    );
  }

  /** The GPUs for a demand that fits: for a share the tightest that has room, else untouched ones; lowest first. */
  chooseGpus(node: number, demand: Demand): number[] {
    const free = this.gpusOf(node);
    if (!isShare(demand)) {
      const whole = [...free.keys()].filter((gpu) => free[gpu] === WHOLE_GPU);
      return whole.slice(0, demand.gpus);
    }
    let tightest = -1;
    for (let gpu = 0; gpu < free.length; gpu++) {
      if (free[gpu]! < demand.gpuMilli) continue;
      if (tightest < 0 || free[gpu]! < free[tightest]!) tightest = gpu;
    }
    return [tightest];
  }

  /** Takes what the demand asks for. @throws RangeError when it is not free */
  take(placed: Placed, demand: Demand): void {
    this.change(placed, demand, -1);
  }

  /** Gives back what was taken. @throws RangeError when that is more than the node has */
  release(placed: Placed, demand: Demand): void {
    this.change(placed, demand, 1);
  }

  private change({ node, gpus }: Placed, demand: Demand, sign: 1 | -1): void {
    const shape = this.shapes[node];
    if (!shape || gpus.length !== demand.gpus) throw new RangeError(`no such place on node ${node}`);
    const free = this.gpusOf(node);
    const within = (value: number, most: number): boolean => value >= 0 && value <= most;
    const cpu = this.cpuMilli[node]! + sign * demand.cpuMilli;
    const memory = this.memoryMib[node]! + sign * demand.memoryMib;
    const legal =
      within(cpu, shape.cpuMilli) &&
      within(memory, shape.memoryMib) &&
      new Set(gpus).size === gpus.length &&
      gpus.every((gpu) => within((free[gpu] ?? NaN) + sign * demand.gpuMilli, WHOLE_GPU));
    if (!legal) throw new RangeError(`node ${node} does not have that much ${sign < 0 ? 'free' : 'taken'}`);
    this.cpuMilli[node] = cpu;
    this.memoryMib[node] = memory;
    for (const gpu of gpus) free[gpu]! += sign * demand.gpuMilli;
    this.summarise(node, free);
  }

  private summarise(node: number, free: Int32Array): void {
    let total = 0;
    let largest = 0;
    let whole = 0;
    for (const milli of free) {
      total += milli;
      if (milli > largest) largest = milli;
      if (milli === WHOLE_GPU) whole++;
    }
    this.freeMilli[node] = total;
    this.largestMilli[node] = largest;
    this.wholeGpus[node] = whole;
  }
}
