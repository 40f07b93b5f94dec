import { distanceKm } from '../geo.js';
import { FIBRE_MS_PER_KM } from './backbone.js';
import { cholesky, invertFactored, solveFactored } from './linear-algebra.js';
import type { MeasuredPair, Place } from './measurements.js';
import { correctedMs, prepare } from './model.js';

/** One round of a cross-validation: indices of pairs. Every tested pair is among those left out. */
export interface Round {
  readonly leftOut: readonly number[];
  readonly tested: readonly number[];
}

/** Round trips in ms for the tested pairs of a round, learnt from the pairs not left out. */
export type Predictor = (round: Round) => readonly number[];

const indicesWhere = (pairs: readonly MeasuredPair[], test: (pair: MeasuredPair) => boolean): number[] =>
  pairs.flatMap((pair, index) => (test(pair) ? [index] : []));

const isNear = (place: Place, other: Place, withinKm: number): boolean =>
  place.id === other.id || distanceKm(place, other) <= withinKm;

/**
 * Each pair tested with every pair left out that touches either of its regions, or a region within the given distance of
 * one (0 km: the same region id only, so another cloud in the same city may stay in).
 */
export function bothRegionsUnseen(pairs: readonly MeasuredPair[], withinKm: number): Round[] {
  const near = (place: Place, { a, b }: MeasuredPair) =>
    withinKm > 0 ? isNear(a, place, withinKm) || isNear(b, place, withinKm) : [a.id, b.id].includes(place.id);
  return pairs.map(({ a, b }, index) => ({
    leftOut: indicesWhere(pairs, (pair) => near(a, pair) || near(b, pair)),
    tested: [index],
  }));
}

/** Each region's pairs tested with all pairs left out that touch it or a region within the distance; their other ends are known. */
export function oneRegionUnseen(pairs: readonly MeasuredPair[], withinKm: number): Round[] {
  const regions = new Map(pairs.flatMap(({ a, b }) => [a, b]).map((place) => [place.id, place]));
  return [...regions.values()].map((region) => ({
    leftOut: indicesWhere(pairs, ({ a, b }) =>
      [a, b].some((end) => (withinKm > 0 ? isNear(end, region, withinKm) : end.id === region.id)),
    ),
    tested: indicesWhere(pairs, ({ a, b }) => a.id === region.id || b.id === region.id),
  }));
}

const providerOf = (place: Place): string => place.id.split(':')[0] ?? '';

/**
 * Each provider's pairs tested (one end or both) with all of them left out; with a distance, each in a round of its own
 * that also leaves out what touches a region of any provider within the distance of either end.
 */
export function providerUnseen(pairs: readonly MeasuredPair[], withinKm: number): Map<string, Round[]> {
  const providers = [...new Set(pairs.flatMap(({ a, b }) => [providerOf(a), providerOf(b)]))].sort();
  const nearby = withinKm > 0 ? bothRegionsUnseen(pairs, withinKm) : [];
  return new Map(
    providers.map((provider) => {
      const theirs = indicesWhere(pairs, ({ a, b }) => [providerOf(a), providerOf(b)].includes(provider));
      if (withinKm === 0) return [provider, [{ leftOut: theirs, tested: theirs }]];
      const rounds = theirs.map((index) => ({
        leftOut: [...new Set([...theirs, ...nearby[index]!.leftOut])],
        tested: [index],
      }));
      return [provider, rounds];
    }),
  );
}

/** The rows and columns of a `size × size` matrix with the given indices. */
function block(matrix: Float64Array, size: number, indices: readonly number[]): Float64Array {
  const count = indices.length;
  const part = new Float64Array(count * count);
  indices.forEach((row, r) =>
    indices.forEach((column, c) => (part[r * count + c] = matrix[row * size + column]!)),
  );
  return part;
}

/**
 * The model's predictor: what a fit to the pairs not left out gives. Leaving few pairs out of a Gaussian process needs no
 * refit, for the inverse covariance of all tells; leaving most out, the few that stay are solved.
 */
