import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  createParamDecorator,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { AppError } from '../../kernel/errors.js';
import type { ProblemContext } from './problem.js';

/** One HTTP call as a service needs to know it: who repeats what, and under which key. */
export interface Call extends ProblemContext {
  credentialId: string | undefined;
  key: string | undefined;
  requestHash: Buffer;
  /** The status of the answer that is kept with the key. */
  status: number;
  /** Set by `Transactions.once` when the answer is a kept one. */
  replayed: boolean;
}

/** What the guard and this interceptor leave on the request. */
export interface CallRequest extends FastifyRequest {
  credentialId?: string;
  call?: Call;
}

const KEY_REQUIRED = 'fallow:idempotency-key-required';
const VISIBLE = /^[\x21-\x7e]{1,255}$/;

/** The route refuses a call without an Idempotency-Key (400). */
export const IdempotencyKeyRequired = (): MethodDecorator => SetMetadata(KEY_REQUIRED, true);

/** The handler's view of the call, for `Transactions.once`. */
export const CurrentCall = createParamDecorator((_: unknown, context: ExecutionContext): Call => {
  return context.switchToHttp().getRequest<Required<CallRequest>>().call;
});

/** JSON with sorted keys, so that the same body in another order is the same request. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

function hashOf(request: FastifyRequest): Buffer {
  const organization = request.headers['x-organization-id'] ?? '';
  return createHash('sha256')
    .update(`${request.method}\n${request.url}\n${String(organization)}\n${canonical(request.body)}`)
    .digest();
}

/** Reads the Idempotency-Key of each call, and marks answers that are replays. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<CallRequest>();
    const reply = http.getResponse<FastifyReply>();
    const call = this.callOf(context, request, reply);
    request.call = call;
    const mark = (): void => {
      if (call.replayed) void reply.header('Idempotency-Replayed', 'true');
    };
    return next.handle().pipe(tap({ next: mark, error: mark }));
  }

  private callOf(context: ExecutionContext, request: CallRequest, reply: FastifyReply): Call {
    const raw = request.headers['idempotency-key'];
    const key = Array.isArray(raw) ? raw[0] : raw;
    if (key === undefined && this.reflector.get<boolean>(KEY_REQUIRED, context.getHandler())) {
      throw new AppError(
        'malformed',
        'idempotency-key-required',
        'This call moves money or capacity: send an Idempotency-Key header so that a retry is safe.',
      );
    }
    if (key !== undefined && !VISIBLE.test(key)) {
      throw new AppError(
        'malformed',
        'idempotency-key-malformed',
        'Idempotency-Key takes 1 to 255 visible characters.',
      );
    }
    const keyed = key !== undefined && request.method === 'POST';
    return {
      path: request.url.split('?')[0]!,
      requestId: request.id,
      credentialId: request.credentialId,
      key: keyed ? key : undefined,
      requestHash: keyed ? hashOf(request) : Buffer.alloc(0),
      status: reply.statusCode,
      replayed: false,
    };
  }
}
