import { distanceKm, type Coordinates } from '../geo.js';
import { FIBRE_MS_PER_KM } from './backbone.js';

/** One series of pings from one region to another. */
export interface PingSeries {
  readonly from: string;
  readonly to: string;
  /** Round trips in ms. */
  readonly minMs: number;
  readonly avgMs: number;
}

export interface Place extends Coordinates {
  /** A cloud's region id with its provider, `aws:eu-central-1`. */
  readonly id: string;
}

/** The round trip between two places, `a.id < b.id`. */
export interface MeasuredPair {
  readonly a: Place;
  readonly b: Place;
  /** What to learn from: see `measuredPairs`. ms. */
  readonly rttMs: number;
  /** The mean over all series both ways of the average of minimum and mean: the data as it stands. ms. */
  readonly plainMs: number;
}

/** ms: a series whose mean exceeds its minimum by this counts a quarter of a perfectly steady one. */
const STEADY_MS = 0.5;

const middle = (series: PingSeries): number => (series.minMs + series.avgMs) / 2;

/**
 * A round trip is one number whichever end asks. Where the two directions disagree, one of them is faulty (ping series
 * with a minimum of 1 ms between Japan and Finland occur in the public data): series faster than light in fibre are left
 * out if the pair has others, and the rest count by how steady they are.
 */
function steadyMs(series: readonly PingSeries[], km: number): number {
  const possible = series.filter(({ minMs }) => minMs >= km * FIBRE_MS_PER_KM);
  let weights = 0;
  let sum = 0;
  for (const one of possible.length > 0 ? possible : series) {
    const weight = (STEADY_MS + one.avgMs - one.minMs) ** -2;
    weights += weight;
    sum += weight * middle(one);
  }
  return sum / weights;
}

/**
 * One figure a pair of places out of ping series in both directions, sorted by the places' ids.
 * @param placeOf where a region is, undefined where nobody knows: such series are left out.
 */
export function measuredPairs(
  series: Iterable<PingSeries>,
  placeOf: (region: string) => Place | undefined,
): MeasuredPair[] {
  const byPair = new Map<string, { a: Place; b: Place; series: PingSeries[] }>();
  for (const one of series) {
    const from = placeOf(one.from);
    const to = placeOf(one.to);
    const sound = one.minMs > 0 && one.avgMs >= one.minMs && Number.isFinite(one.avgMs);
    if (!from || !to || from.id === to.id || !sound) continue;
    const [a, b] = from.id < to.id ? [from, to] : [to, from];
    const key = `${a.id} ${b.id}`;
    const pair = byPair.get(key) ?? { a, b, series: [] };
    pair.series.push(one);
    byPair.set(key, pair);
  }
  return [...byPair.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, pair]) => ({
      a: pair.a,
      b: pair.b,
      rttMs: steadyMs(pair.series, distanceKm(pair.a, pair.b)),
      plainMs: pair.series.reduce((sum, one) => sum + middle(one), 0) / pair.series.length,
    }));
}
