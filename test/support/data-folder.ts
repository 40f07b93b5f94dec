import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from '@jest/globals';
import { parse } from 'csv-parse/sync';

/** Where public data is, by `FALLOW_DATA`; tests on it are skipped, visibly, where it is absent. */
const DATA_FOLDER = resolve(process.env.FALLOW_DATA ?? '../shared/data');

export const hasData = (path: string): boolean => existsSync(join(DATA_FOLDER, path));

/** A test that needs a file or folder of the public data. */
export function itWithData(
  path: string,
  name: string,
  run: () => Promise<void> | void,
  timeoutMs?: number,
): void {
  if (hasData(path)) it(name, run, timeoutMs);
  else it.skip(`${name} (skipped: no ${path} in FALLOW_DATA)`, () => undefined);
}

export const readData = (path: string): string => readFileSync(join(DATA_FOLDER, path), 'utf8');

export const dataFiles = (path: string): string[] =>
  readdirSync(join(DATA_FOLDER, path))
    .filter((name) => name.endsWith('.csv'))
    .sort();

export const readCsv = <Row = Record<string, string>>(path: string): Row[] =>
  parse(readData(path), { columns: true, bom: true }) as Row[];
