import { staleVersion } from '../../kernel/errors.js';

const VERSION = Symbol('version');

/** Lets the response carry `version` as its ETag without showing it in the body. */
export function withVersion<T extends object>(view: T, version: number): T {
  return Object.defineProperty(view, VERSION, { value: version, enumerable: false });
}

export const versionOf = (view: unknown): number | undefined =>
  view !== null && typeof view === 'object' ? (view as { [VERSION]?: number })[VERSION] : undefined;

/** The entity tag of a version. */
export const etagOf = (version: number): string => `"${version}"`;

/** @throws AppError 412 when `ifMatch` (the header) names another version than the current one. */
export function assertIfMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined) return;
  const tags = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!tags.includes('*') && !tags.includes(etagOf(version))) throw staleVersion();
}
