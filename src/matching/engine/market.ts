import type { Minute } from '../../kernel/period.js';
import type { RateMicros, TermDiscount } from '../../kernel/rate.js';

export type Workload = 'training' | 'inference';
export type Interconnect = 'none' | 'pcie' | 'nvlink' | 'infiniband' | 'roce';

/** What the engine knows of a chip. */
export interface ChipFacts {
  code: string;
  name: string;
  vendor: string;
  memoryGib: number;
  /** GB/s; null where the vendor has published none. */
  memoryBandwidthGbps: number | null;
  /** Dense bf16 TFLOPS; null where the chip has no bf16. */
  bf16Tflops: number | null;
  fp16Tflops: number | null;
}

/** GPU numbers `[from, to)` of a listing. */
export interface GpuSpan {
  from: number;
  to: number;
}

/** Numbered GPUs that a booking holds for a half-open window. */
export interface Busy {
  gpus: readonly GpuSpan[];
  start: Minute;
  end: Minute;
}

/** The GPUs of a listing as seats: node `n` has the numbers `[n * gpusPerNode, (n + 1) * gpusPerNode)`. */
export interface Seats {
  nodes: number;
  gpusPerNode: number;
  /** Equal to `gpusPerNode` where only whole nodes are sold. */
  gpuIncrement: number;
  busy: readonly Busy[];
}

/** An active listing with its calendar. Money is integer micro-units of the settlement currency. */
export interface EngineListing extends Seats {
  /** UUID text in lower case: the last key of every order. */
  id: string;
  operatorId: string;
  operatorName: string;
  verificationTier: number;
  siteId: string;
  siteName: string;
  lat: number;
  lon: number;
  region: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  chip: ChipFacts;
  interconnect: Interconnect;
  interconnectGbps: number | null;
  workloads: readonly Workload[];
  /** The ask: what one GPU-hour costs before term discounts. */
  rateMicros: RateMicros;
  termDiscounts: readonly TermDiscount[];
  availableFrom: Minute | null;
  availableUntil: Minute | null;
  minMinutes: number;
  maxMinutes: number | null;
  minGpus: number;
  maxGpus: number;
  /** 0 to 1 in steps of 0.0001: the chance that a node runs 30 days undisturbed. */
  reliability: number;
}

/** A round trip between two regions, in ms with at most three decimals. */
export interface Rtt {
  rttMs: number;
  source: 'measured' | 'modelled';
}

/** Everything a question is answered from. */
export interface Market {
  listings: readonly EngineListing[];
  /** The round trip between two region codes. */
  rtt: (from: string, to: string) => Rtt;
  /** The chip whose hour is the unit of useful work (`h100-sxm-80gb`). */
  reference: ChipFacts;
  currency: string;
}

/**
 * What a listing must be, whatever the window: the part that a request and a search of offers share. Null or an
 * empty origin list asks nothing.
 */
export interface Terms {
  /** Canonical chip codes. */
  chips: ReadonlySet<string> | null;
  vendor: string | null;
  minMemoryGib: number | null;
  minBf16Tflops: number | null;
  workload: Workload | null;
  /** The listing's nodes have exactly this many GPUs. */
  gpusPerNode: number | null;
  /** Exactly this class: `nvlink` is inside a node, `infiniband` and `roce` are between nodes. */
  interconnect: Interconnect | null;
  minInterconnectGbps: number | null;
  /** The most that a GPU-hour may cost after the term discount. */
  maxRateMicros: RateMicros | null;
  regions: ReadonlySet<string> | null;
  countriesAllowed: ReadonlySet<string> | null;
  countriesDenied: ReadonlySet<string> | null;
  minReliability: number | null;
  verified: boolean;
  origins: readonly Origin[];
  /** Listings of this operator are left out: nobody rents from itself. */
  exceptOperatorId: string | null;
}

/** Where users are. `weight` is relative to the others'; `maxRttMs` binds for this origin alone. */
export interface Origin {
  region: string;
  /** For sentences: "Frankfurt". */
  name: string;
  weight: number;
  maxRttMs: number | null;
}

/** What a buyer needs, resolved: canonical codes, whole minutes, settlement micro-units. */
export interface EngineRequest extends Terms {
  workload: Workload;
  gpus: number;
  minutes: number;
  now: Minute;
  /** Not before now. */
  earliestStart: Minute;
  /** The whole window lies before it. */
  deadline: Minute;
  /** No booking starts after this minute, whatever the deadline. */
  horizon: Minute;
  /** Whether several listings of one operator may serve the request together. */
  spread: boolean;
  /** Latency up to this is worth nothing more; null counts from 0. */
  targetRttMs: number | null;
  /** What a millisecond above the target costs, per GPU-hour. */
  msCostMicros: bigint;
  /** What each hour of starting later than `earliestStart` costs. */
  delayCostMicros: bigint;
  /** How many matches to give. */
  limit: number;
}
