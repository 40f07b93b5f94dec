/**
 * The demonstration market as values: who sells what where, and what was booked in the last 90 days. Pure: the same seed and
 * the same `now` give the same plan.
 */
import { v7 } from 'uuid';
import { CHIPS } from '../catalog/chips.data.js';
import { INITIAL_FX_RATES } from '../catalog/fx.data.js';
import { REGIONS } from '../catalog/regions.data.js';
import type { Region } from '../catalog/region.js';
import { type Minute, MINUTES_PER_DAY, MINUTES_PER_HOUR, dateOf, minuteOf } from '../kernel/period.js';
import { type RateMicros, convert, ratePerGpuHour } from '../kernel/rate.js';
import type { Listing } from '../listings/listing.entity.js';
import type { Site } from '../listings/site.entity.js';
import {
  DEMO_BUYERS,
  DEMO_OPERATORS,
  type DemoOperator,
  OPERATOR_KINDS,
  type Stock,
} from './operators.data.js';
import { SeededRandom } from './random.js';

export interface PlannedOrganization {
  id: string;
  name: string;
  kind: 'operator' | 'buyer';
  country: string;
  tier: number;
  createdAt: Date;
}

export interface SupplyPlan {
  operators: PlannedOrganization[];
  buyers: PlannedOrganization[];
  sites: Site[];
  listings: Listing[];
}

const DEMO_SEED = 20_240_917;

/** Ids that are UUIDv7 of the moment they stand for, with the seed's randomness. */
export class PlannedIds {
  constructor(private readonly random: SeededRandom) {}

  at(moment: Date): string {
    const bytes = Uint8Array.from({ length: 16 }, () => this.random.whole(0, 255));
    return v7({ msecs: moment.getTime(), random: bytes, seq: this.random.whole(0, 2 ** 31) });
  }
}

const MICROS = 1_000_000;

/** A price within ±14 % of `middle`, as people write prices. */
function priceAround(random: SeededRandom, middle: number): bigint {
  const price = middle * (0.86 + random.next() * 0.28);
  const step = price > 1000 ? 500 : price > 5 ? 0.1 : 0.01;
  return BigInt(Math.round((Math.round(price / step) * step * MICROS) / 1000) * 1000);
}

function settlementRate(priceMicros: bigint, stock: Stock, currency: string): RateMicros {
  const rate = INITIAL_FX_RATES.find((candidate) => candidate.currency === currency)!;
  const perHour = stock.per === 'gpu_hour' ? priceMicros : ratePerGpuHour(priceMicros, stock.gpusPerNode);
  return convert(perHour, BigInt(rate.rate_nanos));
}

/** Most listings are live; some wait for moderation, some are drafts, paused or refused. */
const LISTING_STATES = [
  { state: 'active', reason: null, weight: 84 },
  { state: 'pending_review', reason: null, weight: 7 },
  { state: 'paused', reason: 'maintenance of the cooling loop', weight: 4 },
  { state: 'draft', reason: null, weight: 3 },
  { state: 'rejected', reason: 'The serial numbers in the evidence belong to another site.', weight: 2 },
] as const;

class SupplyPlanner {
  private readonly ids: PlannedIds;
  private readonly regions = new Map(REGIONS.map((region) => [region.code, region]));
  private readonly chips = new Map(CHIPS.map((chip) => [chip.code, chip]));

  constructor(
    private readonly random: SeededRandom,
    private readonly now: Minute,
  ) {
    this.ids = new PlannedIds(random);
  }

  plan(): SupplyPlan {
    const plan: SupplyPlan = { operators: [], buyers: [], sites: [], listings: [] };
    for (const operator of DEMO_OPERATORS) this.addOperator(plan, operator);
    for (const buyer of DEMO_BUYERS)
      plan.buyers.push(this.organization(buyer.name, 'buyer', buyer.country, 0));
    return plan;
  }

  private daysAgo(min: number, max: number): Date {
    return dateOf(this.now - this.random.whole(min * MINUTES_PER_DAY, max * MINUTES_PER_DAY));
  }

  private organization(
    name: string,
    kind: 'operator' | 'buyer',
    country: string,
    tier: number,
  ): PlannedOrganization {
    const createdAt = this.daysAgo(150, 400);
    return { id: this.ids.at(createdAt), name, kind, country, tier, createdAt };
  }

