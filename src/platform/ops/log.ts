import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { Config } from '../config.js';

/** The process's log: JSON lines in production, readable ones elsewhere. */
export function createLog(config: Pick<Config, 'production' | 'logLevel'>): Logger {
  const readable = { target: 'pino-pretty', options: { singleLine: true, ignore: 'pid,hostname' } };
  return pino({ level: config.logLevel, ...(config.production ? {} : { transport: readable }) });
}

/** Nest's messages and the rooms' own, in the same log. Nest's start-up chatter shows at level debug. */
export function nestLog(log: Logger): LoggerService {
  return {
    log: (message: unknown, context?: unknown) => log.debug({ context }, String(message)),
    debug: (message: unknown, context?: unknown) => log.debug({ context }, String(message)),
    warn: (message: unknown, context?: unknown) => log.warn({ context }, String(message)),
    error: (message: unknown, ...details: unknown[]) => log.error({ details }, String(message)),
    fatal: (message: unknown, ...details: unknown[]) => log.fatal({ details }, String(message)),
  };
}
