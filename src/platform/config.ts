import { StartupError } from './startup-error.js';

/** Everything the environment decides, read once and typed. Nothing else in the product reads `process.env`. */
export interface Config {
  production: boolean;
  host: string | undefined;
  port: number;
  /** Undefined: the embedded server in `dataDirectory`, with the demonstration market. */
  databaseUrl: string | undefined;
  databasePoolSize: number;
  dataDirectory: string;
  /** Signs access tokens and cursors. Undefined: generated once and kept in `dataDirectory`. */
  secretKey: string | undefined;
  settlementCurrency: string;
  rateLimitScale: number;
  /** How many proxies in front are trusted to name the caller's address. */
  trustedProxies: number;
  holdSeconds: number;
  deliveryGraceSeconds: number;
  matchSeconds: number;
  logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** An empty setting counts as absent, as compose files write them. */
function text(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

function number(
  env: Environment,
  name: string,
  fallback: number,
  bounds: { min: number; max: number; whole?: boolean },
): number {
  const value = text(env, name);
  if (value === undefined) return fallback;
  const parsed = Number(value);
  const whole = bounds.whole ?? true;
  if (
    !Number.isFinite(parsed) ||
    parsed < bounds.min ||
    parsed > bounds.max ||
    (whole && !Number.isInteger(parsed))
  ) {
    throw new StartupError(
      `${name} must be a ${whole ? 'whole ' : ''}number from ${bounds.min} to ${bounds.max}, not "${value}".`,
    );
  }
  return parsed;
}

function databaseUrl(env: Environment): string | undefined {
  const value = text(env, 'DATABASE_URL');
  if (value === undefined) return undefined;
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol) || parsed.pathname.length < 2) {
    throw new StartupError('DATABASE_URL must look like postgres://user:password@host:5432/database.');
  }
  return value;
}

function secretKey(env: Environment, production: boolean): string | undefined {
  const value = text(env, 'SECRET_KEY');
  if (value !== undefined && value.length < 32) {
    throw new StartupError('SECRET_KEY must have at least 32 characters.');
  }
  if (value === undefined && production) {
    throw new StartupError(
      'SECRET_KEY must be set when NODE_ENV=production (at least 32 random characters).',
    );
  }
  return value;
}

function oneOf(env: Environment, name: string, values: readonly string[], fallback: string): string {
  const value = text(env, name) ?? fallback;
  if (!values.includes(value)) {
    throw new StartupError(`${name} must be one of ${values.join(', ')}, not "${value}".`);
  }
  return value;
}

/**
 * Reads the settings.
 * @throws StartupError with one line that names the setting that is wrong.
 */
export function readConfig(env: Environment = process.env): Config {
  const production = text(env, 'NODE_ENV') === 'production';
  const settlementCurrency = text(env, 'SETTLEMENT_CURRENCY') ?? 'USD';
  if (!/^[A-Z]{3}$/.test(settlementCurrency)) {
    throw new StartupError(
      `SETTLEMENT_CURRENCY must be an ISO 4217 code such as USD, not "${settlementCurrency}".`,
    );
  }
  const url = databaseUrl(env);
  if (url === undefined && production) {
    throw new StartupError('DATABASE_URL must be set when NODE_ENV=production.');
  }
  return {
    production,
    host: text(env, 'HOST'),
    port: number(env, 'PORT', 3000, { min: 0, max: 65_535 }),
    databaseUrl: url,
    databasePoolSize: number(env, 'DATABASE_POOL_SIZE', 20, { min: 2, max: 500 }),
    dataDirectory: text(env, 'DATA_DIRECTORY') ?? '.data',
    secretKey: secretKey(env, production),
    settlementCurrency,
    rateLimitScale: number(env, 'RATE_LIMIT_SCALE', 1, { min: 0.001, max: 1_000_000, whole: false }),
    trustedProxies: number(env, 'TRUSTED_PROXIES', 0, { min: 0, max: 10 }),
    holdSeconds: number(env, 'HOLD_SECONDS', 15 * 60, { min: 1, max: 24 * 3600 }),
    deliveryGraceSeconds: number(env, 'DELIVERY_GRACE_SECONDS', 30 * 60, { min: 1, max: 24 * 3600 }),
    matchSeconds: number(env, 'MATCH_SECONDS', 15 * 60, { min: 1, max: 24 * 3600 }),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}
