/**
 * The errors every room speaks. A service throws one of these; `platform/http/problem.filter.ts` alone turns it
 * into HTTP. `code` is stable and becomes the problem's type (`/problems/<code>`).
 */
export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'precondition-failed'
  | 'payment-required'
  | 'too-large'
  | 'unsupported-media'
  | 'rate-limited'
  | 'unavailable';

/** One wrong field: a JSON pointer into the body (or `?name` for a query parameter) and what is wrong with it. */
export interface FieldError {
  pointer: string;
  detail: string;
}

export interface ErrorExtras {
  fields?: FieldError[];
  /** Further members of the problem document, whitelisted by whoever throws. */
  members?: Record<string, unknown>;
}

export class AppError extends Error {
  readonly fields: FieldError[];
  readonly members: Record<string, unknown>;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    extras: ErrorExtras = {},
  ) {
    super(message);
    this.name = 'AppError';
    this.fields = extras.fields ?? [];
    this.members = extras.members ?? {};
  }
}

/** 404: absent, or another organisation's; the two are indistinguishable on purpose. */
export const notFound = (noun: string): AppError =>
  new AppError('not-found', 'not-found', `There is no such ${noun}.`);

/** 422: well-formed but invalid; `pointer` names the field, as in `/price/amount`. */
export const invalid = (pointer: string, detail: string): AppError =>
  new AppError('invalid', 'validation', detail, { fields: [{ pointer, detail }] });

export const conflict = (code: string, message: string, members?: Record<string, unknown>): AppError =>
  new AppError('conflict', code, message, { members });

export const forbidden = (message: string, code = 'forbidden'): AppError =>
  new AppError('forbidden', code, message);

/** 409: the GPUs asked for are not free in the window any more. */
export const insufficientCapacity = (message = 'The GPUs asked for are not free in this window.'): AppError =>
  conflict('insufficient-capacity', message);

/** 409: a hold or match whose time has run out. */
export const expired = (noun: string): AppError => conflict('expired', `This ${noun} has expired.`);

/** 412: the caller edited a version that is no longer the current one. */
export const staleVersion = (): AppError =>
  new AppError('precondition-failed', 'precondition-failed', 'If-Match does not name the current version.');
