import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../kernel/errors.js';

/** A page of a list, as the contract shows it. */
export interface Page<T> {
  data: T[];
  nextCursor: string | null;
}

export const DEFAULT_PAGE_SIZE = 50;

const SIGNATURE_BYTES = 12;

/** Makes cursors that name where a page ended, and refuses those it did not make. */
export class Cursors {
  constructor(private readonly secret: string) {}

  /** @param position any JSON value that says where the next page starts; `list` ties it to one list's order. */
  encode(list: string, position: unknown): string {
    const payload = Buffer.from(JSON.stringify(position));
    return Buffer.concat([this.sign(list, payload), payload]).toString('base64url');
  }

  /** @throws AppError 400 `invalid-cursor` for a cursor that this list did not give out. */
  decode<T>(list: string, cursor: string | undefined): T | undefined {
    if (cursor === undefined) return undefined;
    const bytes = Buffer.from(cursor, 'base64url');
    const signature = bytes.subarray(0, SIGNATURE_BYTES);
    const payload = bytes.subarray(SIGNATURE_BYTES);
    if (signature.length !== SIGNATURE_BYTES || !timingSafeEqual(signature, this.sign(list, payload))) {
      throw new AppError('malformed', 'invalid-cursor', 'This cursor does not belong to this list.', {
        fields: [{ pointer: '/cursor', detail: 'is not a cursor of this list' }],
      });
    }
    return JSON.parse(payload.toString()) as T;
  }

  private sign(list: string, payload: Buffer): Buffer {
    const mac = createHmac('sha256', this.secret)
      .update('cursor\n')
      .update(list)
      .update('\n')
      .update(payload);
    return mac.digest().subarray(0, SIGNATURE_BYTES);
  }

  /**
   * The page of `rows`, which holds one row more than `limit` when there is a further page.
   * @param position of the last row shown.
   */
  page<Row, View>(
    list: string,
    rows: readonly Row[],
    limit: number,
    view: (row: Row) => View,
    position: (row: Row) => unknown,
  ): Page<View> {
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const more = rows.length > limit && last !== undefined;
    return { data: shown.map(view), nextCursor: more ? this.encode(list, position(last)) : null };
  }
}
