import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { QueryFailedError } from 'typeorm';
import { AppError, type ErrorKind } from '../../kernel/errors.js';
import { constraintError } from '../database/constraint-errors.js';
import { StoredProblem, problemBody } from './problem.js';

const KIND_OF_STATUS: Record<number, [ErrorKind, string]> = {
  400: ['malformed', 'malformed-request'],
  401: ['unauthenticated', 'unauthenticated'],
  403: ['forbidden', 'forbidden'],
  404: ['not-found', 'not-found'],
  405: ['not-found', 'not-found'],
  413: ['too-large', 'payload-too-large'],
  414: ['malformed', 'malformed-request'],
  415: ['unsupported-media', 'unsupported-media-type'],
  431: ['malformed', 'malformed-request'],
};

/** A Fastify or Nest error that names a 4xx status of its own. */
function fromStatus(error: unknown): AppError | undefined {
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown }).statusCode;
  const known = typeof status === 'number' ? KIND_OF_STATUS[status] : undefined;
  if (!known) return undefined;
  const message = status === 404 ? 'There is nothing at this address.' : (error as Error).message;
  return new AppError(known[0], known[1], message);
}

/**
 * The database cannot serve now, and the call may be sent again: 40001 and 40P01 (tried often enough), 53300 too many
 * connections, 55P03 lock_timeout, 57014 statement_timeout, 57P0x shutting down, and what a broken connection says.
 */
const UNAVAILABLE = new Set(
  '40001 40P01 53300 55P03 57014 57P01 57P02 57P03 ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT'.split(' '),
);
/** What pg and TypeORM say, without a code, of a connection that broke under the call. */
const CONNECTION_LOST =
  /^Connection (terminated|error)|^timeout exceeded when trying to connect|^Client (has encountered|was closed)|^Query runner already released|^Database connection provided by a query runner was already released|^Transaction is not started/;

function fromDatabase(error: unknown): AppError | undefined {
  const cause = (error instanceof QueryFailedError ? error.driverError : error) as {
    code?: string;
    constraint?: string;
    message?: string;
  };
  if (UNAVAILABLE.has(cause?.code ?? '') || CONNECTION_LOST.test(cause?.message ?? '')) {
    return new AppError('unavailable', 'unavailable', 'The market is busy; try again in a moment.');
  }
  return error instanceof QueryFailedError ? constraintError(cause.constraint) : undefined;
}

/** The only place that turns errors into HTTP: RFC 9457 problem documents. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof StoredProblem) {
      void reply.status(error.status).type('application/problem+json').send(error.body);
      return;
    }
    const known = error instanceof AppError ? error : (fromStatus(error) ?? fromDatabase(error));
    if (!known) this.logger.error(error instanceof Error ? error.stack : String(error), request.id);
    const body = known
      ? problemBody(known, { path: request.url.split('?')[0]!, requestId: request.id })
      : {
          type: '/problems/internal',
          title: 'Internal error',
          status: 500,
          detail: 'Something went wrong on our side. Quote the request id when you report it.',
          instance: request.url.split('?')[0]!,
          requestId: request.id,
        };
    if (body.status === 401) void reply.header('WWW-Authenticate', 'Bearer');
    if (body.status === 503) void reply.header('Retry-After', '1');
    void reply.status(body.status).type('application/problem+json').send(JSON.stringify(body));
  }
}
