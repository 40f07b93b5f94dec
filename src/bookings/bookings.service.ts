import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import type { SignedInUser } from '../identity/access.js';
import { AppError, forbidden, notFound } from '../kernel/errors.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { partsOf, viewOf } from './booking-parts.query.js';
import type { BookingsQuery } from './booking.dto.js';
import { Booking } from './booking.entity.js';
import { type BookingPage, type BookingView, bookingView } from './booking.view.js';
import { type BookingFilter, idsOfAll, idsOfParty } from './bookings.query.js';

const LIST = 'bookings';

/** Whose bookings someone may see: an organisation's, or as an admin of the platform everyone's. */
type Reader = { all: true } | { all: false; organizationId: string };

/** @throws AppError 400 without an acting organisation; 403 without the permission. */
function readerOf(user: SignedInUser): Reader {
  if (user.platformRole === 'admin') return { all: true };
  if (user.organizationId === undefined) {
    const detail = 'Name the organization you act for in the X-Organization-Id header.';
    throw new AppError('malformed', 'organization-required', detail);
  }
  if (!user.permissions?.has('bookings:read')) throw forbidden('This takes the permission bookings:read.');
  return { all: false, organizationId: user.organizationId };
}

/** A buyer sees its own booking as a buyer; its operator, and an admin, see the fee too. */
const viewerOf = (reader: Reader, booking: Booking): 'buyer' | 'operator' =>
  !reader.all && reader.organizationId === booking.organizationId ? 'buyer' : 'operator';

/** Bookings as their parties see them. */
@Injectable()
export class BookingsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly cursors: Cursors,
  ) {}

  /** @throws AppError 404 when the reader is no party of it. */
  async get(user: SignedInUser, id: string): Promise<BookingView> {
    const { manager } = this.dataSource;
    const reader = readerOf(user);
    const scope = reader.all
      ? { id }
      : [
          { id, organizationId: reader.organizationId },
          { id, operatorId: reader.organizationId },
        ];
    const booking = await manager.findOne(Booking, { where: scope });
    if (!booking) throw notFound('booking');
    return viewOf(manager, booking, viewerOf(reader, booking));
  }

  /** Newest first. */
  async list(user: SignedInUser, query: BookingsQuery): Promise<BookingPage> {
    const { manager } = this.dataSource;
    const reader = readerOf(user);
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const filter: BookingFilter = {
      states: query.state ?? null,
      from: query.from === undefined ? null : new Date(query.from),
      to: query.to === undefined ? null : new Date(query.to),
      before: this.cursors.decode<string>(LIST, query.cursor) ?? null,
      limit: limit + 1,
    };
    const ids = reader.all
      ? await idsOfAll(manager, filter)
      : await idsOfParty(manager, reader.organizationId, query.party ?? 'both', filter);
    const bookings = await manager.find(Booking, { where: { id: In(ids) }, order: { id: 'desc' } });
    const parts = await partsOf(manager, ids);
    return this.cursors.page(
      LIST,
      bookings,
      limit,
      (booking) => bookingView(booking, parts.get(booking.id)!, viewerOf(reader, booking)),
      (booking) => booking.id,
    );
  }
}
