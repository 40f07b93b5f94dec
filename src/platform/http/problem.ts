import { AppError, type ErrorKind, type FieldError } from '../../kernel/errors.js';

/** RFC 9457 problem details, with the request's id and, for validation, the fields that are wrong. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  requestId: string;
  errors?: FieldError[];
  [member: string]: unknown;
}

/** Where a problem happened: what its `instance` and `requestId` say. */
export interface ProblemContext {
  path: string;
  requestId: string;
}

const STATUS_OF_KIND: Record<ErrorKind, number> = {
  malformed: 400,
  unauthenticated: 401,
  'payment-required': 402,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'too-large': 413,
  'unsupported-media': 415,
  invalid: 422,
  'rate-limited': 429,
  unavailable: 503,
};

/** A kept refusal, sent again exactly as it was the first time. */
export class StoredProblem extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
  ) {
    super('a kept problem');
  }
}

/** `insufficient-capacity` reads "Insufficient capacity". */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The problem document of an error. */
export function problemBody(error: AppError, context: ProblemContext): Problem {
  return {
    type: `/problems/${error.code}`,
    title: titleOf(error.code),
    status: STATUS_OF_KIND[error.kind],
    detail: error.message,
    instance: context.path,
    requestId: context.requestId,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
    ...error.members,
  };
}
