import fc from 'fast-check';
import type {
  Busy,
  ChipFacts,
  EngineListing,
  EngineRequest,
  Market,
} from '../../src/matching/engine/market.js';

/** Small, nasty markets: few nodes, short calendars, equal prices, edges that touch. Minutes run from `NOW`. */
export const NOW = 1_000;

const chip = (
  code: string,
  memoryGib: number,
  bf16Tflops: number | null,
  bandwidth: number | null,
): ChipFacts => ({
  code,
  name: code.toUpperCase(),
  vendor: code === 'mi300x' ? 'AMD' : 'NVIDIA',
  memoryGib,
  memoryBandwidthGbps: bandwidth,
  bf16Tflops,
  fp16Tflops: bf16Tflops,
});

export const H100 = chip('h100', 80, 989, 3350);
const CHIPS = [
  H100,
  chip('h200', 141, 989, 4800),
  chip('mi300x', 192, 1307, 5300),
  chip('p100', 16, null, 732),
];

const REGIONS = ['de-frankfurt', 'fr-paris', 'cn-ulanqab', 'us-ashburn'] as const;
const COUNTRY_OF: Record<string, string> = {
  'de-frankfurt': 'DE',
  'fr-paris': 'FR',
  'cn-ulanqab': 'CN',
  'us-ashburn': 'US',
};

/** Symmetric round trips, some measured. */
export function rtt(from: string, to: string): { rttMs: number; source: 'measured' | 'modelled' } {
  const [a, b] = [from, to].map((code) => (REGIONS as readonly string[]).indexOf(code)) as [number, number];
  const distance = Math.abs(a - b);
  return { rttMs: distance === 0 ? 1.5 : distance * 40.25, source: distance === 1 ? 'measured' : 'modelled' };
}

const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Null most of the time, so that a request has few bounds and something gets through. */
const seldom = <T>(...values: T[]): fc.Arbitrary<T | null> =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 16 }, { arbitrary: pick(...values), weight: 1 });

/** A booking as it is wished for: what collides with an earlier one is dropped. */
const wish = fc.record({
  node: fc.nat(3),
  offset: fc.nat(3),
  gpus: fc.integer({ min: 1, max: 8 }),
  start: fc.integer({ min: NOW - 4, max: NOW + 14 }),
  // One-minute gaps, and bookings that fill the whole horizon.
  minutes: pick(1, 2, 3, 5, 8, 40),
});

type Wish = { node: number; offset: number; gpus: number; start: number; minutes: number };

const collides = (a: Busy, b: Busy): boolean =>
  a.start < b.end &&
  b.start < a.end &&
  a.gpus.some((x) => b.gpus.some((y) => x.from < y.to && y.from < x.to));

function bookings(wishes: readonly Wish[], nodes: number, gpusPerNode: number, gpuIncrement: number): Busy[] {
  const busy: Busy[] = [];
  for (const { node, offset, gpus, start, minutes } of wishes) {
    const first = (node % nodes) * gpusPerNode;
    const whole = gpuIncrement === gpusPerNode || gpus >= gpusPerNode;
    const from = whole ? first : first + (offset % gpusPerNode);
    const last = whole
      ? Math.min(nodes, (node % nodes) + Math.ceil(gpus / gpusPerNode)) * gpusPerNode
      : Math.min(first + gpusPerNode, from + gpus);
    const wanted = { gpus: [{ from, to: last }], start, end: start + minutes };
    if (!busy.some((other) => collides(wanted, other))) busy.push(wanted);
  }
  return busy;
}

const shape = fc
  .record({
    nodes: pick(1, 2, 3, 3),
    gpusPerNode: pick(1, 2, 2, 4, 4),
    whole: fc.boolean(),
    step: pick(1, 2),
  })
  .map(({ nodes, gpusPerNode, whole, step }) => ({
    nodes,
    gpusPerNode,
    gpuIncrement: whole ? gpusPerNode : Math.min(step, gpusPerNode),
  }));

const draft = fc.record({
  shape,
  sizes: fc.tuple(pick(1, 1, 1, 1, 1, 2, 4), pick(12, 12, 12, 12, 4, 3, 2)),
  busy: fc.array(wish, { maxLength: 5 }),
  operator: pick(0, 0, 0, 1),
  region: pick(...REGIONS),
  chip: pick(...CHIPS),
  interconnect: pick('pcie' as const, 'nvlink' as const, 'infiniband' as const),
  interconnectGbps: pick(null, 200, 400),
  workloads: pick(
    ['training' as const, 'inference' as const],
    ['training' as const],
    ['inference' as const],
    ['training' as const, 'inference' as const],
  ),
  rateMicros: pick(1_999_999n, 2_000_000n, 2_000_000n, 2_500_001n, 3_333_333n),
  termDiscounts: pick([], [{ minHours: 0.1, percentOff: 12.5 }]),
  availability: pick(
    [null, null],
    [null, null],
    [null, null],
    [NOW + 2, null],
    [null, NOW + 8],
    [NOW, NOW + 6],
    [NOW + 3, NOW + 30],
  ),
  lengths: pick([1, null], [1, null], [1, null], [3, null], [1, 4], [5, 5]),
  reliability: pick(0, 0.9, 0.97, 0.97, 0.9999, 1),
  verificationTier: pick(0, 1, 3),
});

