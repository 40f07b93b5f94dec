import { CsvError, parse } from 'csv-parse/sync';
import type { Chip } from '../../catalog/chip.js';
import { resolveInstanceType } from '../../catalog/instance-types.data.js';
import { AppError } from '../../kernel/errors.js';
import { divideRounded, formatMicros } from '../../kernel/money.js';
import { INTERCONNECTS, PRICE_UNITS, WORKLOADS } from '../listing.entity.js';
import { LIMITS, type ListingTerms, type Rates, type TermsInput, checkTerms } from '../listing-terms.js';
import { NameBook } from '../places-and-chips.js';
import { CATALOGUE, type Field, type RowError, columnsOf } from './import-mapping.js';
import { RowReader } from './row-reader.js';
import { SitePlanner, type KnownSite, type SitePlan } from './site-plan.js';

/** What the rows of a file mean depends on. */
export interface ImportContext {
  rates: Rates;
  settlementCurrency: string;
  /** The organisation's sites, oldest first. */
  sites: readonly KnownSite[];
}

/** One listing to be made. */
export interface ImportRow {
  row: number;
  site: SitePlan;
  terms: ListingTerms;
}

export interface ParsedImport {
  rows: ImportRow[];
  errors: RowError[];
}

export const MAX_IMPORT_ROWS = 100_000;

const fileError = (row: number, detail: string, column = ''): ParsedImport => ({
  rows: [],
  errors: [{ row, column, detail }],
});

/** The field that a pointer of `checkTerms` is about. */
function fieldOf(pointer: string): Field {
  if (pointer === '/price/currency' || pointer === '/floorPrice/currency') return 'currency';
  return pointer.split('/')[1] as Field;
}

/** A row's terms, and its chip as the catalogue knows it. */
interface RowInput {
  terms: TermsInput;
  chip: Chip;
}

const counted = (max: number): { min: number; max: number } => ({ min: 1, max });

/** A row in Fallow's own columns. */
function fallowInput(reader: RowReader, settlementCurrency: string): RowInput | undefined {
  const name = reader.required('chip', 100);
  const chip = name === undefined ? undefined : reader.chip('chip', name);
  const nodes = reader.whole('nodes', counted(LIMITS.nodes), reader.required('nodes'));
  const gpusPerNode = reader.whole(
    'gpusPerNode',
    counted(LIMITS.gpusPerNode),
    reader.required('gpusPerNode'),
  );
  const amount = reader.required('price');
  const currency = reader.text('currency')?.toUpperCase() ?? settlementCurrency;
  const per = reader.oneOf('per', PRICE_UNITS) ?? 'gpu_hour';
  const floor = reader.text('floorPrice');
  const most = LIMITS.nodes * LIMITS.gpusPerNode;
  const options = {
    gpuIncrement: reader.whole('gpuIncrement', counted(LIMITS.gpusPerNode)),
    interconnect: reader.oneOf('interconnect', INTERCONNECTS),
    interconnectGbps: reader.whole('interconnectGbps', counted(1_000_000)),
    cpu: reader.text('cpu'),
    ramGib: reader.whole('ramGib', counted(1_000_000)),
    storageGib: reader.whole('storageGib', { min: 0, max: 100_000_000 }),
    workloads: reader.someOf('workloads', WORKLOADS),
    floorPrice: floor === undefined ? null : { amount: floor, currency, per },
    termDiscounts: reader.discounts('termDiscounts'),
    availableFrom: reader.time('availableFrom'),
    availableUntil: reader.time('availableUntil'),
    minHours: reader.hours('minHours'),
    maxHours: reader.hours('maxHours'),
    minGpus: reader.whole('minGpus', counted(most)),
    maxGpus: reader.whole('maxGpus', counted(most)),
  };
  if (!chip || nodes === undefined || gpusPerNode === undefined || amount === undefined) return undefined;
  const price = { amount, currency, per };
  return { chip, terms: { chip: chip.code, nodes, gpusPerNode, price, ...options } };
}

/** GiB of memory of each GPU, where a catalogue tells: it tells variants of a chip apart. */
function memoryOf(reader: RowReader): number | undefined {
  const each = Number(reader.text('memoryGib'));
  if (each > 0) return each;
  const info = /SizeInMiB\W{1,4}(\d{1,9})/.exec(reader.text('gpuInfo', 10_000) ?? '')?.[1];
  return info === undefined ? undefined : Number(info) / 1024;
}

interface Hardware {
  chip: Chip;
  gpus: number;
}

/** What an instance holds: what the row says, else what its cloud says of the instance's type. */
function hardwareOf(reader: RowReader): Hardware | undefined {
  const name = reader.text('chip', 100);
  if (name !== undefined) {
    const cell = reader.required('gpusPerNode');
    if (cell !== undefined && Number(cell) > 0 && Number(cell) < 1) {
      return reader.refuse('gpusPerNode', 'is a share of a GPU; only whole GPUs are sold');
    }
    const gpus = reader.whole('gpusPerNode', counted(LIMITS.gpusPerNode), cell);
    const named = reader.chip('chip', name, memoryOf(reader));
    return named && gpus !== undefined ? { chip: named, gpus } : undefined;
  }
  const type = reader.text('instanceType');
  if (type === undefined) return reader.refuse('chip', 'is required');
  const inside = resolveInstanceType(type);
  if (!inside) return reader.refuse('instanceType', 'is not an instance type whose GPUs are known');
  if ('fractional' in inside) {
    return reader.refuse('instanceType', 'holds a share of a GPU; only whole GPUs are sold');
  }
  const chip = reader.chip('instanceType', inside.chip);
  return chip && { chip, gpus: inside.gpus };
}

