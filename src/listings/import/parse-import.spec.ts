import { describe, expect, it } from '@jest/globals';
import { itWithData, readData } from '../../../test/support/data-folder.js';
import { formatMicros } from '../../kernel/money.js';
import { type ImportContext, parseImport } from './parse-import.js';

const context: ImportContext = {
  rates: new Map([
    ['USD', 1_000_000_000n],
    ['CNY', 140_000_000n],
  ]),
  settlementCurrency: 'USD',
  sites: [
    { id: '01890000-0000-7000-8000-000000000001', name: 'Halle 3', regionCode: 'de-frankfurt' },
    { id: '01890000-0000-7000-8000-000000000002', name: 'Halle 4', regionCode: 'de-frankfurt' },
  ],
};

const parse = (...lines: string[]) => parseImport(lines.join('\n'), context);
const HEADER = 'site,region,chip,nodes,gpusPerNode,price,currency,per';

describe("a file in Fallow's own columns", () => {
  it('makes a listing of each row', () => {
    const { rows, errors } = parse(
      `${HEADER},gpuIncrement,cpu,workloads,termDiscounts,minHours,floorPrice,availableFrom`,
      'Halle 3,,H100,4,8,75000,CNY,server_month,8,64,training;inference,720:10;4380:25,24,60000,2030-01-01T00:00:00Z',
    );
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.site).toEqual({ kind: 'known', id: context.sites[0]!.id });
    expect(rows[0]!.terms).toMatchObject({
      chipCode: 'h100-sxm-80gb',
      nodes: 4,
      gpusPerNode: 8,
      gpuIncrement: 8,
      cpu: '64',
      priceMicros: 75_000_000_000n,
      priceCurrency: 'CNY',
      pricePer: 'server_month',
      // 75,000 CNY / (8 × 730 h) = 12.842466 CNY, at 0.14 USD
      rateMicros: 1_797_945n,
      floorPriceMicros: 60_000_000_000n,
      workloads: ['training', 'inference'],
      termDiscounts: [
        { minHours: 720, percentOff: 10 },
        { minHours: 4380, percentOff: 25 },
      ],
      minMinutes: 1440,
      minGpus: 8,
      maxGpus: 32,
    });
  });

  it('names each wrong row, its column and what is wrong, counting the rows from 1', () => {
    const { rows, errors } = parse(
      HEADER,
      'Halle 3,,H100,4,8,2.15,USD,',
      'Halle 3,,H1000,4,8,2.15,USD,',
      'Nowhere,,H100,4,8,2.15,USD,',
      'Halle 3,,H100,0,8.5,-1,XXX,week',
      'Halle 3,us-ashburn,H100,1,8,2.1234567,USD,',
      ',,H100,1,8,2,USD,',
      'Halle 3,,H100,1,8',
    );
    expect(rows.map(({ row }) => row)).toEqual([1]);
    expect(errors.map(({ row, column }) => [row, column])).toEqual([
      [2, 'chip'],
      [3, 'site'],
      [4, 'nodes'],
      [4, 'gpusPerNode'],
      [4, 'per'],
      [5, 'site'],
      [6, 'region'],
      [7, ''],
    ]);
    expect(errors[0]!.detail).toContain('did you mean');
  });

  it('checks what the fields mean together under the column that is wrong', () => {
    const { errors } = parse(`${HEADER},gpuIncrement,maxGpus`, 'Halle 3,,H100,1,8,0,EUR,,3,99');
    expect(errors.map(({ column }) => column)).toEqual(['gpuIncrement', 'price']);
  });

  it('uses one site a region, and makes one site a name', () => {
    const { rows, errors } = parse(
      HEADER,
      ',frankfurt,H100,1,8,2,USD,',
      ',us-ashburn,H100,1,8,2,USD,',
      ',us-ashburn,H100,1,8,2,USD,',
      'Hall 9,us-ashburn,H100,1,8,2,USD,',
      'hall 9,us-ashburn,H100,1,8,2,USD,',
    );
    expect(errors).toEqual([]);
    expect(rows[0]!.site).toEqual({ kind: 'known', id: context.sites[0]!.id });
    expect(rows[1]!.site).toBe(rows[2]!.site);
    expect(rows[3]!.site).toBe(rows[4]!.site);
    expect(rows[3]!.site).toMatchObject({ kind: 'new', name: 'Hall 9' });
  });

  it('takes a byte order mark, Windows line ends, quotes, blank lines and any spelling of a header', () => {
    const text =
      '\ufeffSite, Chip ,NODES,gpus_per_node,"Price"\r\n"Halle 3","H100",1,8,"2.5"\r\n\r\nHalle 4,A100,1,8,1\r\n';
    const { rows, errors } = parseImport(text, context);
    expect(errors).toEqual([]);
    expect(rows.map(({ row }) => row)).toEqual([1, 2]);
  });

  it('refuses a file whose header is wrong at row 0', () => {
    expect(parse('').errors).toEqual([{ row: 0, column: '', detail: 'the file is empty' }]);
    expect(parse(HEADER).errors).toEqual([{ row: 0, column: '', detail: 'the file has no rows' }]);
    expect(parse('chip,nodes,chip', 'a,1,b').errors.map(({ row, column }) => [row, column])).toEqual([
      [0, 'chip'],
      [0, 'site'],
      [0, 'gpusPerNode'],
      [0, 'price'],
    ]);
    expect(parse(`${HEADER},colour`, ',,,,,,,,').errors).toEqual([
      { row: 0, column: 'colour', detail: 'is not a column that the import knows' },
    ]);
  });

  it('refuses what is not CSV, not text, or cannot be kept', () => {
    expect(parse(HEADER, 'Halle 3,,H100,1,8,2,USD,', '"Halle 3,,H100').errors).toMatchObject([
      { row: 2, column: '' },
    ]);
    expect(parse(HEADER, 'Halle \ufffd,,H100,1,8,2,USD,').errors).toMatchObject([{ row: 1, column: 'site' }]);
    expect(parse(HEADER, 'Halle 3,,H\u0000100,1,8,2,USD,').errors).toMatchObject([
      { row: 1, column: 'chip' },
    ]);
  });

  it('refuses more rows than it takes', () => {
    const text = `${HEADER}\n${',,,,,,,\n'.repeat(100_001)}`;
    expect(() => parseImport(text, context)).toThrow('at most 100000 rows');
  });

  it('does not resolve the names of what every object inherits', () => {
    const { errors } = parse(HEADER, 'constructor,__proto__,toString,1,8,2,USD,');
    expect(errors.map(({ column }) => column)).toEqual(['chip', 'region']);
  });
});

