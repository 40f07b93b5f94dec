import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Between, type DataSource, type EntityManager, In, LessThan, MoreThanOrEqual } from 'typeorm';
import { FxService } from '../catalog/fx.service.js';
import type { Actor, SignedInUser } from '../identity/access.js';
import { conflict, invalid, notFound } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { MINUTES_PER_DAY, type Period, minuteAfter, minuteOf } from '../kernel/period.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { assertIfMatch } from '../platform/http/version.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { calendarOf } from './allocation/calendar.js';
import { type ListingEdit, assertStrandsNobody, materialChanges } from './listing-edits.js';
import { Listing } from './listing.entity.js';
import { ratesByCurrency, renormaliseRates } from './listing-rates.js';
import {
  EDITABLE_STATES,
  LISTING_EVENTS,
  type ListingAction,
  type ModerationAction,
  type OwnerAction,
  nextListingState,
} from './listing.states.js';
import { type Rates, editedInput, requireTerms } from './listing-terms.js';
import {
  type CalendarView,
  type ListingPage,
  type ListingView,
  calendarView,
  listingView,
} from './listing.view.js';
import type { CalendarQuery, CreateListingDto, ListingsQuery, UpdateListingDto } from './listings.dto.js';
import { liveAllocations } from './live-allocations.query.js';
import { Site } from './site.entity.js';

const DEFAULT_CALENDAR_DAYS = 30;
const MAX_CALENDAR_DAYS = 400;

