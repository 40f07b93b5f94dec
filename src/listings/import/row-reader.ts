import type { Chip } from '../../catalog/chip.js';
import type { Region } from '../../catalog/region.js';
import { isRfc3339 } from '../../kernel/period.js';
import type { TermDiscount } from '../../kernel/rate.js';
import { LIMITS } from '../listing-terms.js';
import type { NameBook } from '../places-and-chips.js';
import type { Columns, Field, RowError } from './import-mapping.js';

interface Bounds {
  min: number;
  max: number;
}

/** One row's cells by field, each read as what it should be; what cannot be is noted as an error of its column. */
export class RowReader {
  readonly errors: RowError[] = [];

  constructor(
    readonly columns: Columns,
    private readonly cells: readonly string[],
    readonly row: number,
    private readonly names: NameBook,
  ) {}

  refuse(field: Field, detail: string): undefined {
    this.errors.push({ row: this.row, column: this.columns.at.get(field)?.name ?? field, detail });
    return undefined;
  }

  /** The cell, or undefined when it is empty or the file has no such column. */
  text(field: Field, maxLength = 200): string | undefined {
    const at = this.columns.at.get(field);
    const cell = at === undefined ? '' : (this.cells[at.index] ?? '');
    if (cell === '') return undefined;
    if (cell.length > maxLength) return this.refuse(field, `has more than ${maxLength} characters`);
    return cell;
  }

  required(field: Field, maxLength?: number): string | undefined {
    const before = this.errors.length;
    const cell = this.text(field, maxLength);
    return cell ?? (this.errors.length === before ? this.refuse(field, 'is required') : undefined);
  }

  /** The chip of that name; `field` is where the name stands. */
  chip(field: Field, name: string, memoryGib?: number): Chip | undefined {
    return this.found(field, this.names.chip(name, memoryGib));
  }

  region(name: string): Region | undefined {
    return this.found(this.columns.at.has('region') ? 'region' : 'zone', this.names.region(name));
  }

  /** What a name was found to be; a text says what is wrong with it. */
  private found<T extends object>(field: Field, outcome: T | string): T | undefined {
    return typeof outcome === 'string' ? this.refuse(field, outcome) : outcome;
  }

  /** `8`, or `8.0` as spreadsheets and catalogues write it. */
  whole(field: Field, bounds: Bounds, cell = this.text(field)): number | undefined {
    if (cell === undefined) return undefined;
    const value = /^\d{1,12}(\.0+)?$/.test(cell) ? Number(cell) : NaN;
    if (value >= bounds.min && value <= bounds.max) return value;
    return this.refuse(field, `must be a whole number from ${bounds.min} to ${bounds.max}`);
  }

  hours(field: Field): number | undefined {
    const cell = this.text(field);
    if (cell === undefined) return undefined;
    const value = /^\d{1,6}(\.\d{1,17})?$/.test(cell) ? Number(cell) : NaN;
    if (value > 0 && value <= LIMITS.hours) return value;
    return this.refuse(field, `must be a number of hours from 0.01 to ${LIMITS.hours}`);
  }

  time(field: Field): string | undefined {
    const cell = this.text(field);
    if (cell === undefined || isRfc3339(cell)) return cell;
    return this.refuse(field, 'must be an RFC 3339 time such as 2027-03-01T00:00:00Z');
  }

  oneOf<T extends string>(field: Field, values: readonly T[]): T | undefined {
    const cell = this.text(field);
    if (cell === undefined) return undefined;
    const value = values.find((each) => each === cell.toLowerCase());
    return value ?? this.refuse(field, `must be one of ${values.join(', ')}`);
  }

  /** Words with semicolons, bars or spaces between them. */
  someOf<T extends string>(field: Field, values: readonly T[]): T[] | undefined {
    const words = this.text(field)
      ?.toLowerCase()
      .split(/[;|\s,]+/)
      .filter((word) => word !== '');
    if (words === undefined) return undefined;
    const known = values.filter((value) => words.includes(value));
    if (known.length > 0 && words.every((word) => values.includes(word as T))) return known;
    return this.refuse(field, `must be some of ${values.join(', ')}, with semicolons between them`);
  }

  /** `720:10; 4380:25`: 10 % off from 720 hours on, 25 % from 4,380 on. */
  discounts(field: Field): TermDiscount[] | undefined {
    const cell = this.text(field, 1000);
    if (cell === undefined) return undefined;
    const parts = cell
      .split(/[;|]/)
      .map((part) => /^\s*(\d{1,6}(?:\.\d+)?)\s*:\s*(\d{1,2}(?:\.\d{1,2})?)\s*%?\s*$/.exec(part));
    const discounts = parts.map((part) => ({ minHours: Number(part?.[1]), percentOff: Number(part?.[2]) }));
    const sound = discounts.every(
      ({ minHours, percentOff }) =>
        minHours > 0 && minHours <= LIMITS.hours && percentOff > 0 && percentOff <= 99,
    );
    if (sound && discounts.length <= LIMITS.discounts) return discounts;
    return this.refuse(field, 'must be minHours:percentOff pairs such as 720:10;4380:25');
  }
}
