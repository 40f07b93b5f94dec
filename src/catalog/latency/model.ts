import { distanceKm, type Coordinates } from '../geo.js';
import { backboneMs, FIBRE_MS_PER_KM } from './backbone.js';
import { cholesky, solveFactored } from './linear-algebra.js';
import type { MeasuredPair, Place } from './measurements.js';

/*
 * The model: log(round trip) = log(backboneMs) + a Gaussian process over pairs of places. Variances are of the logarithm:
 * a common factor for the whole world, a correction that fades as the ends of two pairs get further apart, and what is
 * particular to a pair (its carriers, its faults), which says nothing of others. Halving or doubling any of them moves
 * the median error by less than 0.4 ms and the 90th percentile by less than 1.3 ms (`docs/latency.md`).
 */
const COMMON_VARIANCE = 0.05;
const LOCAL_VARIANCE = 0.03;
const PAIR_VARIANCE = 0.004;
const FADING_KM = 8000;

/** How alike the ends at two places are, 1 in one place; exponential of the great circle, positive definite on a sphere. */
const likeness = (a: Coordinates, b: Coordinates): number => Math.exp(-distanceKm(a, b) / FADING_KM);

/** What the Gaussian process is solved from. */
export interface Prepared {
  /** Covariance of the measured pairs, `pairs × pairs`, row by row. */
  readonly covariance: Float64Array;
  /** log(measured / backbone) of each pair. */
  readonly logDetours: Float64Array;
  /** Of each pair, ms. */
  readonly backbone: Float64Array;
  readonly places: readonly Place[];
  /** Indices into `places` of the two ends of each pair. */
  readonly ends: Int32Array;
}

function placesOf(pairs: readonly MeasuredPair[]): Place[] {
  const places = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((place) => [place.id, place]));
  return [...places.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @throws Error when there is no pair. */
export function prepare(pairs: readonly MeasuredPair[]): Prepared {
  if (pairs.length === 0) throw new Error('no measured pair to learn from');
  const places = placesOf(pairs);
  const numberOf = new Map(places.map(({ id }, index) => [id, index]));
  const ends = Int32Array.from(pairs.flatMap(({ a, b }) => [numberOf.get(a.id)!, numberOf.get(b.id)!]));
  const alike = places.map((one) => Float64Array.from(places, (other) => likeness(one, other)));
  const geography = backboneMs(places);
  const size = pairs.length;
  const covariance = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const a = alike[ends[2 * row]!]!;
    const b = alike[ends[2 * row + 1]!]!;
    for (let column = 0; column <= row; column += 1) {
      const c = ends[2 * column]!;
      const d = ends[2 * column + 1]!;
      const value = COMMON_VARIANCE + LOCAL_VARIANCE * (a[c]! * b[d]! + a[d]! * b[c]!);
      covariance[row * size + column] = covariance[column * size + row] = value;
    }
    covariance[row * size + row]! += PAIR_VARIANCE;
  }
  const backbone = Float64Array.from(
    pairs,
    (_, n) => geography[ends[2 * n]! * places.length + ends[2 * n + 1]!]!,
  );
  const logDetours = Float64Array.from(pairs, ({ rttMs }, n) => Math.log(rttMs / backbone[n]!));
  return { covariance, logDetours, backbone, places, ends };
}

/** The round trip that a logarithmic correction of the backbone's means, never below light in fibre. ms. */
export function correctedMs(backbone: number, logDetour: number, km: number): number {
  return Math.max(backbone * Math.exp(logDetour), km * FIBRE_MS_PER_KM);
}

/** Round trips between any two places on Earth, learnt from measured ones. Deterministic, and pure. */
export class RoundTripModel {
  readonly #places: readonly Place[];
  readonly #ends: Int32Array;
  readonly #weights: Float64Array;
  readonly #common: number;

  private constructor(prepared: Prepared, weights: Float64Array) {
    this.#places = prepared.places;
    this.#ends = prepared.ends;
    this.#weights = weights;
    this.#common = COMMON_VARIANCE * weights.reduce((sum, weight) => sum + weight, 0);
  }

  /** @throws Error when there is no pair. */
  static fit(pairs: readonly MeasuredPair[]): RoundTripModel {
    const prepared = prepare(pairs);
    const factor = cholesky(prepared.covariance, pairs.length);
    return new RoundTripModel(prepared, solveFactored(factor, pairs.length, prepared.logDetours));
  }

  /** Symmetric `places × places` round trips in ms, row by row; the diagonal is between two sites in one place. */
  matrix(places: readonly Coordinates[]): Float64Array {
    const geography = backboneMs(places);
    const alike = places.map((place) => Float64Array.from(this.#places, (known) => likeness(place, known)));
    const ms = new Float64Array(places.length ** 2);
    for (let i = 0; i < places.length; i += 1) {
      for (let j = i; j < places.length; j += 1) {
        const logDetour = this.#common + this.#local(alike[i]!, alike[j]!);
        const value = correctedMs(
          geography[i * places.length + j]!,
          logDetour,
          distanceKm(places[i]!, places[j]!),
        );
        ms[i * places.length + j] = ms[j * places.length + i] = value;
      }
    }
    return ms;
  }

  /** One round trip in ms, exactly the same in both directions. */
  rttMs(a: Coordinates, b: Coordinates): number {
    const inOrder = a.lat < b.lat || (a.lat === b.lat && a.lon <= b.lon);
    return this.matrix(inOrder ? [a, b] : [b, a])[1]!;
  }

  #local(a: Float64Array, b: Float64Array): number {
    let sum = 0;
    for (let pair = 0; pair < this.#weights.length; pair += 1) {
      const c = this.#ends[2 * pair]!;
      const d = this.#ends[2 * pair + 1]!;
      sum += this.#weights[pair]! * (a[c]! * b[d]! + a[d]! * b[c]!);
    }
    return LOCAL_VARIANCE * sum;
  }
}
