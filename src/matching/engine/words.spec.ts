import { describe, expect, it, test } from '@jest/globals';
import type { EngineListing, EngineRequest, Market } from './market.js';
import { matchRequest } from './match.js';
import { amountWords, explain, relaxationWords } from './words.js';

const NOW = Date.UTC(2027, 2, 1) / 60_000;

const H100 = {
  code: 'h100-sxm-80gb',
  name: 'H100 SXM 80 GB',
  vendor: 'NVIDIA',
  memoryGib: 80,
  memoryBandwidthGbps: 3350,
  bf16Tflops: 989,
  fp16Tflops: 989,
};

const listing = (over: Partial<EngineListing>): EngineListing => ({
  id: 'a',
  operatorId: 'operator',
  operatorName: 'Operator',
  verificationTier: 1,
  siteId: 'site',
  siteName: 'Zhengzhou West',
  lat: 34.7,
  lon: 113.6,
  region: 'cn-zhengzhou',
  country: 'CN',
  chip: H100,
  interconnect: 'nvlink',
  interconnectGbps: 400,
  workloads: ['training', 'inference'],
  nodes: 1,
  gpusPerNode: 8,
  gpuIncrement: 8,
  rateMicros: 2_150_000n,
  termDiscounts: [],
  availableFrom: null,
  availableUntil: null,
  minMinutes: 1,
  maxMinutes: null,
  minGpus: 8,
  maxGpus: 8,
  reliability: 1,
  busy: [],
  ...over,
});

const marketOf = (...listings: EngineListing[]): Market => ({
  listings,
  rtt: () => ({ rttMs: 31.2, source: 'measured' }),
  reference: H100,
  currency: 'USD',
});

const REQUEST: EngineRequest = {
  workload: 'training',
  chips: new Set(['h100-sxm-80gb']),
  vendor: null,
  minMemoryGib: null,
  minBf16Tflops: null,
  gpus: 8,
  gpusPerNode: null,
  interconnect: null,
  minInterconnectGbps: null,
  maxRateMicros: null,
  regions: null,
  countriesAllowed: null,
  countriesDenied: null,
  minReliability: null,
  verified: false,
  origins: [{ region: 'de-frankfurt', name: 'Frankfurt', weight: 1, maxRttMs: null }],
  exceptOperatorId: null,
  minutes: 72 * 60,
  now: NOW,
  earliestStart: NOW,
  deadline: NOW + 10_000,
  horizon: NOW + 100_000,
  spread: false,
  targetRttMs: null,
  msCostMicros: 0n,
  delayCostMicros: 0n,
  limit: 20,
};

function sentences(market: Market, request: EngineRequest): string[] {
  const { options, unmatched } = matchRequest(market, request);
  return options.map((option, index) =>
    explain(market, request, option, {
      position: index + 1,
      of: unmatched.matched,
      aboveFirstMicros: option.cost.micros - options[0]!.cost.micros,
    }),
  );
}

describe('the sentence that explains a match', () => {
  it('says what, where, at what price, how far, when, and that it is the cheapest', () => {
    const market = marketOf(
      listing({}),
      listing({
        id: 'b',
        siteName: 'Ulanqab 2',
        rateMicros: 2_200_000n,
        busy: [{ gpus: [{ from: 0, to: 8 }], start: NOW, end: NOW + 90 }],
      }),
    );
    expect(sentences(market, REQUEST)).toEqual([
      '8 × H100 SXM 80 GB at Zhengzhou West, 2.15 USD a GPU-hour, 31 ms from Frankfurt (measured), starts at once; cheapest of 2 that fit.',
      '8 × H100 SXM 80 GB at Ulanqab 2, 2.20 USD a GPU-hour, 31 ms from Frankfurt (measured), starts 1.5 h later than you asked, at 2027-03-01T01:30:00Z; number 2 of 2 that fit, 28.80 USD above the first.',
    ]);
  });

  it('says that the comparison is by useful work where chips compete', () => {
    const request: EngineRequest = { ...REQUEST, chips: null, origins: [] };
    expect(sentences(marketOf(listing({})), request)).toEqual([
      '8 × H100 SXM 80 GB at Zhengzhou West, 2.15 USD a GPU-hour, starts at once; the only one that fits.',
    ]);
    const [first] = sentences(marketOf(listing({}), listing({ id: 'b' })), request);
    expect(first).toMatch(/; cheapest of 2 that fit, counting useful work\.$/);
  });

  it('names every listing of a spread', () => {
    const market = marketOf(
      listing({ minGpus: 8 }),
      listing({ id: 'b', siteName: 'Ulanqab 2', rateMicros: 2_250_000n }),
    );
    const request: EngineRequest = { ...REQUEST, workload: 'inference', gpus: 16, spread: true, origins: [] };
    expect(sentences(market, request)).toEqual([
      '8 × H100 SXM 80 GB at Zhengzhou West and 8 × H100 SXM 80 GB at Ulanqab 2, 2.20 USD a GPU-hour, starts at once; the only one that fits.',
    ]);
  });
});

describe('words for numbers', () => {
  test.each([
    [2_150_000n, '2.15 USD'],
    [2_000_000n, '2.00 USD'],
    [2_123_450n, '2.12345 USD'],
    [1n, '0.000001 USD'],
    [-500_000n, '-0.50 USD'],
  ])('%p micro-units read %p', (micros, words) => {
    expect(amountWords(micros, 'USD')).toBe(words);
  });

  test.each([
    [
      { constraint: 'maxPricePerGpuHour', rateMicros: 2_750_000n, matches: 4 } as const,
      'at 2.75 USD 4 offers match',
    ],
    [{ constraint: 'latency', maxRttMs: 75, matches: 1 } as const, 'at 75 ms 1 offer matches'],
    [{ constraint: 'gpus', gpus: 8, matches: 9 } as const, 'with 8 GPUs 9 offers match'],
    [
      { constraint: 'window', deadline: NOW, matches: 2 } as const,
      'with a deadline of 2027-03-01T00:00:00Z 2 offers match',
    ],
  ])('%p reads %p', (relaxation, words) => {
    expect(relaxationWords(relaxation, 'USD')).toBe(words);
  });
});
