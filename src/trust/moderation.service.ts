import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { Listing } from '../listings/listing.entity.js';
import type { ModerationAction } from '../listings/listing.states.js';
import { type ListingView, listingView } from '../listings/listing.view.js';
import { ListingsService } from '../listings/listings.service.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import type { QueueItemView, QueuePage, QueueQuery } from './moderation.dto.js';

interface QueueRow {
  id: string;
  submitted_at: Date;
  operator_id: string;
  operator_name: string;
  verification_tier: number;
  active_listings: number;
  site_id: string;
  site_name: string;
  region_code: string;
  country: string;
}

/** The last item of a page: listings are looked at in the order they were submitted. */
type QueuePosition = readonly [submittedAt: string, id: string];

const QUEUE = `
  select l.id, l.submitted_at, o.id as operator_id, o.name as operator_name, o.verification_tier,
         (select count(*)::int from listings live where live.organization_id = o.id and live.state = 'active')
           as active_listings,
         s.id as site_id, s.name as site_name, s.region_code, s.country
  from listings l join organizations o on o.id = l.organization_id join sites s on s.id = l.site_id
  where l.state = 'pending_review'
    and ($1::timestamptz is null or (l.submitted_at, l.id) > ($1, $2::uuid))
    and ($3::timestamptz is null or l.submitted_at >= $3) and ($4::timestamptz is null or l.submitted_at < $4)
  order by l.submitted_at, l.id
  limit $5`;

/** The moderators' desk: what waits for review, oldest first, and what is decided about it. */
@Injectable()
export class ModerationService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly transactions: Transactions,
    private readonly cursors: Cursors,
    private readonly listings: ListingsService,
  ) {}

  async queue(query: QueueQuery): Promise<QueuePage> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const after = this.cursors.decode<QueuePosition>('moderation-queue', query.cursor);
    const rows = await this.dataSource.query<QueueRow[]>(QUEUE, [
      after?.[0] ?? null,
      after?.[1] ?? null,
      query.from ?? null,
      query.to ?? null,
      limit + 1,
    ]);
    const listings = await this.dataSource.manager.findBy(Listing, { id: In(rows.map(({ id }) => id)) });
    const byId = new Map(listings.map((listing) => [listing.id, listing]));
    // A listing that was decided between the two reads is no longer waiting.
    const waiting = rows.filter(({ id }) => byId.has(id));
    return this.cursors.page(
      'moderation-queue',
      waiting,
      limit,
      (row) => this.itemView(row, byId.get(row.id)!),
      (row): QueuePosition => [row.submitted_at.toISOString(), row.id],
    );
  }

  /**
   * Decides about a listing; the operator sees the reason.
   * @throws AppError 404; 409 `illegal-transition`.
   */
  async decide(
    call: Call,
    listingId: string,
    action: ModerationAction,
    reason: string | null,
  ): Promise<ListingView> {
    return this.transactions.once(call, async (tx) => {
      const listing = await this.listings.moderate(tx, listingId, action, reason);
      return withoutFloor(listingView(listing, this.config.settlementCurrency));
    });
  }

  private itemView(row: QueueRow, listing: Listing): QueueItemView {
    return {
      ...withoutFloor(listingView(listing, this.config.settlementCurrency)),
      listingId: row.id,
      operator: {
        id: row.operator_id,
        name: row.operator_name,
        verificationTier: row.verification_tier,
        activeListings: row.active_listings,
      },
      site: { id: row.site_id, name: row.site_name, region: row.region_code, country: row.country },
    };
  }
}

/** A floor price is its operator's alone, and no moderator's. */
function withoutFloor(view: ListingView): ListingView {
  return { ...view, floorPrice: null };
}
