import { type Span, complement, countOf, numbersOf, spansOf, union } from './gpu-set.js';

/** The hardware of a listing: node `n` holds the GPUs `[n × gpusPerNode, (n + 1) × gpusPerNode)`. */
export interface PoolShape {
  nodes: number;
  gpusPerNode: number;
}

/** A number from 0 up to but not including 1; ties are broken by it. */
export type Random = () => number;

const first: Random = () => 0;

/** The GPUs that a node holds. */
export const nodeSpan = (node: number, gpusPerNode: number): Span => ({
  from: node * gpusPerNode,
  to: (node + 1) * gpusPerNode,
});

interface FreeNodes {
  /** Runs of nodes that are free as a whole. */
  whole: Span[];
  /** The free GPUs of each node that is free in part. */
  partial: Map<number, Span[]>;
}

/** Sorts what is free into whole nodes and parts of nodes, without a step per node of a large pool. */
export function freeNodes({ nodes, gpusPerNode }: PoolShape, taken: readonly Span[]): FreeNodes {
  const whole: Span[] = [];
  const partial = new Map<number, Span[]>();
  const addPart = (from: number, to: number): void => {
    if (from >= to) return;
    const node = Math.floor(from / gpusPerNode);
    partial.set(node, [...(partial.get(node) ?? []), { from, to }]);
  };
  for (const { from, to } of complement(nodes * gpusPerNode, taken)) {
    const run = { from: Math.ceil(from / gpusPerNode), to: Math.floor(to / gpusPerNode) };
    if (run.from > run.to) {
      addPart(from, to);
      continue;
    }
    addPart(from, run.from * gpusPerNode);
    if (run.from < run.to) whole.push(run);
    addPart(run.to * gpusPerNode, to);
  }
  return { whole, partial };
}

/** `count` numbers of the runs, the first at or after `pivot`, going round. Fewer when there are fewer. */
function takeFrom(runs: readonly Span[], pivot: number, count: number): number[] {
  const after = runs.map(({ from, to }) => ({ from: Math.max(from, pivot), to }));
  const before = runs.map(({ from, to }) => ({ from, to: Math.min(to, pivot) }));
  const taken: number[] = [];
  for (const { from, to } of [...after, ...before]) {
    for (let number = from; number < to && taken.length < count; number++) taken.push(number);
  }
  return taken;
}

/** The node with the fewest free GPUs that still has `count`. */
function bestFit(partial: ReadonlyMap<number, Span[]>, count: number, random: Random): Span[] | undefined {
  const fitting = [...partial.values()].filter((spans) => countOf(spans) >= count);
  const least = Math.min(...fitting.map(countOf));
  const tied = fitting.filter((spans) => countOf(spans) === least);
  return tied[Math.floor(random() * tied.length)];
}

/**
 * Which GPUs an order of `gpus` gets: whole nodes as far as it fills them, and the rest together inside one further
 * node, the fullest that has room, so that whole nodes stay free. Undefined when the free seats do not allow it.
 * @param taken what others hold at any time in the order's window.
 */
export function place(
  shape: PoolShape,
  gpus: number,
  taken: readonly Span[],
  random: Random = first,
): Span[] | undefined {
  const { gpusPerNode, nodes } = shape;
  const { whole, partial } = freeNodes(shape, taken);
  const rest = gpus % gpusPerNode;
  const shared = rest > 0 ? bestFit(partial, rest, random) : undefined;
  const wanted = Math.floor(gpus / gpusPerNode) + (rest > 0 && !shared ? 1 : 0);
  const chosen = takeFrom(whole, Math.floor(random() * nodes), wanted);
  if (chosen.length < wanted) return undefined;
  const further = shared ?? (rest > 0 ? [nodeSpan(chosen.pop()!, gpusPerNode)] : []);
  const seats = chosen.map((node) => nodeSpan(node, gpusPerNode));
  return union([...seats, ...spansOf(numbersOf(further).slice(0, rest))]);
}
