import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { distanceKm, type Coordinates } from '../geo.js';
import { backboneMs } from './backbone.js';
import { cholesky, invertFactored, solveFactored } from './linear-algebra.js';
import { measuredPairs, type MeasuredPair, type Place } from './measurements.js';
import { RoundTripModel } from './model.js';
import { bothRegionsUnseen, crossValidate, modelPredictor, oneRegionUnseen, quantile } from './validation.js';

const PLACES: readonly Place[] = [
  { id: 'x:frankfurt', lat: 50.11, lon: 8.68 },
  { id: 'x:london', lat: 51.51, lon: -0.13 },
  { id: 'x:mumbai', lat: 19.08, lon: 72.88 },
  { id: 'x:sao-paulo', lat: -23.55, lon: -46.63 },
  { id: 'y:tokyo', lat: 35.68, lon: 139.77 },
  { id: 'y:tokyo-too', lat: 35.5, lon: 139.6 },
];

/** All pairs of the places, each with a detour of its own. */
const PAIRS: readonly MeasuredPair[] = PLACES.flatMap((a, i) =>
  PLACES.slice(i + 1).map((b, j) => {
    const rttMs = 4 + distanceKm(a, b) * 0.01 * (1.2 + ((i * 7 + j * 3) % 5) / 5);
    return { a, b, rttMs, plainMs: rttMs };
  }),
);

const somewhere = fc.record<Coordinates>({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
});

describe('the round-trip model', () => {
  const model = RoundTripModel.fit(PAIRS);

  it('is symmetric and never below light in fibre, anywhere on Earth', () => {
    fc.assert(
      fc.property(somewhere, somewhere, (a, b) => {
        const ms = model.rttMs(a, b);
        expect(ms).toBe(model.rttMs(b, a));
        expect(ms).toBeGreaterThanOrEqual(distanceKm(a, b) / 100 - 1e-9);
        expect(ms).toBeLessThan(1500);
      }),
    );
  });

  it('gives the same figures again, whatever the order of what it learns from', () => {
    const again = RoundTripModel.fit([...PAIRS]);
    const turned = RoundTripModel.fit([...PAIRS].reverse());
    expect([...again.matrix(PLACES)]).toEqual([...model.matrix(PLACES)]);
    turned.matrix(PLACES).forEach((ms, n) => expect(ms).toBeCloseTo(model.matrix(PLACES)[n]!, 6));
  });

  it('moves towards what it learns, without repeating it', () => {
    const [pair] = PAIRS;
    const slower = PAIRS.map((one) => (one === pair ? { ...one, rttMs: 2 * one.rttMs } : one));
    const moved = RoundTripModel.fit(slower).rttMs(pair!.a, pair!.b);
    expect(moved).toBeGreaterThan(model.rttMs(pair!.a, pair!.b));
    expect(moved).toBeLessThan(2 * pair!.rttMs);
  });

  it('gives left-out pairs exactly what a fit without them gives', () => {
    const predict = modelPredictor(PAIRS);
    const rounds = [
      ...bothRegionsUnseen(PAIRS, 0),
      ...bothRegionsUnseen(PAIRS, 50),
      ...oneRegionUnseen(PAIRS, 50),
    ];
    for (const round of rounds) {
      const refitted = RoundTripModel.fit(PAIRS.filter((_, index) => !round.leftOut.includes(index)));
      const predicted = predict(round);
      round.tested.forEach((index, n) => {
        const { a, b } = PAIRS[index]!;
        expect(predicted[n]).toBeCloseTo(refitted.rttMs(a, b), 6);
      });
    }
  });

  it('refuses to learn from nothing', () => {
    expect(() => RoundTripModel.fit([])).toThrow('no measured pair');
  });
});