/** Micro-units per GPU of a decimal price for `gpus` GPUs, rounded once. Catalogues print binary fractions in full. */
function pricePerGpu(text: string, gpus: number): bigint | undefined {
  const parts = /^(\d{1,9})(?:\.(\d{1,30}))?$/.exec(text);
  if (!parts) return undefined;
  const decimals = parts[2] ?? '';
  const units = BigInt(parts[1]! + decimals);
  return divideRounded(units * 1_000_000n, 10n ** BigInt(decimals.length) * BigInt(gpus));
}

/** A row of a public catalogue: one instance, sold whole. */
function catalogueInput(reader: RowReader): RowInput | undefined {
  const hardware = hardwareOf(reader);
  const price = reader.required('price');
  const micros = price === undefined ? undefined : pricePerGpu(price, hardware?.gpus ?? 1);
  if (price !== undefined && (micros === undefined || micros === 0n)) {
    reader.refuse('price', 'must be a decimal number of US dollars above zero');
  }
  const ram = Math.round(Number(reader.text('ramGib')));
  const cpu = reader.text('cpu');
  if (!hardware || micros === undefined) return undefined;
  const { chip, gpus } = hardware;
  const terms: TermsInput = {
    chip: chip.code,
    nodes: 1,
    gpusPerNode: gpus,
    gpuIncrement: gpus,
    interconnect: gpus > 1 && chip.interconnect === 'nvlink' ? 'nvlink' : 'pcie',
    cpu: cpu?.replace(/\.0+$/, ''),
    ramGib: ram >= 1 && ram <= 1_000_000 ? ram : null,
    price: { amount: formatMicros(micros), currency: 'USD', per: 'gpu_hour' },
  };
  return { chip, terms };
}

/** Where the row's nodes stand. */
function siteOf(reader: RowReader, sites: SitePlanner): SitePlan | undefined {
  const site = reader.text('site');
  const place = reader.text('region', 100) ?? reader.text('zone', 100);
  if (place === undefined && site === undefined) {
    return reader.errors.length > 0 ? undefined : reader.refuse('region', 'is required');
  }
  const region = place === undefined ? undefined : reader.region(place);
  if (place !== undefined && !region) return undefined;
  const plan = site === undefined ? sites.inRegion(region!) : sites.named(site, region);
  return typeof plan === 'string' ? reader.refuse('site', plan) : plan;
}

function parseRow(reader: RowReader, sites: SitePlanner, context: ImportContext): ImportRow | undefined {
  const catalogue = reader.columns.mapping === CATALOGUE;
  const input = catalogue ? catalogueInput(reader) : fallowInput(reader, context.settlementCurrency);
  const site = siteOf(reader, sites);
  if (reader.errors.length > 0 || !input || !site) return undefined;
  const { terms, errors } = checkTerms(input.terms, context.rates, input.chip.code);
  for (const { pointer, detail } of errors) reader.refuse(fieldOf(pointer), detail);
  return { row: reader.row, site, terms };
}

/** PostgreSQL text holds neither; and what is not UTF-8 arrives as the replacement character. */
const UNREADABLE = /\0|\ufffd|[\ud800-\udfff]/u;

function readRecords(text: string): string[][] | ParsedImport {
  if (text.trim() === '') return fileError(0, 'the file is empty');
  try {
    return parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const row = typeof error.records === 'number' ? error.records : 0;
    return fileError(row, `is not CSV: ${error.message}`);
  }
}

/**
 * Reads a CSV file of listings, in Fallow's own columns or in those of the public catalogues. Pure: nothing is
 * written, and what it needs to know of the organisation is in `context`.
 * @returns the rows that are sound, and everything that is wrong, in the order of the rows.
 * @throws AppError 413 for more than 100,000 rows.
 */
export function parseImport(text: string, context: ImportContext): ParsedImport {
  const records = readRecords(text);
  if (!Array.isArray(records)) return records;
  const [header = [], ...body] = records;
  if (body.length > MAX_IMPORT_ROWS) {
    throw new AppError('too-large', 'too-many-rows', `An import takes at most ${MAX_IMPORT_ROWS} rows.`);
  }
  const columns = columnsOf(header);
  if (columns.errors.length > 0) return { rows: [], errors: columns.errors };
  if (body.length === 0) return fileError(0, 'the file has no rows');
  const sites = new SitePlanner(context.sites);
  const names = new NameBook();
  const rows: ImportRow[] = [];
  const errors: RowError[] = [];
  for (const [index, cells] of body.entries()) {
    const row = index + 1;
    const unreadable = cells.findIndex((cell) => UNREADABLE.test(cell));
    if (cells.length !== header.length) {
      errors.push({ row, column: '', detail: `has ${cells.length} cells; the header has ${header.length}` });
    } else if (unreadable >= 0) {
      errors.push({ row, column: header[unreadable]!, detail: 'is not text in UTF-8' });
    } else {
      const reader = new RowReader(columns, cells, row, names);
      const parsed = parseRow(reader, sites, context);
      errors.push(...reader.errors);
      if (parsed && reader.errors.length === 0) rows.push(parsed);
    }
  }
  return { rows, errors };
}
