import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Observable, tap } from 'rxjs';
import { etagOf, versionOf } from './version.js';

/** Sends the version of a single resource as its ETag. */
@Injectable()
export class EtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      tap((view) => {
        const version = versionOf(view);
        if (version !== undefined) {
          void context.switchToHttp().getResponse<FastifyReply>().header('ETag', etagOf(version));
        }
      }),
    );
  }
}
