import { createHash, randomBytes } from 'node:crypto';
import { UUID_PATTERN } from '../../kernel/id.js';

const SECRET_BYTES = 32;
const API_KEY = /^fk_([\w-]{22})_([\w-]{43})$/;

export const API_KEY_PREFIX = 'fk_';

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A new refresh token: 256 random bits. */
export const newRefreshToken = (): string => `fr_${randomBytes(SECRET_BYTES).toString('base64url')}`;

/** The public half of an API key: its id in 22 characters. */
export const apiKeyPrefix = (id: string): string =>
  API_KEY_PREFIX + Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');

/** A new API key: the public half, by which it is found, and 256 random bits. */
export const newApiKey = (id: string): string =>
  `${apiKeyPrefix(id)}_${randomBytes(SECRET_BYTES).toString('base64url')}`;

/** The id that an API key names, or undefined for what is no API key. */
export function apiKeyId(key: string): string | undefined {
  const half = API_KEY.exec(key)?.[1];
  if (half === undefined) return undefined;
  const hex = Buffer.from(half, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return UUID_PATTERN.test(id) ? id : undefined;
}