export function modelPredictor(pairs: readonly MeasuredPair[]): Predictor {
  const { covariance, logDetours, backbone } = prepare(pairs);
  const size = pairs.length;
  const factor = cholesky(covariance, size);
  const inverse = invertFactored(factor, size);
  const weights = solveFactored(factor, size, logDetours);
  const solve = (matrix: Float64Array, indices: readonly number[], right: Float64Array) =>
    solveFactored(
      cholesky(block(matrix, size, indices), indices.length),
      indices.length,
      Float64Array.from(indices, (index) => right[index]!),
    );
  return (round) => {
    const { leftOut, tested } = round;
    const kept = known(pairs, round);
    const few = leftOut.length <= kept.length;
    const solved = few ? solve(inverse, leftOut, weights) : solve(covariance, kept, logDetours);
    const position = new Map(leftOut.map((index, n) => [index, n]));
    return tested.map((index) => {
      const logDetour = few
        ? logDetours[index]! - solved[position.get(index)!]!
        : kept.reduce((sum, other, n) => sum + covariance[index * size + other]! * solved[n]!, 0);
      return correctedMs(backbone[index]!, logDetour, distanceKm(pairs[index]!.a, pairs[index]!.b));
    });
  };
}

/** Least squares: intercept (ms) and slope (ms per km) of round trips on distance. */
function distanceLine(km: readonly number[], ms: readonly number[]): [intercept: number, slope: number] {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanKm = mean(km);
  const meanMs = mean(ms);
  const covariance = mean(km.map((value, n) => (value - meanKm) * (ms[n]! - meanMs)));
  const slope = covariance / mean(km.map((value) => (value - meanKm) ** 2));
  return [meanMs - slope * meanKm, slope];
}

function known(pairs: readonly MeasuredPair[], { leftOut }: Round): number[] {
  const out = new Set(leftOut);
  return pairs.map((_, index) => index).filter((index) => !out.has(index));
}

/** The peers: a line on distance, and the mean of the three nearest measured pairs, each corrected along that line. */
export function simplePredictors(pairs: readonly MeasuredPair[]): { line: Predictor; nearest: Predictor } {
  const km = pairs.map(({ a, b }) => distanceKm(a, b));
  const fit = (indices: readonly number[]) =>
    distanceLine(
      indices.map((n) => km[n]!),
      indices.map((n) => pairs[n]!.rttMs),
    );
  const apart = (one: MeasuredPair, other: MeasuredPair) =>
    Math.min(
      distanceKm(one.a, other.a) + distanceKm(one.b, other.b),
      distanceKm(one.a, other.b) + distanceKm(one.b, other.a),
    );
  const line: Predictor = (round) => {
    const [intercept, slope] = fit(known(pairs, round));
    return round.tested.map((index) => intercept + slope * km[index]!);
  };
  const nearest: Predictor = (round) => {
    const learnt = known(pairs, round);
    const [, slope] = fit(learnt);
    return round.tested.map((index) => {
      const closest = learnt
        .map((other) => ({ other, apartKm: apart(pairs[index]!, pairs[other]!) }))
        .sort((a, b) => a.apartKm - b.apartKm)
        .slice(0, 3);
      const ms = closest.map(({ other }) => pairs[other]!.rttMs + slope * (km[index]! - km[other]!));
      return Math.max(ms.reduce((sum, value) => sum + value, 0) / ms.length, km[index]! * FIBRE_MS_PER_KM);
    });
  };
  return { line, nearest };
}

/** Absolute errors in ms. */
export interface Errors {
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly tested: number;
}

/** The value below which the given share of the values lies, between neighbours linearly. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? below) - below);
}

/** Absolute errors of a predictor over all rounds, against the figure of each pair that `truth` picks. */
export function crossValidate(
  pairs: readonly MeasuredPair[],
  rounds: readonly Round[],
  predict: Predictor,
  truth: (pair: MeasuredPair) => number = ({ rttMs }) => rttMs,
): Errors {
  const errors = rounds.flatMap((round) => {
    const predicted = predict(round);
    return round.tested.map((index, n) => Math.abs(predicted[n]! - truth(pairs[index]!)));
  });
  return { medianMs: quantile(errors, 0.5), p90Ms: quantile(errors, 0.9), tested: errors.length };
}
