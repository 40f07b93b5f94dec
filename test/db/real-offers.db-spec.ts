import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { resolveChip } from '../../src/catalog/chip-names.js';
import { minuteOf } from '../../src/kernel/period.js';
import { discountedRate } from '../../src/kernel/rate.js';
import { ListingImportService } from '../../src/listings/import/listing-import.service.js';
import { parseImport } from '../../src/listings/import/parse-import.js';
import { lineCost } from '../../src/matching/engine/cost.js';
import type { EngineListing, EngineRequest, Market } from '../../src/matching/engine/market.js';
import { matchRequest } from '../../src/matching/engine/match.js';
import { readMarket } from '../../src/matching/market.query.js';
import { dataFiles, hasData, itWithData, readCsv, readData } from '../support/data-folder.js';
import { register } from '../support/people.js';
import { type TestApp, startTestApp } from '../support/test-app.js';
import { type TraceJob, type TraceRow, traceJobs } from '../support/trace.js';

/** Catalogues that name chip (or instance type), count and price; the spot advisor's has no price. */
const PRICED = hasData('offers')
  ? dataFiles('offers').filter((file) => /price/i.test(readData(`offers/${file}`).split('\n')[0]!))
  : [];
const TRACE = 'requests-openb/openb_pod_list_default.csv';
const SHOWN = 20;
/** Every so many jobs is also asked over HTTP. */
const HTTP_STRIDE = 60;

/** What the test itself knows to be taken; the engine's calendar is never asked. */
type Booked = Map<string, { start: number; end: number }[]>;

const overlapping = (booked: Booked, id: string, start: number, end: number): boolean =>
  (booked.get(id) ?? []).some((other) => other.start < end && start < other.end);

const wholeNodes = (listing: EngineListing): boolean => listing.gpuIncrement === listing.gpusPerNode;

interface Expected {
  listing: EngineListing;
  micros: bigint;
}

/** Brute force over catalogue rows, which are single nodes sold whole: every listing of exactly this size that nobody has in the window, by cost, ask and id. */
function oracle(market: Market, request: EngineRequest, booked: Booked): Expected[] {
  const { earliestStart: start, minutes, gpus } = request;
  const fitting: (Expected & { rate: bigint })[] = [];
  for (const listing of market.listings) {
    if (listing.gpusPerNode !== gpus) continue;
    if (request.chips !== null && !request.chips.has(listing.chip.code)) continue;
    if (!listing.workloads.includes(request.workload)) continue;
    if (minutes < listing.minMinutes || minutes > (listing.maxMinutes ?? Infinity)) continue;
    if (overlapping(booked, listing.id, start, start + minutes)) continue;
    const rate = discountedRate(listing.rateMicros, listing.termDiscounts, minutes);
    const { micros } = lineCost(
      market,
      request,
      { listing, gpus, rateMicros: rate },
      { start, weightedRttMs: null },
    );
    fitting.push({ listing, micros, rate });
  }
  const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  return fitting.sort(
    (a, b) => order(a.micros, b.micros) || order(a.rate, b.rate) || (a.listing.id < b.listing.id ? -1 : 1),
  );
}

function requestOf(job: TraceJob, now: number): EngineRequest {
  const chips = job.chips.map((name) => resolveChip(name)?.code).filter((code) => code !== undefined);
  return {
    chips: job.chips.length > 0 ? new Set(chips) : null,
    vendor: null,
    minMemoryGib: null,
    minBf16Tflops: null,
    workload: job.workload,
    gpusPerNode: null,
    interconnect: null,
    minInterconnectGbps: null,
    maxRateMicros: null,
    regions: null,
    countriesAllowed: null,
    countriesDenied: null,
    minReliability: null,
    verified: false,
    origins: [],
    exceptOperatorId: null,
    gpus: job.gpus,
    minutes: job.minutes,
    now,
    earliestStart: job.start,
    deadline: job.start + job.minutes,
    horizon: job.start + 1_000_000,
    spread: false,
    targetRttMs: null,
    msCostMicros: 0n,
    delayCostMicros: 0n,
    limit: SHOWN,
  };
}

