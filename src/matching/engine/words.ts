import { formatMicros } from '../../kernel/money.js';
import { MINUTES_PER_DAY, MINUTES_PER_HOUR, type Minute, isoMinute } from '../../kernel/period.js';
import type { CostPart } from './cost.js';
import { chipsCompete } from './cost.js';
import type { EngineRequest, Market } from './market.js';
import type { Option } from './options.js';
import type { Relaxation } from './unmatched.js';

/** "2.15 USD": no more decimals than it takes, at least two. */
export function amountWords(micros: bigint, currency: string): string {
  return `${formatMicros(micros).replace(/0{1,4}$/, '')} ${currency}`;
}

/** "72 h", "1.5 h", "20 min". */
export function lengthWords(minutes: number): string {
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min`;
  return `${Math.round((minutes / MINUTES_PER_HOUR) * 100) / 100} h`;
}

/** "starts at once", "starts 5 h later than you asked, at 2027-03-01T05:00:00Z". */
function startWords(request: EngineRequest, start: Minute): string {
  const wait = start - request.earliestStart;
  if (start <= request.now) return 'starts at once';
  if (wait <= 0) return `starts ${isoMinute(start)} as asked`;
  if (wait < MINUTES_PER_DAY)
    return `starts ${lengthWords(wait)} later than you asked, at ${isoMinute(start)}`;
  const days = Math.round((wait / MINUTES_PER_DAY) * 10) / 10;
  return `starts ${days} days later than you asked, at ${isoMinute(start)}`;
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

const ms = (value: number): string => `${Math.round(value)} ms`;

function latencyWords(request: EngineRequest, option: Option): string | null {
  if (!option.rtt) return null;
  const { byRegion, weighted, worst } = option.rtt;
  const names = list(request.origins.map((origin) => origin.name));
  const sources = [...new Set(byRegion.map((from) => from.source))].join(' and ');
  const spread = byRegion.length > 1 ? ` on average, ${ms(worst)} at worst` : '';
  return `${ms(weighted)} from ${names}${spread} (${sources})`;
}

function standing(market: Market, place: Place): string {
  const { position, of, aboveFirstMicros } = place;
  if (position === 1) return of === 1 ? 'the only one that fits' : `cheapest of ${of} that fit`;
  const above = amountWords(aboveFirstMicros, market.currency);
  return aboveFirstMicros === 0n
    ? `number ${position} of ${of} that fit, as cheap as the first`
    : `number ${position} of ${of} that fit, ${above} above the first`;
}

/** Where an option stands among those that fit; `aboveFirstMicros` is in effective cost. */
export interface Place {
  position: number;
  of: number;
  aboveFirstMicros: bigint;
}

/** The match as a sentence: what, where, at what price, how far, when, and how it compares. */
export function explain(market: Market, request: EngineRequest, option: Option, place: Place): string {
  const what = option.lines.map(
    ({ listing, gpus }) => `${gpus} × ${listing.chip.name} at ${listing.siteName}`,
  );
  const facts = [
    list(what),
    `${amountWords(option.rateMicros, market.currency)} a GPU-hour`,
    latencyWords(request, option),
    startWords(request, option.start),
  ].filter((fact) => fact !== null);
  // Where chips differ, the comparison is by useful work, so a dearer GPU-hour may stand first.
  const measure = place.of > 1 && chipsCompete(request) ? ', counting useful work' : '';
  return `${facts.join(', ')}; ${standing(market, place)}${measure}.`;
}

/** What a part of the cost stands for. */
export function partDetail(market: Market, request: EngineRequest, option: Option, part: CostPart): string {
  const hours = lengthWords(request.minutes);
  const { lines } = option;
  switch (part.name) {
    case 'price':
      return list(
        lines.map(
          (line) => `${line.gpus} GPUs for ${hours} at ${amountWords(line.rateMicros, market.currency)}`,
        ),
      );
    case 'interruption': {
      const scores = [...new Set(lines.map((line) => line.listing.reliability))].map((score) => `${score}`);
      return `work lost to interruptions, at a reliability of ${list(scores)}`;
    }
    case 'latency':
      return `${ms(option.rtt?.weighted ?? 0)} on average against ${ms(request.targetRttMs ?? 0)}`;
    case 'lateStart':
      return `${lengthWords(option.start - request.earliestStart)} after the earliest start`;
    case 'performance': {
      const measure = request.workload === 'training' ? 'dense 16-bit TFLOPS' : 'memory bandwidth';
      return `useful work against ${market.reference.name}, by ${measure}`;
    }
  }
}

/** "at 2.75 USD 4 offers match". */
export function relaxationWords(relaxation: Relaxation, currency: string): string {
  const { matches } = relaxation;
  const offers = matches === 1 ? '1 offer matches' : `${matches} offers match`;
  switch (relaxation.constraint) {
    case 'maxPricePerGpuHour':
      return `at ${amountWords(relaxation.rateMicros, currency)} ${offers}`;
    case 'latency':
      return `at ${relaxation.maxRttMs} ms ${offers}`;
    case 'window':
      return `with a deadline of ${isoMinute(relaxation.deadline)} ${offers}`;
    case 'gpus':
      return `with ${relaxation.gpus} GPUs ${offers}`;
  }
}
