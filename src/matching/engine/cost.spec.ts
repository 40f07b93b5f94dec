import { describe, expect, it, test } from '@jest/globals';
import { interruptionPpb, lineCost, performancePpm } from './cost.js';
import type { ChipFacts, EngineListing, EngineRequest, Workload } from './market.js';

const chip = (bf16Tflops: number | null, memoryBandwidthGbps: number | null): ChipFacts => ({
  code: 'chip',
  name: 'Chip',
  vendor: 'NVIDIA',
  memoryGib: 80,
  memoryBandwidthGbps,
  bf16Tflops,
  fp16Tflops: null,
});

const H100 = chip(989, 3350);

const listing = (over: Partial<EngineListing> = {}): EngineListing =>
  ({ gpusPerNode: 8, reliability: 1, chip: H100, ...over }) as EngineListing;

const request = (over: Partial<EngineRequest> = {}): EngineRequest =>
  ({
    workload: 'training',
    chips: new Set(['chip']),
    gpus: 8,
    minutes: 600,
    earliestStart: 1_000,
    targetRttMs: null,
    msCostMicros: 0n,
    delayCostMicros: 0n,
    ...over,
  }) as EngineRequest;

const timing = { start: 1_000, weightedRttMs: null };

describe('the expected cost of interruption', () => {
  // By hand: λ = −ln(score) / 720; training ω = sqrt(2 · (2/60) · λ · nodes) + 0.25 · λ · nodes; inference ω = 0.25 · λ.
  test.each<[number, Workload, number, bigint]>([
    [1, 'training', 16, 0n],
    [1, 'inference', 1, 0n],
    [0.97, 'training', 1, 1_689_950n],
    [0.97, 'training', 16, 6_886_714n],
    [0.97, 'inference', 16, 10_576n],
    [0, 'inference', 1, 3_198_035n],
    [0.0001, 'inference', 1, 3_198_035n],
  ])('at a score of %p, for %s on %p nodes, is %p parts per billion', (score, workload, nodes, share) => {
    expect(interruptionPpb(score, workload, nodes)).toBe(share);
  });

  it('matches the worked example of 16 nodes at 0.0002 interruptions a node-hour: about 1.5 %', () => {
    const score = Math.exp(-720 * 2e-4);
    expect(Number(interruptionPpb(score, 'training', 16)) / 1e9).toBeCloseTo(0.0154, 4);
  });
});

describe('useful work relative to the reference chip', () => {
  test.each<[string, ChipFacts, Workload, bigint]>([
    ['the reference itself', H100, 'training', 1_000_000n],
    ['dense bf16 for training', chip(1307, 5300), 'training', 1_321_537n],
    ['memory bandwidth for inference', chip(1307, 5300), 'inference', 1_582_090n],
    ['fp16 where there is no bf16', { ...chip(null, 900), fp16Tflops: 125 }, 'training', 126_390n],
    ['memory bandwidth where no TFLOPS are published', chip(null, 335), 'training', 100_000n],
    ['TFLOPS where no bandwidth is published', chip(98.9, null), 'inference', 100_000n],
    ['little where nothing is published', chip(null, null), 'training', 10_000n],
  ])('is %s', (_, facts, workload, ppm) => {
    expect(performancePpm(facts, H100, workload)).toBe(ppm);
  });
});

describe('the effective cost of a line', () => {
  const market = { reference: H100 };

  it('is the price alone when nothing else counts', () => {
    const line = { listing: listing(), gpus: 8, rateMicros: 2_150_000n };
    expect(lineCost(market, request(), line, timing)).toEqual({
      micros: 172_000_000n,
      parts: [
        { name: 'price', micros: 172_000_000n },
        { name: 'interruption', micros: 0n },
      ],
    });
  });

  it('adds interruptions, latency above the target and a late start, each rounded once', () => {
    const line = { listing: listing({ reliability: 0.97 }), gpus: 8, rateMicros: 2_000_001n };
    const asked = request({ targetRttMs: 20, msCostMicros: 1_000n, delayCostMicros: 3_000_000n });
    // 80 GPU-hours: price 160.000080; interruptions 0.168995 % of it; 11.5 ms × 0.001 × 80; 90 minutes × 3.
    expect(lineCost(market, asked, line, { start: 1_090, weightedRttMs: 31.5 })).toEqual({
      micros: 160_000_080n + 270_392n + 920_000n + 4_500_000n,
      parts: [
        { name: 'price', micros: 160_000_080n },
        { name: 'interruption', micros: 270_392n },
        { name: 'latency', micros: 920_000n },
        { name: 'lateStart', micros: 4_500_000n },
      ],
    });
  });

  it('charges nothing for latency below the target', () => {
    const line = { listing: listing(), gpus: 8, rateMicros: 2_000_000n };
    const asked = request({ targetRttMs: 40, msCostMicros: 1_000n });
    const { parts } = lineCost(market, asked, line, { start: 1_000, weightedRttMs: 31.5 });
    expect(parts).toContainEqual({ name: 'latency', micros: 0n });
  });

  it('is divided by useful work where chips compete, and the difference is a part', () => {
    const line = { listing: listing({ chip: chip(1978, 8000) }), gpus: 8, rateMicros: 3_000_001n };
    const { micros, parts } = lineCost(market, request({ chips: null }), line, timing);
    expect(micros).toBe(120_000_040n);
    expect(parts.at(-1)).toEqual({ name: 'performance', micros: -120_000_040n });
  });
});