describe('real price lists and a real job trace', () => {
  let market: TestApp;

  beforeAll(async () => {
    market = await startTestApp();
  });
  afterAll(() => market.close());

  const dataSource = (): DataSource => market.app.get<DataSource>(getDataSourceToken());

  if (PRICED.length === 0) itWithData('offers', 'imports every priced catalogue', () => undefined);
  for (const file of PRICED) {
    it(`imports ${file}`, () => expectWholeImport(file));
  }

  async function expectWholeImport(file: string): Promise<void> {
    const operator = await register(market, 'operator');
    const importer = market.app.get(ListingImportService);
    const rows = readCsv(`offers/${file}`).length;
    const made = await dataSource().transaction(async (tx) => {
      const context = await importer.context(tx, operator.organizationId);
      const parsed = parseImport(readData(`offers/${file}`), context);
      for (const { column, detail } of parsed.errors) {
        expect({ column, detail }).toEqual({
          column: 'InstanceType',
          detail: expect.stringContaining('share of a GPU'),
        });
      }
      expect(parsed.rows.length + new Set(parsed.errors.map(({ row }) => row)).size).toBe(rows);
      const { listings } = await importer.importRows(tx, operator.organizationId, parsed.rows, {
        submit: true,
      });
      return listings;
    });
    await dataSource().query(`update listings set state = 'active' where organization_id = $1`, [
      operator.organizationId,
    ]);
    console.log(`${file}: ${made} of ${rows} rows became listings`);
    expect(made).toBeGreaterThan(rows / 2);
  }

  itWithData(
    TRACE,
    'gives the same answers over HTTP',
    async () => {
      const buyer = await register(market, 'buyer');
      const jobs = traceJobs(readCsv<TraceRow & Record<string, string>>(TRACE), 0);
      const asked = jobs.filter((_, index) => index % HTTP_STRIDE === 0);
      for (const job of asked) {
        const snapshot = await readMarket(dataSource().manager, new Date(), 'USD');
        const start = minuteOf(new Date());
        const expected = oracle(snapshot, requestOf({ ...job, start }, start), new Map());
        const answer = await buyer.api.post('/v1/requests', {
          workload: job.workload,
          gpus: job.gpus,
          hours: job.minutes / 60,
        });
        expect(answer.status).toBe(201);
        expect(answer.body.unmatched.matched).toBe(expected.length);
        expect(answer.body.matches.map((match: any) => match.allocations[0].listingId)).toEqual(
          expected.slice(0, SHOWN).map(({ listing }) => listing.id),
        );
      }
      expect(asked.length).toBeGreaterThan(50);
    },
    200_000,
  );

  itWithData(
    TRACE,
    'answers every job of the trace as brute force does, and places what fits',
    async () => {
      const now = new Date();
      const snapshot = await readMarket(dataSource().manager, now, 'USD');
      expect(snapshot.listings.every((listing) => listing.nodes === 1 && wholeNodes(listing))).toBe(true);
      const busy = new Map<string, { gpus: { from: number; to: number }[]; start: number; end: number }[]>();
      const listings = snapshot.listings.map((listing) => {
        busy.set(listing.id, []);
        return { ...listing, busy: busy.get(listing.id)! };
      });
      const trading: Market = { ...snapshot, listings };
      const booked: Booked = new Map();
      const jobs = traceJobs(readCsv<TraceRow & Record<string, string>>(TRACE), minuteOf(now));
      let placed = 0;
      for (const job of jobs) {
        // The trace's time only moves on: what is over will not be asked about again.
        for (const [id, taken] of busy) {
          const live = taken.filter(({ end }) => end > job.start);
          if (live.length < taken.length) taken.splice(0, taken.length, ...live);
          if (live.length === 0) booked.delete(id);
        }
        const request = requestOf(job, minuteOf(now));
        const expected = oracle(trading, request, booked);
        const { options, unmatched } = matchRequest(trading, request);
        expect(unmatched.matched).toBe(expected.length);
        expect(options.map(({ lines, cost }) => [lines[0]!.listing.id, cost.micros])).toEqual(
          expected.slice(0, SHOWN).map(({ listing, micros }) => [listing.id, micros]),
        );
        const best = options[0];
        if (!best) continue;
        placed++;
        const { id } = best.lines[0]!.listing;
        const period = { start: best.start, end: best.end };
        booked.set(id, [...(booked.get(id) ?? []), period]);
        busy.get(id)!.push({ gpus: [{ from: 0, to: job.gpus }], ...period });
      }
      console.log(
        `placed ${placed} of the trace's ${jobs.length} GPU jobs on ${listings.length} real offers`,
      );
      expect(jobs.length).toBeGreaterThan(0);
      expect(placed).toBeGreaterThan(0);
    },
    300_000,
  );
});
