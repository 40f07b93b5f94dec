import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, In, LessThan } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { conflict, invalid, notFound } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { type MoneyView, parseMicros } from '../kernel/money.js';
import { isoInstant } from '../kernel/period.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { PageQuery } from '../platform/http/fields.js';
import type { Call } from '../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { assertIfMatch } from '../platform/http/version.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { Listing } from './listing.entity.js';
import { LISTING_EVENTS, nextListingState } from './listing.states.js';
import type { CreateSiteDto, UpdateSiteDto } from './listings.dto.js';
import { liveAllocations } from './live-allocations.query.js';
import { regionNamed } from './places-and-chips.js';
import { Site } from './site.entity.js';
import { type SitePage, type SiteView, siteView } from './site.view.js';

type Place = Pick<Site, 'regionCode' | 'country' | 'lat' | 'lon'>;

const PLACE = ['regionCode', 'country', 'lat', 'lon'] as const satisfies (keyof Place)[];

/** Where a site is: the region's own place, as far as the operator names no other. */
function placeOf(regionName: string, given: Pick<UpdateSiteDto, 'country' | 'lat' | 'lon'>): Place {
  const region = regionNamed(regionName, '/region');
  return {
    regionCode: region.code,
    country: given.country ?? region.country,
    lat: given.lat ?? region.lat,
    lon: given.lon ?? region.lon,
  };
}

interface Cost {
  micros: bigint | null;
  currency: string | null;
}

function costOf(money: MoneyView | null | undefined, pointer: string): Cost {
  if (money == null) return { micros: null, currency: null };
  const micros = parseMicros(money.amount, `${pointer}/amount`);
  if (micros < 0n) throw invalid(`${pointer}/amount`, 'must not be negative');
  return { micros, currency: money.currency };
}

/** The columns of the costs that a body names; those that it leaves out stay as they are. */
function costColumns(dto: UpdateSiteDto): Partial<Site> {
  const columns: Partial<Site> = {};
  if (dto.powerPricePerKwh !== undefined) {
    const { micros, currency } = costOf(dto.powerPricePerKwh, '/powerPricePerKwh');
    Object.assign(columns, { powerPriceMicros: micros, powerPriceCurrency: currency });
  }
  if (dto.fixedCostPerHour !== undefined) {
    const { micros, currency } = costOf(dto.fixedCostPerHour, '/fixedCostPerHour');
    Object.assign(columns, { fixedCostMicros: micros, fixedCostCurrency: currency });
  }
  return columns;
}

/** Sites: an operator's data centres. */
@Injectable()
export class SitesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
  ) {}

  async list(actor: Actor, query: PageQuery): Promise<SitePage> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<string>('sites', query.cursor);
    const rows = await this.dataSource.manager.find(Site, {
      where: {
        organizationId: actor.organizationId,
        ...(after === undefined ? {} : { id: LessThan(after) }),
      },
      order: { id: 'desc' },
      take: limit + 1,
    });
    return this.cursors.page('sites', rows, limit, siteView, (row) => row.id);
  }

  async get(actor: Actor, id: string): Promise<SiteView> {
    const site = await this.dataSource.manager.findOneBy(Site, { id, organizationId: actor.organizationId });
    if (!site) throw notFound('site');
    return siteView(site);
  }

  async create(actor: Actor, call: Call, dto: CreateSiteDto): Promise<SiteView> {
    return this.transactions.once(call, async (tx) => {
      const now = this.clock.now();
      const id = newId();
      await tx.insert(Site, {
        id,
        organizationId: actor.organizationId,
        name: dto.name,
        ...placeOf(dto.region, dto),
        tier: dto.tier ?? null,
        pue: dto.pue ?? null,
        ...costColumns(dto),
        createdAt: now,
        updatedAt: now,
      });
      await this.tell(tx, 'site.created', actor.organizationId, id);
      return siteView(await tx.findOneByOrFail(Site, { id }));
    });
  }

  /**
   * Edits a site. Moving it elsewhere changes what its listings are, so those that were reviewed go back to review.
   * @throws AppError 409 `listing-booked` when GPUs there are booked; 412; 422.
   */
  async update(actor: Actor, id: string, ifMatch: string | undefined, dto: UpdateSiteDto): Promise<SiteView> {
    return this.transactions.run(async (tx) => {
      const site = await tx.findOne(Site, {
        where: { id, organizationId: actor.organizationId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!site) throw notFound('site');
      assertIfMatch(ifMatch, site.version);
      const moved: Place =
        dto.region === undefined
          ? {
              regionCode: site.regionCode,
              country: dto.country ?? site.country,
              lat: dto.lat ?? site.lat,
              lon: dto.lon ?? site.lon,
            }
          : placeOf(dto.region, dto);
      if (PLACE.some((name) => site[name] !== moved[name])) await this.reviewListings(tx, site.id);
      Object.assign(site, moved, costColumns(dto), { updatedAt: this.clock.now() });
      if (dto.name !== undefined) site.name = dto.name;
      if (dto.tier !== undefined) site.tier = dto.tier;
      if (dto.pue !== undefined) site.pue = dto.pue;
      await tx.save(site);
      await this.tell(tx, 'site.updated', site.organizationId, site.id);
      return siteView(site);
    });
  }

  private async reviewListings(tx: EntityManager, siteId: string): Promise<void> {
    const listings = await tx.find(Listing, {
      where: { siteId, state: In(['active', 'paused', 'pending_review', 'suspended', 'withdrawn']) },
      order: { id: 'asc' },
      lock: { mode: 'pessimistic_write' },
    });
    const now = this.clock.now();
    const live = await liveAllocations(
      tx,
      listings.map(({ id }) => id),
      now,
    );
    if (live) {
      throw conflict(
        'listing-booked',
        `GPUs at this site are booked until ${isoInstant(live.until)}; it cannot move.`,
      );
    }
    for (const listing of listings.filter(({ state }) => state === 'active' || state === 'paused')) {
      listing.state = nextListingState('change', listing.state);
      listing.stateReason = 'Changed: the place of its site.';
      Object.assign(listing, { submittedAt: now, updatedAt: now });
      await tx.save(listing);
      await this.outbox.add(tx, {
        name: LISTING_EVENTS.change,
        organizationIds: [listing.organizationId],
        payload: { listingId: listing.id, state: listing.state, stateReason: listing.stateReason },
      });
    }
  }

  private async tell(tx: EntityManager, name: string, organizationId: string, siteId: string): Promise<void> {
    await this.outbox.add(tx, { name, organizationIds: [organizationId], payload: { siteId } });
  }
}
