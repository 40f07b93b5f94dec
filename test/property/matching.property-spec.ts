import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { largestOrder } from '../../src/listings/allocation/reseating.js';
import { freeGpus, sellableGpus } from '../../src/matching/engine/capacity.js';
import type { EngineListing, EngineRequest, Market } from '../../src/matching/engine/market.js';
import { type MatchAnswer, matchRequest } from '../../src/matching/engine/match.js';
import type { Option } from '../../src/matching/engine/options.js';
import type { Constraint } from '../../src/matching/engine/constraints.js';
import { applyRelaxation } from '../../src/matching/engine/unmatched.js';
import { NOW, listingArbitrary, marketArbitrary, requestArbitrary } from '../support/market-arbitraries.js';
import { type NaiveOption, naiveFits, naiveFree, naiveMatch } from '../support/naive-match.js';

const RUNS = Number(process.env.MATCHING_RUNS ?? 2_500);
const FEWER_RUNS = Math.ceil(RUNS / 3);

const plain = (option: Option): NaiveOption => ({
  lines: option.lines.map(({ listing, gpus }) => ({ listingId: listing.id, gpus })),
  start: option.start,
  end: option.end,
  totalMicros: option.totalMicros,
  cost: option.cost,
});

/** The request without spreading, whose options are listings. */
const single = (request: EngineRequest): EngineRequest => ({ ...request, spread: false });

const check = (property: (market: Market, request: EngineRequest) => void, runs = FEWER_RUNS): void => {
  fc.assert(fc.property(marketArbitrary, requestArbitrary, property), { numRuns: runs });
};

/** The k-th best effective costs of `better` are nowhere above those of `worse`, and there are as many. */
function expectNoWorse(better: MatchAnswer, worse: MatchAnswer): void {
  expect(better.options.length).toBeGreaterThanOrEqual(worse.options.length);
  worse.options.forEach((option, i) => {
    expect(better.options[i]!.cost.micros).toBeLessThanOrEqual(option.cost.micros);
  });
}

/** The request without one of its constraints, where it can be dropped. */
const WITHOUT: Partial<Record<Constraint, Partial<EngineRequest>>> = {
  chips: { chips: null },
  vendor: { vendor: null },
  minMemoryGib: { minMemoryGib: null },
  minBf16Tflops: { minBf16Tflops: null },
  gpusPerNode: { gpusPerNode: null },
  interconnect: { interconnect: null },
  minInterconnectGbps: { minInterconnectGbps: null },
  countries: { countriesAllowed: null, countriesDenied: null },
  verified: { verified: false },
  minReliability: { minReliability: null },
  maxPricePerGpuHour: { maxRateMicros: null },
};

