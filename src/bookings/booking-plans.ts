import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { OrganizationsService } from '../identity/organizations/organizations.service.js';
import { expired, forbidden, notFound } from '../kernel/errors.js';
import { type Period, dateOf, lengthMinutes } from '../kernel/period.js';
import { discountedRate } from '../kernel/rate.js';
import { Listing } from '../listings/listing.entity.js';
import { MatchesService } from '../matching/matches.service.js';
import {
  type BookingForm,
  assertStartable,
  assertTerms,
  listingNotAvailable,
  termErrors,
} from './booking-terms.js';

/** GPUs of one listing at the price that the booking locks. */
export interface PlanLine {
  listing: Listing;
  gpus: number;
  /** Micro-units per GPU-hour, after the term discount. */
  rateMicros: bigint;
}

/** What a booking will take, once it is known that it may. */
export interface Plan {
  operatorId: string;
  period: Period;
  requestId: string | null;
  matchId: string | null;
  /** In the order of listing ids. */
  lines: PlanLine[];
}

/** Makes a plan of what a buyer asks for, and refuses what the rules of the market do not allow. */
@Injectable()
export class BookingPlans {
  constructor(
    private readonly organizations: OrganizationsService,
    private readonly matches: MatchesService,
  ) {}

  /**
   * @throws AppError 404 for an unknown listing or match; 403 `own-listing`; 409 `listing-not-available` or `expired`;
   * 422 naming the terms that are not met.
   */
  async of(tx: EntityManager, buyerId: string, form: BookingForm, now: Date): Promise<Plan> {
    const plan =
      form.kind === 'match'
        ? await this.ofMatch(tx, buyerId, form.matchId, now)
        : await this.ofListing(tx, buyerId, form, now);
    const operator = await this.organizations.find(tx, plan.operatorId);
    if (operator.state !== 'active') {
      throw listingNotAvailable(plan.lines[0]!.listing, 'The operator of this listing is suspended.');
    }
    return plan;
  }

  private async ofListing(
    tx: EntityManager,
    buyerId: string,
    { listingId, gpus, period }: Extract<BookingForm, { kind: 'listing' }>,
    now: Date,
  ): Promise<Plan> {
    const listing = (await this.listingsOf(tx, [listingId])).get(listingId);
    if (!listing) throw notFound('listing');
    assertForSale(listing, buyerId);
    assertStartable(period.start, now);
    assertTerms(listing, gpus, period);
    const rateMicros = discountedRate(listing.rateMicros, listing.termDiscounts, lengthMinutes(period));
    return {
      operatorId: listing.organizationId,
      period,
      requestId: null,
      matchId: null,
      lines: [{ listing, gpus, rateMicros }],
    };
  }

  /** At the match's own price, even where the ask has risen since. */
  private async ofMatch(tx: EntityManager, buyerId: string, matchId: string, now: Date): Promise<Plan> {
    const match = await this.matches.findForBooking(tx, buyerId, matchId);
    const period = { start: match.start, end: match.end };
    if (dateOf(period.end) <= now) throw expired('match');
    const listings = await this.listingsOf(
      tx,
      match.lines.map((line) => line.listingId),
    );
    const lines = match.lines.map(({ listingId, gpus, rateMicros }) => {
      const listing = listings.get(listingId);
      if (!listing) throw notFound('listing');
      assertForSale(listing, buyerId);
      const [refusal] = termErrors(listing, gpus, period);
      if (refusal) throw listingNotAvailable(listing, `The listing's terms have changed: ${refusal.detail}.`);
      return { listing, gpus, rateMicros };
    });
    lines.sort((a, b) => (a.listing.id < b.listing.id ? -1 : 1));
    const operatorId = lines[0]!.listing.organizationId;
    return { operatorId, period, requestId: match.requestId, matchId, lines };
  }

  private async listingsOf(tx: EntityManager, ids: readonly string[]): Promise<Map<string, Listing>> {
    const listings = await tx.findBy(Listing, { id: In(ids) });
    return new Map(listings.map((listing) => [listing.id, listing]));
  }
}

function assertForSale(listing: Listing, buyerId: string): void {
  if (listing.organizationId === buyerId) {
    throw forbidden('An organization cannot book its own listing.', 'own-listing');
  }
  if (listing.state !== 'active') {
    throw listingNotAvailable(
      listing,
      `This listing is ${listing.state.replaceAll('_', ' ')}; it takes no bookings.`,
    );
  }
}