/** A listing whose id follows its place in the market, so that ties are decided by something that shrinks well. */
export const listingArbitrary = draft.map((value) => (index: number): EngineListing => {
  const { nodes, gpusPerNode } = value.shape;
  const [minGpus, maxGpus] = value.sizes
    .map((size) => Math.min(size, nodes * gpusPerNode))
    .sort((a, b) => a - b) as [number, number];
  const [availableFrom, availableUntil] = value.availability as [number | null, number | null];
  const [minMinutes, maxMinutes] = value.lengths as [number, number | null];
  return {
    ...value.shape,
    id: `listing-${index}`,
    operatorId: `operator-${value.operator}`,
    operatorName: `Operator ${value.operator}`,
    verificationTier: value.verificationTier,
    siteId: `site-${index}`,
    siteName: `Site ${index}`,
    lat: 0,
    lon: 0,
    region: value.region,
    country: COUNTRY_OF[value.region]!,
    chip: value.chip,
    interconnect: value.interconnect,
    interconnectGbps: value.interconnectGbps,
    workloads: value.workloads,
    rateMicros: value.rateMicros,
    termDiscounts: value.termDiscounts,
    availableFrom,
    availableUntil,
    minMinutes,
    maxMinutes,
    minGpus,
    maxGpus,
    reliability: value.reliability,
    busy: bookings(value.busy, nodes, gpusPerNode, value.shape.gpuIncrement),
  };
});

/** A market of up to six listings; the empty one included. */
export const marketArbitrary: fc.Arbitrary<Market> = fc
  .oneof(
    { arbitrary: fc.array(listingArbitrary, { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.array(listingArbitrary, { minLength: 4, maxLength: 6 }), weight: 3 },
  )
  .map((make) => ({ listings: make.map((listing, i) => listing(i)), rtt, reference: H100, currency: 'USD' }));

const origin = fc.record({
  region: pick(...REGIONS),
  weight: pick(1, 0.5, 3),
  maxRttMs: pick(null, null, 40, 40.25, 81, 130),
});

/** A request; unset bounds are frequent, so that some listings get through. */
export const requestArbitrary: fc.Arbitrary<EngineRequest> = fc
  .record({
    chips: seldom(new Set(['h100']), new Set(['h100', 'h200']), new Set(['mi300x', 'p100', 'h100'])),
    vendor: seldom('nvidia'),
    minMemoryGib: seldom(80, 142),
    minBf16Tflops: seldom(989, 1000),
    workload: pick('training' as const, 'inference' as const, 'inference' as const),
    gpusPerNode: seldom(2, 4),
    interconnect: seldom('nvlink' as const),
    minInterconnectGbps: seldom(400),
    maxRateMicros: seldom(1_000_000n, 1_750_000n, 2_000_000n, 2_500_001n),
    countriesAllowed: seldom(new Set(['DE', 'FR', 'CN'])),
    countriesDenied: seldom(new Set(['FR'])),
    minReliability: seldom(0.9, 0.97),
    verified: seldom(true).map((value) => value ?? false),
    origins: fc.uniqueArray(origin, { maxLength: 2, selector: ({ region }) => region }),
    exceptOperatorId: seldom('operator-0'),
    gpus: pick(1, 1, 2, 2, 2, 4, 4, 4, 5, 6, 8, 10),
    minutes: pick(1, 2, 3, 4, 4, 6, 8),
    wait: pick(0, 0, 1, 5),
    slack: pick(0, 0, 1, 3, 6, 16),
    horizon: pick(10_000, 10_000, 8),
    spread: pick(true, true, false),
    targetRttMs: pick(null, 20, 40.25),
    msCostMicros: pick(0n, 0n, 1_003n),
    delayCostMicros: pick(0n, 0n, 77_777n),
  })
  .map(({ wait, slack, horizon, origins, ...rest }) => ({
    ...rest,
    regions: null,
    spread: rest.spread && rest.workload === 'inference',
    gpus: rest.gpusPerNode === null ? rest.gpus : Math.ceil(rest.gpus / rest.gpusPerNode) * rest.gpusPerNode,
    origins: origins.map((from) => ({ ...from, name: from.region })),
    now: NOW,
    earliestStart: NOW + wait,
    deadline: NOW + wait + rest.minutes + slack,
    horizon: NOW + horizon,
    limit: 1_000,
  }));
