import { createHash } from 'node:crypto';
import type { Region } from '../region.js';

/** Stored round trips are whole tenths of a millisecond in 16 bits. */
const TENTHS_PER_MS = 10;
const LARGEST = 65_535;

/** Round trips between regions, as they are committed: see `matrix.data.ts`. */
export interface StoredMatrix {
  /** Of the codes and coordinates the matrix was made for. */
  readonly regions: string;
  /**
   * A region's code, and its round trips to the regions of the rows above it in their order: little-endian unsigned
   * 16-bit tenths of a millisecond, base64.
   */
  readonly rows: readonly (readonly [code: string, rtts: string])[];
}

/** Tells whether a matrix belongs to a list of regions: changes with any code, coordinate, or their order. */
export function regionsFingerprint(regions: readonly Region[]): string {
  const text = regions.map(({ code, lat, lon }) => `${code} ${lat} ${lon}\n`).join('');
  return createHash('sha256').update(text).digest('hex');
}

/** @param ms symmetric `regions × regions` round trips, row by row; the diagonal is not stored. Rounded up, to stay above light. */
export function encodeMatrix(regions: readonly Region[], ms: Float64Array): StoredMatrix {
  const rows = regions.map(({ code }, row) => {
    const bytes = Buffer.alloc(2 * row);
    for (let column = 0; column < row; column += 1) {
      const tenths = Math.ceil(ms[row * regions.length + column]! * TENTHS_PER_MS);
      bytes.writeUInt16LE(Math.min(tenths, LARGEST), 2 * column);
    }
    return [code, bytes.toString('base64')] as const;
  });
  return { regions: regionsFingerprint(regions), rows };
}

/**
 * @returns the codes in the matrix's order, and symmetric `codes × codes` round trips in ms, row by row; the diagonal is 0.
 * @throws Error when a row is not as long as it must be.
 */
export function decodeMatrix({ rows }: StoredMatrix): { codes: readonly string[]; ms: Float64Array } {
  const ms = new Float64Array(rows.length ** 2);
  rows.forEach(([code, rtts], row) => {
    const bytes = Buffer.from(rtts, 'base64');
    if (bytes.length !== 2 * row)
      throw new Error(`the row of ${code} has ${bytes.length} bytes, not ${2 * row}`);
    for (let column = 0; column < row; column += 1) {
      const value = bytes.readUInt16LE(2 * column) / TENTHS_PER_MS;
      ms[row * rows.length + column] = ms[column * rows.length + row] = value;
    }
  });
  return { codes: rows.map(([code]) => code), ms };
}
