import { distanceKm, modelledRttMs, type Coordinates } from '../geo.js';
import type { Region } from '../region.js';
import { REGIONS } from '../regions.data.js';
import { FIBRE_MS_PER_KM } from './backbone.js';
import { decodeMatrix, type StoredMatrix } from './matrix.js';
import { MATRIX } from './matrix.data.js';

export interface RoundTrip {
  /** Milliseconds there and back, to 0.1 ms. */
  readonly rttMs: number;
  readonly source: 'measured' | 'modelled';
  /** When it was measured; absent where it is modelled, or nobody noted it. */
  readonly measuredAt?: Date;
}

/** A measured round trip between two regions; the direction does not matter. */
export interface MeasuredRoundTrip {
  readonly from: string;
  readonly to: string;
  readonly rttMs: number;
  readonly measuredAt?: Date;
}

/** Between two sites of one metro, or a user and a site in it, where nobody has measured. */
export const SAME_REGION_MS = 1.5;

/** A metro's coordinates are its centre's; its data centres may be this much nearer to another's. */
const METRO_RADIUS_KM = 100;

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

/**
 * Round trips between all regions of the catalogue: measured where there is a measurement, else modelled. Immutable, so
 * it can be shared; every look-up is two map reads and one array read (`msAt` only the last).
 */
export class RoundTrips {
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #ms: Float64Array;
  readonly #measured: ReadonlyMap<number, MeasuredRoundTrip>;

  private constructor(
    readonly regions: readonly Region[],
    ms: Float64Array,
    measured: ReadonlyMap<number, MeasuredRoundTrip>,
  ) {
    this.#numbers = new Map(regions.map(({ code }, index) => [code, index]));
    this.#ms = ms;
    this.#measured = measured;
  }

  /**
   * Every pair modelled: from the matrix, or, for a region that the matrix does not know yet, from the distance alone
   * (a test fails where the shipped matrix and the catalogue disagree).
   */
  static modelled(regions: readonly Region[], stored: StoredMatrix): RoundTrips {
    const { codes, ms: known } = decodeMatrix(stored);
    const rowOf = new Map(codes.map((code, index) => [code, index]));
    const rows = regions.map(({ code }) => rowOf.get(code));
    const ms = new Float64Array(regions.length ** 2);
    regions.forEach((from, i) =>
      regions.forEach((to, j) => {
        const row = rows[i];
        const column = rows[j];
        const inMatrix = row !== undefined && column !== undefined;
        const value = inMatrix ? known[row * codes.length + column]! : modelledRttMs(from, to);
        ms[i * regions.length + j] = i === j ? SAME_REGION_MS : value;
      }),
    );
    return new RoundTrips(regions, ms, new Map());
  }

  /**
   * The same, with measured round trips in place of whatever was known of these pairs; of two for one pair the later in
   * the list counts.
   * @throws RangeError for a region that does not exist, and for a round trip that is not `isPossible`.
   */
  withMeasured(pairs: Iterable<MeasuredRoundTrip>): RoundTrips {
    const ms = Float64Array.from(this.#ms);
    const measured = new Map(this.#measured);
    for (const pair of pairs) {
      const [i, j] = [this.numberOf(pair.from), this.numberOf(pair.to)];
      if (!this.isPossible(pair.from, pair.to, pair.rttMs))
        throw new RangeError(`${pair.rttMs} ms is no round trip between ${pair.from} and ${pair.to}`);
      for (const at of [this.#at(i, j), this.#at(j, i)]) {
        ms[at] = tenths(pair.rttMs);
        measured.set(at, pair);
      }
    }
    return new RoundTrips(this.regions, ms, measured);
  }

  /** Whether light in fibre could be that fast between data centres of the two metros; faulty measurements are not. */
  isPossible(fromCode: string, toCode: string, rttMs: number): boolean {
    const km = distanceKm(this.#region(fromCode), this.#region(toCode)) - 2 * METRO_RADIUS_KM;
    return Number.isFinite(rttMs) && rttMs > 0 && rttMs >= km * FIBRE_MS_PER_KM;
  }

  /** @throws RangeError for a region that does not exist. */
  rttMs(fromCode: string, toCode: string): RoundTrip {
    const at = this.#at(this.numberOf(fromCode), this.numberOf(toCode));
    const rttMs = this.#ms[at]!;
    const measurement = this.#measured.get(at);
    if (!measurement) return { rttMs, source: 'modelled' };
    const { measuredAt } = measurement;
    return { rttMs, source: 'measured', ...(measuredAt && { measuredAt }) };
  }

  /**
   * From a region to a place with coordinates of its own in (or near) another region: the regions' round trip, and light
   * in fibre between the place and its region's centre. Never below light in fibre for the whole way.
   */
  rttToSiteMs(fromCode: string, site: Coordinates & { readonly region: string }): RoundTrip {
    const between = this.rttMs(fromCode, site.region);
    const outOfTown = distanceKm(site, this.#region(site.region)) * FIBRE_MS_PER_KM;
    return { ...between, rttMs: Math.round((between.rttMs + outOfTown) * 10) / 10 };
  }

  /** A region's number for `msAt`, its place in `regions`. @throws RangeError for a region that does not exist. */
  numberOf(code: string): number {
    const number = this.#numbers.get(code);
    if (number === undefined) throw new RangeError(`there is no region '${code}'`);
    return number;
  }

  /** The round trip in ms between two regions by their numbers: one array read, for the matching core. */
  msAt(from: number, to: number): number {
    return this.#ms[this.#at(from, to)]!;
  }

  /** Whether the round trip between two regions by their numbers was measured. */
  isMeasuredAt(from: number, to: number): boolean {
    return this.#measured.has(this.#at(from, to));
  }

  #at(from: number, to: number): number {
    return from * this.regions.length + to;
  }

  #region(code: string): Region {
    return this.regions[this.numberOf(code)]!;
  }
}

/** What the product ships: all pairs modelled. */
export const ROUND_TRIPS = RoundTrips.modelled(REGIONS, MATRIX);