describe('the matching engine', () => {
  test('gives exactly what its naive twin gives: the same options, order and cost parts', () => {
    check((market, request) => {
      expect(matchRequest(market, request).options.map(plain)).toEqual(naiveMatch(market, request));
    }, RUNS);
  });

  test('meets both options and refusals in what it is tested on', () => {
    let [answered, refused, spread, late] = [0, 0, 0, 0];
    check((market, request) => {
      const { options } = matchRequest(market, request);
      answered += options.length > 0 ? 1 : 0;
      refused += options.length === 0 ? 1 : 0;
      spread += options.some(({ lines }) => lines.length > 1) ? 1 : 0;
      late += options.some(({ start }) => start > request.earliestStart) ? 1 : 0;
    });
    expect(Math.min(answered, refused)).toBeGreaterThan(FEWER_RUNS / 10);
    expect(Math.min(spread, late)).toBeGreaterThan(FEWER_RUNS / 500);
  });

  test('finds the same free GPUs in a window as trying every size minute by minute', () => {
    fc.assert(
      fc.property(listingArbitrary, fc.nat(12), fc.integer({ min: 1, max: 12 }), (make, wait, minutes) => {
        const listing = make(0);
        const window = { start: NOW + wait, end: NOW + wait + minutes };
        expect(sellableGpus(listing, window)).toBe(naiveFree(listing, window.start, window.end));
      }),
      { numRuns: FEWER_RUNS },
    );
  });

  test('counts free GPUs as the allocation does that hands them out', () => {
    fc.assert(
      fc.property(listingArbitrary, fc.nat(12), fc.integer({ min: 1, max: 12 }), (make, wait, minutes) => {
        const listing = make(0);
        const window = { start: NOW + wait, end: NOW + wait + minutes };
        const seatings = listing.busy.map(({ gpus, start, end }, i) => ({
          bookingId: `${i}`,
          period: { start, end },
          gpus: [...gpus],
          pinned: false,
        }));
        expect(freeGpus(listing, window)).toBe(largestOrder(listing, seatings, window));
      }),
      { numRuns: FEWER_RUNS },
    );
  });

  test('counts as free every smaller size too', () => {
    fc.assert(
      fc.property(listingArbitrary, fc.nat(12), fc.integer({ min: 1, max: 12 }), (make, wait, minutes) => {
        const listing = make(0);
        const window = { start: NOW + wait, end: NOW + wait + minutes };
        const free = freeGpus(listing, window);
        for (let gpus = listing.gpuIncrement; gpus <= free; gpus += listing.gpuIncrement) {
          expect(naiveFits(listing, gpus, window.start, window.end)).toBe(true);
        }
      }),
      { numRuns: FEWER_RUNS },
    );
  });

  test('explains the cost by parts that sum to it exactly, and the total by its lines', () => {
    check((market, request) => {
      for (const { cost, lines, totalMicros } of matchRequest(market, request).options) {
        expect(cost.parts.reduce((sum, part) => sum + part.micros, 0n)).toBe(cost.micros);
        expect(lines.reduce((sum, line) => sum + line.totalMicros, 0n)).toBe(totalMicros);
        expect(lines.reduce((sum, line) => sum + line.gpus, 0)).toBe(request.gpus);
      }
    });
  });

  test('does not depend on the order of the listings', () => {
    check((market, request) => {
      const backwards = { ...market, listings: market.listings.toReversed() };
      const [one, other] = [matchRequest(market, request), matchRequest(backwards, request)];
      expect(one.options.map(plain)).toEqual(other.options.map(plain));
      expect(one.unmatched).toEqual(other.unmatched);
    });
  });

  test('promises of a nearest miss exactly what applying it yields, and always a gain', () => {
    check((market, request) => {
      const { matched, nearest } = matchRequest(market, request).unmatched;
      for (const relaxation of nearest) {
        const relaxed = applyRelaxation(request, relaxation);
        expect(naiveMatch(market, relaxed)).toHaveLength(relaxation.matches);
        expect(relaxation.matches).toBeGreaterThan(matched);
      }
    });
  });

  test('names the cheapest step of price, and the earliest of the deadline, that gains anything', () => {
    check((market, asked) => {
      const request = single(asked);
      const { matched, nearest } = matchRequest(market, request).unmatched;
      const price = nearest.find((relaxation) => relaxation.constraint === 'maxPricePerGpuHour');
      if (price) {
        const justBelow = { ...request, maxRateMicros: price.rateMicros - 1n };
        expect(naiveMatch(market, justBelow)).toHaveLength(matched);
      }
      const window = nearest.find((relaxation) => relaxation.constraint === 'window');
      if (window) {
        const justBefore = { ...request, deadline: window.deadline - 1 };
        expect(naiveMatch(market, justBefore)).toHaveLength(matched);
      }
    });
  });

  test('counts under "alone" exactly the options that dropping the constraint adds', () => {
    check((market, asked) => {
      const request = single(asked);
      const { matched, removedByConstraint } = matchRequest(market, request).unmatched;
      for (const { constraint, alone, removed } of removedByConstraint) {
        expect(alone).toBeLessThanOrEqual(removed);
        const without = WITHOUT[constraint];
        if (without) expect(naiveMatch(market, { ...request, ...without })).toHaveLength(matched + alone);
      }
    });
  });

  test('never answers worse when a bound is loosened', () => {
    check((market, asked) => {
      const request = single(asked);
      const before = matchRequest(market, request);
      const looser: Partial<EngineRequest>[] = [
        { maxRateMicros: request.maxRateMicros === null ? null : request.maxRateMicros + 500_000n },
        { deadline: request.deadline + 3 },
        { countriesDenied: null },
        { minReliability: null },
        { origins: request.origins.map((from) => ({ ...from, maxRttMs: null })) },
      ];
      for (const change of looser) expectNoWorse(matchRequest(market, { ...request, ...change }), before);
    });
  });

  test('never answers worse for another listing, nor better for another booking', () => {
    fc.assert(
      fc.property(marketArbitrary, requestArbitrary, listingArbitrary, (market, asked, make) => {
        const request = single(asked);
        const listings: EngineListing[] = [...market.listings, make(market.listings.length)];
        const richer = matchRequest({ ...market, listings }, request);
        const before = matchRequest(market, request);
        expectNoWorse(richer, before);
        const full = market.listings.map((listing) => ({
          ...listing,
          busy: [
            ...listing.busy,
            { gpus: [{ from: 0, to: listing.gpusPerNode }], start: NOW + 2, end: NOW + 7 },
          ],
        }));
        expectNoWorse(before, matchRequest({ ...market, listings: full }, request));
      }),
      { numRuns: FEWER_RUNS },
    );
  });
});