describe('cross-validation', () => {
  it('leaves out every pair of the two regions, and of regions nearby where it shall', () => {
    const touching = (ids: readonly string[]) =>
      PAIRS.flatMap(({ a, b }, index) => (ids.includes(a.id) || ids.includes(b.id) ? [index] : []));
    const tested = PAIRS.findIndex(({ a, b }) => a.id === 'x:london' && b.id === 'y:tokyo');
    expect(bothRegionsUnseen(PAIRS, 0)[tested]).toEqual({
      leftOut: touching(['x:london', 'y:tokyo']),
      tested: [tested],
    });
    expect(bothRegionsUnseen(PAIRS, 50)[tested]!.leftOut).toEqual(
      touching(['x:london', 'y:tokyo', 'y:tokyo-too']),
    );
  });

  it('summarises absolute errors by their quantiles', () => {
    expect(quantile([3, 1, 2, 10], 0.5)).toBe(2.5);
    const rounds = PAIRS.map((_, index) => ({ leftOut: [index], tested: [index] }));
    const errors = crossValidate(PAIRS, rounds, ({ tested }) => tested.map((n) => PAIRS[n]!.rttMs - n));
    expect(errors.medianMs).toBeCloseTo(7, 9);
    expect(errors.p90Ms).toBeCloseTo(12.6, 9);
    expect(errors.tested).toBe(15);
  });
});

describe('the sketch of the network', () => {
  it('goes round continents as traffic does: Tokyo to London costs more than its distance', () => {
    const [, tokyoToLondon] = backboneMs([PLACES[4]!, PLACES[1]!]);
    expect(tokyoToLondon).toBeGreaterThan((distanceKm(PLACES[4]!, PLACES[1]!) / 100) * 1.5);
  });
});

describe('measured pairs', () => {
  const place = (id: string): Place | undefined => PLACES.find((one) => one.id === id);
  const series = (from: string, to: string, minMs: number, avgMs = minMs) => ({ from, to, minMs, avgMs });

  it('are one a pair, sorted, from both directions, without places nobody knows', () => {
    const pairs = measuredPairs(
      [
        series('y:tokyo', 'x:london', 230),
        series('x:london', 'y:tokyo', 230),
        series('x:frankfurt', 'x:london', 13),
        series('x:frankfurt', 'x:frankfurt', 0.2),
        series('x:london', 'x:atlantis', 50),
        series('x:london', 'x:mumbai', Number.NaN),
      ],
      place,
    );
    expect(pairs.map(({ a, b, rttMs }) => [a.id, b.id, rttMs])).toEqual([
      ['x:frankfurt', 'x:london', 13],
      ['x:london', 'y:tokyo', 230],
    ]);
  });

  it('leave out series faster than light in fibre, and trust the steadier direction', () => {
    const [faulty] = measuredPairs(
      [series('x:london', 'y:tokyo', 1.1, 141), series('y:tokyo', 'x:london', 232)],
      place,
    );
    expect(faulty).toMatchObject({ rttMs: 232, plainMs: (71.05 + 232) / 2 });
    const [unsteady] = measuredPairs(
      [series('x:london', 'y:tokyo', 110, 160), series('y:tokyo', 'x:london', 232)],
      place,
    );
    expect(unsteady!.rttMs).toBeCloseTo(232, 1);
  });
});

describe('linear algebra', () => {
  it('solves and inverts positive definite matrices, and refuses others', () => {
    const matrix = Float64Array.of(4, 2, 0.6, 2, 5, 1, 0.6, 1, 3);
    const factor = cholesky(matrix, 3);
    const solved = solveFactored(factor, 3, Float64Array.of(4 + 4 + 1.8, 2 + 10 + 3, 0.6 + 2 + 9));
    [1, 2, 3].forEach((value, n) => expect(solved[n]).toBeCloseTo(value, 12));
    const inverse = invertFactored(factor, 3);
    for (let row = 0; row < 3; row += 1) {
      for (let column = 0; column < 3; column += 1) {
        let sum = 0;
        for (let k = 0; k < 3; k += 1) sum += matrix[row * 3 + k]! * inverse[k * 3 + column]!;
        expect(sum).toBeCloseTo(row === column ? 1 : 0, 12);
      }
    }
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow('not positive definite');
  });
});
