import { type Candidate, alignEnds, freshness } from '../../src/listings/placement/end-alignment.js';
import { type Period, overlaps } from '../../src/kernel/period.js';
import { type Job, type Random, seeded } from './trace.js';

/*
 * A fractional listing over time: whole GPUs, known end times, bookings that start when they arrive or are made ahead. Run
 * times are the trace's; sizes are drawn, because the trace has few jobs of more than one GPU. A node has room for a
 * booking when the count allows it throughout the window, because seats within a node can be changed.
 */

const NODES = 48;
const GPUS = 8;
const BOOKINGS = 6_000;
/** Longer runs would outlast the simulated span. */
const LONGEST_MINUTES = 6 * 60;

/** Sizes in GPUs with their share of bookings. */
export const MIXES: Record<string, [gpus: number, share: number][]> = {
  mixed: [
    [1, 0.5],
    [2, 0.2],
    [4, 0.15],
    [8, 0.12],
    [16, 0.03],
  ],
  small: [
    [1, 0.8],
    [2, 0.1],
    [4, 0.06],
    [8, 0.04],
  ],
};

/** What is asked of a listing. */
export interface Scenario {
  mix: readonly [gpus: number, share: number][];
  /** GPU-hours asked for as a multiple of what there is. */
  load: number;
  /** Share of bookings that are made up to six hours ahead; the others start at once. */
  ahead: number;
}

interface Booking {
  gpus: number;
  /** When it is made. */
  at: number;
  period: Period;
}

interface Node extends Candidate {
  held: (Period & { gpus: number })[];
}

export type NodeChoice = (fitting: readonly Node[], booking: Booking, random: Random) => number | undefined;

const least =
  (cost: (node: Node, booking: Booking, random: Random) => number): NodeChoice =>
  (fitting, booking, random) => {
    let best: number | undefined;
    let lowest = Infinity;
    for (const node of fitting) {
      const own = cost(node, booking, random);
      if (own >= lowest) continue;
      lowest = own;
      best = node.node;
    }
    return best;
  };

/** Expected free GPUs that a booking of the mix could not use, if `free` were left of a node. */
const wasted = (free: number, mix: readonly [number, number][]): number =>
  mix.reduce((sum, [gpus, share]) => sum + (free < gpus ? share * free : 0), 0);

/** What the allocation of listings did when this was measured. */
export const TODAY = 'best-fit, ties at random';
export const OURS = 'end-aligned';

export const choices = (mix: readonly [number, number][]): Record<string, NodeChoice> => ({
  random: least((_, __, random) => random()),
  'worst-fit': least(({ free }) => -free),
  gradient: least(({ free }, { gpus }) => wasted(free - gpus, mix) - wasted(free, mix)),
  [TODAY]: least(({ free }, _, random) => free + random()),
  'best-fit': least(({ free }) => free),
  'first-fit': least(({ node }) => node),
  'end-aligned, ties at random': least(({ held }, { period }, random) => freshness(period, held) + random()),
  'end-aligned, then fullest, ties at random': least(
    ({ held, free }, { period }, random) => freshness(period, held) * 2 * GPUS + free + random(),
  ),
  [OURS]: (fitting, { gpus, period }) => alignEnds(fitting, gpus, period),
});

/** Bookings in the order in which they are made, which is that of `at`. */
function bookings(jobs: readonly Job[], { mix, load, ahead }: Scenario, random: Random): Booking[] {
  const minutes = jobs.flatMap(({ seconds }) => (seconds ? [Math.ceil(seconds / 60)] : []));
  const sizes = Array.from({ length: BOOKINGS }, () => {
    let drawn = random();
    const gpus = (mix.find(([, share]) => (drawn -= share) < 0) ?? mix[0]!)[0];
    const length = minutes[Math.floor(random() * minutes.length)]!;
    return { gpus, length: Math.min(LONGEST_MINUTES, length) };
  });
  const work = sizes.reduce((sum, { gpus, length }) => sum + gpus * length, 0);
  const span = work / (NODES * GPUS * load);
  return sizes
    .map(({ gpus, length }) => {
      const at = Math.floor(random() * span);
      const start = at + (random() < ahead ? Math.floor(random() * LONGEST_MINUTES) : 0);
      return { gpus, at, period: { start, end: start + length } };
    })
    .sort((a, b) => a.at - b.at);
}

/** GPUs of the node that are free at every moment of the period; the fewest are free when a booking has just begun. */
function freeIn({ held }: Node, period: Period): number {
  const others = held.filter((other) => overlaps(other, period));
  const peak = others.reduce((most, { start }) => {
    const at = Math.max(start, period.start);
    const used = others.reduce(
      (sum, other) => sum + (other.start <= at && at < other.end ? other.gpus : 0),
      0,
    );
    return Math.max(most, used);
  }, 0);
  return GPUS - peak;
}

function seat(nodes: Node[], booking: Booking, choose: NodeChoice, random: Random): boolean {
  const { gpus, period } = booking;
  const fitting = nodes
    .map((node) => ({ ...node, free: freeIn(node, period) }))
    .filter(({ free }) => free >= Math.min(gpus, GPUS));
  const count = Math.ceil(gpus / GPUS);
  const one = gpus < GPUS ? choose(fitting, booking, random) : undefined;
  const chosen = gpus < GPUS ? [one].filter((node) => node !== undefined) : fitting.map(({ node }) => node);
  if (chosen.length < count) return false;
  for (const node of chosen.slice(0, count)) nodes[node]!.held.push({ ...period, gpus: gpus / count });
  return true;
}

/** Shares of the GPU-hours asked for that were accepted, in %, after a warm-up: of all, and of bookings of 8 or more. */
export function accepted(
  jobs: readonly Job[],
  scenario: Scenario,
  seed: number,
  choose: NodeChoice,
): { all: number; large: number } {
  const random = seeded(seed);
  const made = bookings(jobs, scenario, random);
  const nodes: Node[] = Array.from({ length: NODES }, (_, node) => ({ node, free: GPUS, held: [] }));
  const warm = made.at(-1)!.at * 0.15;
  const sums = { all: 0, allAsked: 0, large: 0, largeAsked: 0 };
  for (const booking of made) {
    const { gpus, period, at } = booking;
    for (const node of nodes) node.held = node.held.filter(({ end }) => end > at);
    const seated = seat(nodes, booking, choose, random);
    if (at < warm) continue;
    const work = gpus * (period.end - period.start);
    sums.allAsked += work;
    sums.all += seated ? work : 0;
    if (gpus < GPUS) continue;
    sums.largeAsked += work;
    sums.large += seated ? work : 0;
  }
  return { all: (sums.all / sums.allAsked) * 100, large: (sums.large / sums.largeAsked) * 100 };
}
