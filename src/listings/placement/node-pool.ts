import { NodeIndex } from './node-index.js';
import { type Demand, type NodeShape, NodeTable, type Placed } from './node-table.js';

/**
 * Nodes whose GPUs are sold whole or in thousandths, with CPU and memory beside them. A demand goes to the node where it
 * leaves the least GPU stranded for want of CPU, the lowest of equals, so that lean jobs fill nodes short of CPU, hungry
 * ones go where CPU is left over, and the rest fills nodes one after another.
 */
export class NodePool {
  readonly table: NodeTable;
  private readonly index: NodeIndex;

  /** @param perGpu thousandths of a core that demand asks for beside a GPU on average: `cpuMilliPerGpu` of its history */
  constructor(shapes: readonly NodeShape[], perGpu: number) {
    this.table = new NodeTable(shapes);
    this.index = new NodeIndex(this.table, perGpu);
  }

  /** Where the demand would go; undefined when it fits on no node. Nothing is taken. */
  choose(demand: Demand): Placed | undefined {
    const node = this.index.find(demand);
    return node === undefined ? undefined : { node, gpus: this.table.chooseGpus(node, demand) };
  }

  /** Places a demand, or returns undefined when it fits on no node. */
  place(demand: Demand): Placed | undefined {
    const placed = this.choose(demand);
    if (placed) {
      this.table.take(placed, demand);
      this.index.update(placed.node);
    }
    return placed;
  }

  /** Gives a place back. */
  release(placed: Placed, demand: Demand): void {
    this.table.release(placed, demand);
    this.index.update(placed.node);
  }
}