/** Listings: what operators offer, and what may become of it. */
@Injectable()
export class ListingsService implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
    private readonly fx: FxService,
  ) {}

  onModuleInit(): void {
    this.fx.onChange(async (tx) => void (await this.renormaliseRates(tx)));
  }

  async list(actor: Actor, query: ListingsQuery): Promise<ListingPage> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<string>('listings', query.cursor);
    const from = query.from === undefined ? undefined : new Date(query.from);
    const to = query.to === undefined ? undefined : new Date(query.to);
    const made = from && to ? Between(from, new Date(to.getTime() - 1)) : undefined;
    const rows = await this.dataSource.manager.find(Listing, {
      where: {
        organizationId: actor.organizationId,
        ...(query.state ? { state: In(query.state) } : {}),
        ...(query.siteId ? { siteId: query.siteId } : {}),
        ...(from || to ? { createdAt: made ?? (from ? MoreThanOrEqual(from) : LessThan(to!)) } : {}),
        ...(after === undefined ? {} : { id: LessThan(after) }),
      },
      order: { id: 'desc' },
      take: limit + 1,
    });
    return this.cursors.page(
      'listings',
      rows,
      limit,
      (row) => this.view(row),
      (row) => row.id,
    );
  }

  async get(actor: Actor, id: string): Promise<ListingView> {
    const listing = await this.dataSource.manager.findOneBy(Listing, {
      id,
      organizationId: actor.organizationId,
    });
    if (!listing) throw notFound('listing');
    return this.view(listing);
  }

  async create(actor: Actor, call: Call, dto: CreateListingDto): Promise<ListingView> {
    return this.transactions.once(call, async (tx) => {
      const { siteId, ...input } = dto;
      await this.assertOwnSite(tx, actor.organizationId, siteId);
      const terms = requireTerms(input, await this.rates(tx));
      const now = this.clock.now();
      const id = newId();
      await tx.insert(Listing, {
        ...terms,
        id,
        siteId,
        organizationId: actor.organizationId,
        state: 'draft',
        stateReason: null,
        submittedAt: null,
        createdAt: now,
        updatedAt: now,
      });
      const listing = await tx.findOneByOrFail(Listing, { id });
      await this.tell(tx, listing, 'listing.created');
      return this.view(listing);
    });
  }

  /**
   * Edits a listing. A material change of one that had been reviewed sends it back to review.
   * @throws AppError 409 when bookings would lose what they hold, or the listing's life is over; 412; 422.
   */
  async update(
    actor: Actor,
    id: string,
    ifMatch: string | undefined,
    dto: UpdateListingDto,
  ): Promise<ListingView> {
    return this.transactions.run(async (tx) => {
      const listing = await this.lock(tx, id, actor.organizationId);
      assertIfMatch(ifMatch, listing.version);
      if (!EDITABLE_STATES.includes(listing.state)) {
        throw conflict('illegal-transition', `A listing that is ${listing.state} cannot be edited.`, {
          state: listing.state,
        });
      }
      const { siteId = listing.siteId, ...change } = dto;
      if (siteId !== listing.siteId) await this.assertOwnSite(tx, actor.organizationId, siteId);
      const edit: ListingEdit = {
        ...requireTerms(editedInput(listing, change), await this.rates(tx)),
        siteId,
      };
      const reviewAgain = await this.applyMaterialChange(tx, listing, edit);
      Object.assign(listing, edit, { updatedAt: this.clock.now() });
      await tx.save(listing);
      await this.tell(tx, listing, reviewAgain ? 'listing.submitted' : 'listing.updated');
      return this.view(listing);
    });
  }

  /** What an operator does to its own listing. */
  async act(actor: Actor, call: Call, id: string, action: OwnerAction): Promise<ListingView> {
    return this.transactions.once(call, async (tx) => {
      const listing = await this.lock(tx, id, actor.organizationId);
      return this.view(await this.move(tx, listing, action, null));
    });
  }

  /**
   * What moderation does to a listing: approve, reject, suspend, reinstate or request changes.
   * @param reason shown to the operator as `stateReason`.
   * @throws AppError 404; 409 `illegal-transition`.
   */
  async moderate(
    tx: EntityManager,
    listingId: string,
    action: ModerationAction,
    reason: string | null,
  ): Promise<Listing> {
    return this.move(tx, await this.lock(tx, listingId), action, reason);
  }

  /** Free and booked GPUs over time: of an active listing for anyone, of any other for its operator. */
  async calendar(user: SignedInUser | undefined, id: string, query: CalendarQuery): Promise<CalendarView> {
    const listing = await this.dataSource.manager.findOneBy(Listing, { id });
    const own = listing !== null && listing.organizationId === user?.organizationId;
    if (!listing || (listing.state !== 'active' && !own)) throw notFound('listing');
    return calendarView(await calendarOf(this.dataSource.manager, id, this.calendarWindow(query)));
  }

  /**
   * Recomputes every listing's normalised price after exchange rates have changed, in the transaction that changed
   * them. @returns how many listings changed.
   */
  async renormaliseRates(tx: EntityManager): Promise<number> {
    const changed = await renormaliseRates(tx, await this.fx.currentRates(tx), this.clock.now());
    if (changed > 0) {
      await this.outbox.add(tx, {
        name: 'listings.repriced',
        organizationIds: [],
        payload: { listings: changed },
      });
    }
    return changed;
  }

  /** Whoever lets go of a listing's row may have changed it: the newest version, locked. */
  private async lock(tx: EntityManager, id: string, organizationId?: string): Promise<Listing> {
    const listing = await tx.findOne(Listing, {
      where: { id, ...(organizationId === undefined ? {} : { organizationId }) },
      lock: { mode: 'pessimistic_write' },
    });
    if (!listing) throw notFound('listing');
    return listing;
  }

  private async move(
    tx: EntityManager,
    listing: Listing,
    action: ListingAction,
    reason: string | null,
  ): Promise<Listing> {
    const now = this.clock.now();
    listing.state = nextListingState(action, listing.state);
    listing.stateReason = reason;
    if (listing.state === 'pending_review') listing.submittedAt = now;
    listing.updatedAt = now;
    await tx.save(listing);
    await this.tell(tx, listing, LISTING_EVENTS[action]);
    return listing;
  }

  /** @returns whether the listing goes back to review. */
  private async applyMaterialChange(
    tx: EntityManager,
    listing: Listing,
    edit: ListingEdit,
  ): Promise<boolean> {
    const changes = materialChanges(listing, edit);
    if (changes.length === 0) return false;
    const now = this.clock.now();
    assertStrandsNobody(changes, edit.nodes * edit.gpusPerNode, await liveAllocations(tx, [listing.id], now));
    if (listing.state !== 'active' && listing.state !== 'paused') return false;
    listing.state = nextListingState('change', listing.state);
    listing.stateReason = `Changed: ${changes.join(', ')}.`;
    listing.submittedAt = now;
    return true;
  }

  private async assertOwnSite(tx: EntityManager, organizationId: string, siteId: string): Promise<void> {
    if (!(await tx.existsBy(Site, { id: siteId, organizationId }))) {
      throw invalid('/siteId', 'is not one of your sites');
    }
  }

  private async rates(tx: EntityManager): Promise<Rates> {
    return ratesByCurrency(await this.fx.currentRates(tx));
  }

  private calendarWindow(query: CalendarQuery): Period {
    const start = minuteOf(query.from === undefined ? this.clock.now() : new Date(query.from));
    const end =
      query.to === undefined
        ? start + DEFAULT_CALENDAR_DAYS * MINUTES_PER_DAY
        : minuteAfter(new Date(query.to));
    if (end <= start) throw invalid('/to', 'must be after from');
    if (end - start > MAX_CALENDAR_DAYS * MINUTES_PER_DAY) {
      throw invalid('/to', `must be at most ${MAX_CALENDAR_DAYS} days after from`);
    }
    return { start, end };
  }

  private async tell(tx: EntityManager, listing: Listing, name: string): Promise<void> {
    await this.outbox.add(tx, {
      name,
      organizationIds: [listing.organizationId],
      payload: { listingId: listing.id, state: listing.state, stateReason: listing.stateReason },
    });
  }

  private view(listing: Listing): ListingView {
    return listingView(listing, this.config.settlementCurrency);
  }
}
