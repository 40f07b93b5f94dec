import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMeasurementFiles, type Locate } from '../src/catalog/latency/measurement-files.js';
import { measuredPairs, type MeasuredPair } from '../src/catalog/latency/measurements.js';
import { RoundTripModel } from '../src/catalog/latency/model.js';
import {
  bothRegionsUnseen,
  crossValidate,
  modelPredictor,
  oneRegionUnseen,
  providerUnseen,
  quantile,
  simplePredictors,
  type Predictor,
  type Round,
} from '../src/catalog/latency/validation.js';

/*
 * B5: how far modelled round trips are from measured ones on regions the model has not seen, beside a line on distance and
 * the three nearest measured pairs corrected along that line. Deterministic: no clock, no chance.
 */

const BARS = { medianMs: 9, p90Ms: 30 } as const;
/** Regions this near count as one metro. */
const METRO_KM = 50;
const RESULTS = join('bench', 'results');

interface Row {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  readonly bar: string;
  readonly verdict: 'pass' | 'FAIL' | 'no bar';
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

function row(name: string, ours: number, peer: number, bar: number | undefined): Row {
  const verdict = bar === undefined ? 'no bar' : ours <= bar ? 'pass' : 'FAIL';
  return {
    name,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: rounded(ours / peer),
    bar: bar === undefined ? '-' : `<=${bar}`,
    verdict,
  };
}

function say({ name, ours, peer, ratio, bar, verdict }: Row): void {
  const cells = [name.padEnd(76), ours, peer, ratio, bar, verdict];
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(7)).join(' ')}\n`);
}

interface Protocol {
  readonly name: string;
  readonly rounds: readonly Round[];
}

const byRegion = (pairs: readonly MeasuredPair[]): Protocol[] => [
  { name: 'both-regions-unseen', rounds: bothRegionsUnseen(pairs, 0) },
  { name: 'both-metros-unseen-50km', rounds: bothRegionsUnseen(pairs, METRO_KM) },
  { name: 'one-region-unseen', rounds: oneRegionUnseen(pairs, 0) },
  { name: 'one-metro-unseen-50km', rounds: oneRegionUnseen(pairs, METRO_KM) },
];

/** Nothing where there is only one provider, for then nothing is left to learn from. */
function byProvider(pairs: readonly MeasuredPair[]): Protocol[] {
  const named = (suffix: string, withinKm: number) =>
    [...providerUnseen(pairs, withinKm)].map(([provider, rounds]) => ({
      name: `provider-unseen-${provider}${suffix}`,
      rounds: rounds.filter(({ leftOut }) => leftOut.length < pairs.length),
    }));
  return [...named('', 0), ...named(`-and-metros-${METRO_KM}km`, METRO_KM)].filter(
    ({ rounds }) => rounds.length > 0,
  );
}

/** Predicts each round once, for several comparisons count different figures as the truth. */
function remembering(predict: Predictor): Predictor {
  const done = new WeakMap<Round, readonly number[]>();
  return (round) => {
    const predicted = done.get(round) ?? predict(round);
    done.set(round, predicted);
    return predicted;
  };
}

interface Comparison {
  readonly prefix?: string;
  readonly barred?: boolean;
  /** Whether errors count against the data as it stands, faulty series included. */
  readonly plain?: boolean;
}

/** Ours and both peers on the same pairs. */
class Contest {
  readonly #ours: Predictor;
  readonly #peers: readonly (readonly [name: string, predict: Predictor])[];

  constructor(private readonly pairs: readonly MeasuredPair[]) {
    this.#ours = remembering(modelPredictor(pairs));
    const { line, nearest } = simplePredictors(pairs);
    this.#peers = [
      ['line', remembering(line)],
      ['3-nearest', remembering(nearest)],
    ];
  }

  rows(
    protocols: readonly Protocol[],
    { prefix = '', barred = true, plain = false }: Comparison = {},
  ): Row[] {
    const truth = (pair: MeasuredPair) => (plain ? pair.plainMs : pair.rttMs);
    const rows: Row[] = [];
    for (const { name, rounds } of protocols) {
      const own = crossValidate(this.pairs, rounds, this.#ours, truth);
      for (const [peer, predict] of this.#peers) {
        const theirs = crossValidate(this.pairs, rounds, predict, truth);
        const label = `${prefix}${name}/vs-${peer}`;
        const added = [
          row(`${label}/median-ms`, own.medianMs, theirs.medianMs, barred ? BARS.medianMs : undefined),
          row(`${label}/p90-ms`, own.p90Ms, theirs.p90Ms, barred ? BARS.p90Ms : undefined),
        ];
        added.forEach(say);
        rows.push(...added);
      }
    }
    return rows;
  }
}

/** How far the fitted model is from what it learnt from: it smooths, it does not repeat. */
function inSample(pairs: readonly MeasuredPair[]): Row[] {
  const model = RoundTripModel.fit(pairs);
  const errors = pairs.map(({ a, b, rttMs }) => Math.abs(model.rttMs(a, b) - rttMs));
  const noise = pairs.map(({ rttMs, plainMs }) => Math.abs(rttMs - plainMs));
  const rows = [
    row(
      'in-sample/vs-spread-of-directions/median-ms',
      quantile(errors, 0.5),
      quantile(noise, 0.5),
      undefined,
    ),
    row('in-sample/vs-spread-of-directions/p90-ms', quantile(errors, 0.9), quantile(noise, 0.9), undefined),
  ];
  rows.forEach(say);
  return rows;
}

async function main(): Promise<void> {
  const folder = join(process.env['FALLOW_DATA'] ?? join('..', 'shared', 'data'), 'rtt');
  const files = await readMeasurementFiles(folder);
  if (!files) {
    process.stdout.write(`skipped: no round-trip measurements in ${folder} (set FALLOW_DATA)\n`);
    return;
  }
  const pairsAt = (locate: Locate) => measuredPairs(files.series, (region) => files.placeOf(region, locate));
  const pairs = pairsAt('catalogue');
  const asGiven = pairsAt('as given');
  process.stdout.write(`${pairs.length} pairs of ${folder}; absolute errors in ms\n`);
  process.stdout.write('name ours peer ratio bar verdict\n');
  const [regions, providers] = [byRegion(pairs), byProvider(pairs)];
  const contest = new Contest(pairs);
  const rows = [
    ...contest.rows([...regions, ...providers]),
    ...contest.rows(regions, { prefix: 'plain-mean/', plain: true }),
    ...contest.rows(providers, { prefix: 'plain-mean/', plain: true, barred: false }),
    ...new Contest(asGiven).rows(byRegion(asGiven), { prefix: 'given-coordinates/' }),
    ...inSample(pairs),
  ];
  await mkdir(RESULTS, { recursive: true });
  const output = { benchmark: 'B5 round trips', pairs: pairs.length, bars: BARS, rows };
  await writeFile(join(RESULTS, 'latency.json'), `${JSON.stringify(output, null, 2)}\n`);
  if (rows.some(({ verdict }) => verdict === 'FAIL')) process.exitCode = 1;
}

await main();