describe('a file in the columns of the public catalogues', () => {
  const catalogue =
    'InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuMemoryGiBEach';

  it('makes one whole node of each instance, priced per GPU', () => {
    const { rows, errors } = parse(
      catalogue,
      'massedcompute_A6000x8,A6000,8.0,62.0,384,4.56,kansascity-usa-1,48',
      'x,A100,1.0,6,60.5,0.20400000000000001,desmoines-usa-1,80',
    );
    expect(errors).toEqual([]);
    expect(rows[0]!.terms).toMatchObject({
      nodes: 1,
      gpusPerNode: 8,
      gpuIncrement: 8,
      minGpus: 8,
      maxGpus: 8,
      priceMicros: 570_000n,
      rateMicros: 570_000n,
      pricePer: 'gpu_hour',
      cpu: '62',
      ramGib: 384,
    });
    expect(rows[1]!.terms).toMatchObject({ priceMicros: 204_000n, ramGib: 61 });
    expect(rows[1]!.terms.chipCode).toMatch(/^a100-.*80gb$/);
    expect(rows[0]!.site).toMatchObject({ kind: 'new' });
  });

  it('knows what an instance type holds where no chip is named, and refuses a share of a GPU', () => {
    const { rows, errors } = parse(
      'Region,InstanceType,PricePerHourUSD',
      'westeurope,Standard_ND96isr_H100_v5,98.32',
      'westeurope,Standard_NV6ads_A10_v5,0.454',
      'westeurope,Standard_Unheard_of,1',
    );
    expect(
      rows.map(({ terms }) => [terms.chipCode, terms.gpusPerNode, formatMicros(terms.priceMicros)]),
    ).toEqual([['h100-sxm-80gb', 8, '12.290000']]);
    expect(errors.map(({ row, column }) => [row, column])).toEqual([
      [2, 'InstanceType'],
      [3, 'InstanceType'],
    ]);
  });

  it('names wrong cells by the column of the file', () => {
    const { errors } = parse(
      catalogue,
      'a,Nonesuch,1,1,1,1,desmoines-usa-1,1',
      'a,H100,0.5,1,1,1,desmoines-usa-1,80',
      'a,H100,8,1,1,free,desmoines-usa-1,80',
      'a,H100,8,1,1,1,atlantis-1,80',
      ',,8,1,1,1,desmoines-usa-1,80',
    );
    expect(errors.map(({ row, column }) => [row, column])).toEqual([
      [1, 'AcceleratorName'],
      [2, 'AcceleratorCount'],
      [3, 'Price'],
      [4, 'Region'],
      [5, 'AcceleratorName'],
    ]);
  });

  it('says at row 0 which column is missing, and passes over columns that it does not know', () => {
    expect(parse('AcceleratorName,Region,Generation', 'H100,desmoines-usa-1,3').errors).toEqual([
      { row: 0, column: 'Price', detail: 'is required' },
      { row: 0, column: 'AcceleratorCount', detail: 'is required' },
    ]);
    expect(parse(`${catalogue},Generation`, 'x,H100,8,1,1,16,desmoines-usa-1,80,3').errors).toEqual([]);
  });

  it('reads memory from the longer description too', () => {
    const { rows } = parse(
      'AcceleratorName,AcceleratorCount,Price,Region,GpuInfo',
      `A100,8,32,us-central1,"{'Gpus': [{'Name': 'A100', 'MemoryInfo': {'SizeInMiB': 81920}}]}"`,
    );
    expect(rows[0]!.terms.chipCode).toMatch(/80gb$/);
  });

  itWithData('offers', 'reads whole published files', () => {
    for (const file of ['shadeform_skypilot_v8.csv', 'gcp_skypilot_2022-06-24.csv']) {
      const { errors, rows } = parseImport(readData(`offers/${file}`), context);
      expect([file, errors.slice(0, 5)]).toEqual([file, []]);
      expect(rows.length).toBeGreaterThan(100);
    }
  });
});
