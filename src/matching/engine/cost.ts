import { divideRounded } from '../../kernel/money.js';
import { MINUTES_PER_HOUR } from '../../kernel/period.js';
import { charge } from '../../kernel/rate.js';
import type { ChipFacts, EngineListing, EngineRequest, Market, Workload } from './market.js';

/**
 * The effective cost: what ranks. Every term is money for the whole window, in integer micro-units, and the parts sum
 * to the amount exactly.
 *
 *   price         rate after term discount × GPUs × hours
 *   interruption  price × ω: the work that failures are expected to cost (see `interruptionPpb`)
 *   latency       msCost × max(0, weighted RTT − target) × GPU-hours; 0 unless the request names a cost
 *   lateStart     delayCost × hours after `earliestStart`; 0 unless the request names a cost
 *   performance   what dividing the sum by the chip's useful work, relative to the reference chip, adds or takes away;
 *                 absent when the request names one chip, since nothing competes
 */
export type CostPartName = 'price' | 'interruption' | 'latency' | 'lateStart' | 'performance';

export interface CostPart {
  name: CostPartName;
  micros: bigint;
}

export interface Cost {
  micros: bigint;
  parts: CostPart[];
}

/** A booking of part of a listing, as it is priced and ranked. */
export interface PricedLine {
  listing: EngineListing;
  gpus: number;
  rateMicros: bigint;
}

const PPB = 1_000_000_000;
const PPM = 1_000_000;

/** Hours over which the reliability score is stated: 30 days. */
const SCORE_HOURS = 720;
/** Hours that writing a checkpoint takes, δ. */
const CHECKPOINT_HOURS = 2 / 60;
/** Hours that a restart takes, R. */
const RESTART_HOURS = 15 / 60;
/** A score of 0 would mean infinitely many interruptions; the scale's smallest step stands for it. */
const LEAST_SCORE = 0.0001;

/**
 * ω, the share of the paid work that interruptions are expected to cost, in parts per billion. The reliability score
 * is the chance that a node runs 30 days undisturbed, so a node is interrupted λ = −ln(score) / 720 times an hour.
 * Training stops on all of its nodes at once: Λ = λ · nodes, and with the best checkpoint interval (Young 1974) it
 * loses ω = sqrt(2 δ Λ) + R Λ. An inference replica is alone: ω = λ R. One rounding, here; all else is integers.
 */
export function interruptionPpb(reliability: number, workload: Workload, nodes: number): bigint {
  const perNodeHour = -Math.log(Math.min(1, Math.max(reliability, LEAST_SCORE))) / SCORE_HOURS;
  const perHour = perNodeHour * nodes;
  const share =
    workload === 'training'
      ? Math.sqrt(2 * CHECKPOINT_HOURS * perHour) + RESTART_HOURS * perHour
      : RESTART_HOURS * perNodeHour;
  return BigInt(Math.round(share * PPB));
}

/** What the work of a chip of which nothing is published is worth, relative to the reference: little. */
const UNKNOWN_RATIO = 0.01;

function ratioOf(own: number | null, reference: number | null): number | null {
  return own === null || reference === null ? null : own / reference;
}

/**
 * Useful work of a GPU-hour relative to the reference chip, in parts per million: dense bf16 (fp16 on chips older than
 * it) for training, memory bandwidth for inference; each stands in where the other is not published.
 */
export function performancePpm(chip: ChipFacts, reference: ChipFacts, workload: Workload): bigint {
  const compute = ratioOf(chip.bf16Tflops ?? chip.fp16Tflops, reference.bf16Tflops);
  const bandwidth = ratioOf(chip.memoryBandwidthGbps, reference.memoryBandwidthGbps);
  const ratio = workload === 'training' ? (compute ?? bandwidth) : (bandwidth ?? compute);
  return BigInt(Math.max(1, Math.round((ratio ?? UNKNOWN_RATIO) * PPM)));
}

/** Whether costs are divided by useful work: always, but for a request that names exactly one chip. */
export const chipsCompete = (request: Pick<EngineRequest, 'chips'>): boolean => request.chips?.size !== 1;

/** What the weighted round trip above the target costs. */
function latencyCost(request: EngineRequest, gpus: number, weightedRttMs: number | null): bigint {
  const above = Math.max(0, (weightedRttMs ?? 0) - (request.targetRttMs ?? 0));
  const microseconds = BigInt(Math.round(above * 1000));
  return divideRounded(
    request.msCostMicros * microseconds * BigInt(gpus) * BigInt(request.minutes),
    1000n * BigInt(MINUTES_PER_HOUR),
  );
}

/** The effective cost of one line that starts at `start`. */
export function lineCost(
  market: Pick<Market, 'reference'>,
  request: EngineRequest,
  line: PricedLine,
  timing: { start: number; weightedRttMs: number | null },
): Cost {
  const { listing, gpus } = line;
  const price = charge(line.rateMicros, gpus, request.minutes);
  const nodes = Math.ceil(gpus / listing.gpusPerNode);
  const interruption = divideRounded(
    price * interruptionPpb(listing.reliability, request.workload, nodes),
    BigInt(PPB),
  );
  const parts: CostPart[] = [
    { name: 'price', micros: price },
    { name: 'interruption', micros: interruption },
  ];
  if (request.msCostMicros > 0n) {
    parts.push({ name: 'latency', micros: latencyCost(request, gpus, timing.weightedRttMs) });
  }
  if (request.delayCostMicros > 0n) {
    const minutesLate = BigInt(timing.start - request.earliestStart);
    const lateStart = divideRounded(request.delayCostMicros * minutesLate, BigInt(MINUTES_PER_HOUR));
    parts.push({ name: 'lateStart', micros: lateStart });
  }
  const sum = parts.reduce((total, part) => total + part.micros, 0n);
  if (!chipsCompete(request)) return { micros: sum, parts };
  const perUsefulWork = divideRounded(
    sum * BigInt(PPM),
    performancePpm(listing.chip, market.reference, request.workload),
  );
  parts.push({ name: 'performance', micros: perUsefulWork - sum });
  return { micros: perUsefulWork, parts };
}

/** The cost of lines that serve a request together, part by part. */
export function addCosts(costs: readonly Cost[]): Cost {
  const parts = new Map<CostPartName, bigint>();
  for (const cost of costs) {
    for (const part of cost.parts) parts.set(part.name, (parts.get(part.name) ?? 0n) + part.micros);
  }
  return {
    micros: costs.reduce((sum, cost) => sum + cost.micros, 0n),
    parts: [...parts].map(([name, micros]) => ({ name, micros })),
  };
}
