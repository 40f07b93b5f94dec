import { v7 } from 'uuid';

/** A new UUIDv7: unique, and ordered by the time it was made, so lists can page by id. */
export const newId = (): string => v7();

/** Any RFC 9562 UUID in its canonical text form. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The platform's own organisation: owner of the market's ledger accounts, never a buyer or an operator. */
export const PLATFORM_ORGANIZATION_ID = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
