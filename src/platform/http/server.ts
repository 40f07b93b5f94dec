import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../../kernel/errors.js';
import type { Config } from '../config.js';
import type { AppMetrics } from '../ops/metrics.js';
import { problemBody } from './problem.js';

const BODY_LIMIT_BYTES = 1024 * 1024;
const CSV_LIMIT_BYTES = 20 * 1024 * 1024;

/** Routes that take a CSV file as their body. */
const CSV_ROUTES = new Set(['/v1/listings/import', '/v1/admin/fx-rates/import']);

const REQUEST_ID = /^[\w.-]{8,64}$/;

/** The HTTP server underneath: limits, request ids, logs. */
export function fastifyAdapter(config: Config): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: (_address: string, hop: number) => hop < config.trustedProxies,
    genReqId: (request: { headers: Record<string, unknown> }) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    logger: false,
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const { url, id: requestId } = request;
      const error = new AppError('malformed', 'malformed-request', 'The address is not properly encoded.');
      const body = problemBody(error, { path: url.split('?')[0]!, requestId });
      return reply.status(400).type('application/problem+json').send(JSON.stringify(body));
    },
  });
}

/** Takes text/csv on the import routes only; elsewhere it is an unsupported media type. */
function acceptCsv(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'text/csv',
    { parseAs: 'string', bodyLimit: CSV_LIMIT_BYTES },
    (request: FastifyRequest, body, done) => {
      if (CSV_ROUTES.has(request.routeOptions.url ?? '')) return done(null, body);
      return done(
        new AppError('unsupported-media', 'unsupported-media-type', 'This route takes application/json.'),
      );
    },
  );
}

/** JSON bodies; an empty one is no body, as clients send on actions without parameters. */
function acceptJson(fastify: FastifyInstance): void {
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    if (CSV_ROUTES.has(request.routeOptions.url ?? '')) {
      return done(new AppError('unsupported-media', 'unsupported-media-type', 'This route takes text/csv.'));
    }
    return parse(request, body as string, done);
  });
}

/** Registers what every answer carries: security headers, the request's id, timing. */
export async function configureServer(
  app: NestFastifyApplication,
  metrics: AppMetrics,
  log: Logger,
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        scriptSrc: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
  });
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  acceptJson(fastify);
  acceptCsv(fastify);
  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.httpSeconds.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    log.debug({
      requestId: request.id,
      method: request.method,
      path: request.url.split('?')[0],
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });
}