  private addOperator(plan: SupplyPlan, operator: DemoOperator): void {
    const organization = this.organization(operator.name, 'operator', operator.country, operator.tier);
    plan.operators.push(organization);
    const sites = operator.regions.map((code) => this.site(organization, operator, this.region(code)));
    plan.sites.push(...sites);
    for (let index = 0; index < operator.listings; index++) {
      plan.listings.push(this.listing(organization, operator, sites[index % sites.length]!));
    }
  }

  private region(code: string): Region {
    const region = this.regions.get(code);
    if (!region) throw new Error(`the demonstration names an unknown region: ${code}`);
    return region;
  }

  private site(organization: PlannedOrganization, operator: DemoOperator, region: Region): Site {
    const kind = OPERATOR_KINDS[operator.kind];
    const createdAt = this.daysAgo(120, 149);
    return {
      id: this.ids.at(createdAt),
      organizationId: organization.id,
      name: `${region.name} ${this.random.pick(['North', 'South', 'East', 'West', 'Park', 'One'])}`,
      regionCode: region.code,
      country: region.country,
      lat: region.lat,
      lon: region.lon,
      tier: this.random.whole(2, 4),
      pue: kind.pue,
      powerPriceMicros: BigInt(Math.round(kind.powerPrice * MICROS)),
      powerPriceCurrency: kind.currency,
      fixedCostMicros: BigInt(this.random.whole(20, 240)) * BigInt(MICROS),
      fixedCostCurrency: kind.currency,
      version: 1,
      createdAt,
      updatedAt: createdAt,
    };
  }

  private listing(organization: PlannedOrganization, operator: DemoOperator, site: Site): Listing {
    const kind = OPERATOR_KINDS[operator.kind];
    const stock: Stock = this.random.weighted(kind.stock as readonly Stock[]);
    if (!this.chips.has(stock.chip))
      throw new Error(`the demonstration names an unknown chip: ${stock.chip}`);
    const { state, reason } = this.random.weighted(LISTING_STATES);
    const nodes = this.random.whole(stock.nodes[0], stock.nodes[1]);
    const priceMicros = priceAround(this.random, stock.price);
    const createdAt = this.daysAgo(95, 119);
    const submittedAt =
      state === 'draft' ? null : state === 'pending_review' ? this.daysAgo(0, 4) : createdAt;
    const whole = stock.gpuIncrement === stock.gpusPerNode;
    const floored = this.random.chance(0.3);
    return {
      id: this.ids.at(createdAt),
      organizationId: organization.id,
      siteId: site.id,
      chipCode: stock.chip,
      nodes,
      gpusPerNode: stock.gpusPerNode,
      gpuIncrement: stock.gpuIncrement,
      interconnect: stock.interconnect,
      interconnectGbps: stock.gbps,
      cpu: this.random.pick([
        '2 x Xeon 8468',
        '2 x Xeon 8480+',
        '2 x EPYC 9454',
        '2 x EPYC 9554',
        '2 x Hygon 7390',
      ]),
      ramGib: stock.gpusPerNode * this.random.pick([64, 128, 256]),
      storageGib: this.random.pick([7_680, 15_360, 30_720]),
      workloads: [...stock.workloads],
      priceMicros,
      priceCurrency: kind.currency,
      pricePer: stock.per,
      rateMicros: settlementRate(priceMicros, stock, kind.currency),
      floorPriceMicros: floored ? (priceMicros * 7n) / 10n : null,
      floorPriceCurrency: floored ? kind.currency : null,
      floorPricePer: floored ? stock.per : null,
      termDiscounts: this.random.chance(0.4)
        ? [
            { minHours: 168, percentOff: 5 },
            { minHours: 720, percentOff: 12 },
          ]
        : [],
      availableFrom: null,
      availableUntil: this.random.chance(0.15)
        ? this.now + this.random.whole(30, 300) * MINUTES_PER_DAY
        : null,
      minMinutes: (whole ? this.random.pick([4, 24, 72]) : 1) * MINUTES_PER_HOUR,
      maxMinutes: null,
      minGpus: stock.gpuIncrement,
      maxGpus: nodes * stock.gpusPerNode,
      state,
      stateReason: reason,
      submittedAt,
      version: 1,
      createdAt,
      updatedAt: createdAt,
    };
  }
}

/** The supply side of the demonstration market, and its buyers. */
export function planSupply(now: Date, random = new SeededRandom(DEMO_SEED)): SupplyPlan {
  return new SupplyPlanner(random, minuteOf(now)).plan();
}
