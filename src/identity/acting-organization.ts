import { AppError, forbidden, notFound } from '../kernel/errors.js';
import { UUID_PATTERN } from '../kernel/id.js';
import type { Seat } from './principals.js';

/** What a call says about the organisation it acts for. */
export interface OrganizationChoice {
  seats: readonly Seat[];
  /** The `X-Organization-Id` header. */
  header: string | undefined;
  /** The organisation that the path is about, on routes below `/v1/organizations/{id}`. */
  inPath: string | undefined;
  /** An API key acts for its own organisation only. */
  bound: string | undefined;
}

/**
 * The seat a call acts from: of the organisation in the path, in the header, or the only one.
 * @returns undefined when nothing is named and there is not exactly one.
 * @throws AppError 404 for a path, 403 for a header that names an organisation the caller has no seat in; 400
 * `organization-malformed` for a header that is no id.
 */
export function chooseSeat(choice: OrganizationChoice): Seat | undefined {
  const seats = choice.bound
    ? choice.seats.filter((seat) => seat.organizationId === choice.bound)
    : choice.seats;
  const seatIn = (id: string): Seat | undefined =>
    seats.find((seat) => seat.organizationId === id.toLowerCase());
  if (choice.inPath !== undefined) {
    const seat = seatIn(choice.inPath);
    if (!seat) throw notFound('organization');
    return seat;
  }
  if (choice.header !== undefined) {
    if (!UUID_PATTERN.test(choice.header)) {
      throw new AppError(
        'malformed',
        'organization-malformed',
        'X-Organization-Id must be the id of an organization.',
      );
    }
    const seat = seatIn(choice.header);
    if (!seat) throw forbidden('You are not a member of the organization that X-Organization-Id names.');
    return seat;
  }
  return seats.length === 1 ? seats[0] : undefined;
}
