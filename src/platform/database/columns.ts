import type { ValueTransformer } from 'typeorm';
import { type Minute, dateOf, minuteOf } from '../../kernel/period.js';

/** PostgreSQL's bigint arrives as text; money is a JavaScript bigint. */
export const bigintColumn: ValueTransformer = {
  to: (value: bigint | null | undefined) => (value == null ? value : value.toString()),
  from: (value: string | null) => (value === null ? null : BigInt(value)),
};

/** A whole-minute instant, kept as timestamptz. */
export const minuteColumn: ValueTransformer = {
  to: (value: Minute | null | undefined) => (typeof value === 'number' ? dateOf(value) : value),
  from: (value: Date | null) => (value === null ? null : minuteOf(value)),
};

/** numeric arrives as text; only ratios and physical figures use it, never money. */
export const numberColumn: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};
