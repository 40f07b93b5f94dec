import { describe, expect, it } from '@jest/globals';
import { type TermsInput, checkTerms, settlementRate } from './listing-terms.js';
import { NearNames } from './near-names.js';

const rates = new Map([
  ['USD', 1_000_000_000n],
  ['CNY', 140_000_000n],
]);
const input: TermsInput = {
  chip: 'H100',
  nodes: 2,
  gpusPerNode: 8,
  price: { amount: '2.15', currency: 'USD' },
};
const wrong = (change: Partial<TermsInput>): string[] =>
  checkTerms({ ...input, ...change }, rates).errors.map(({ pointer }) => pointer);

describe('the terms of a listing', () => {
  it('have defaults that sell everything from one minute on', () => {
    const { terms, errors } = checkTerms(input, rates);
    expect(errors).toEqual([]);
    expect(terms).toMatchObject({
      gpuIncrement: 1,
      minGpus: 1,
      maxGpus: 16,
      minMinutes: 1,
      maxMinutes: null,
      interconnect: 'pcie',
      workloads: ['training', 'inference'],
      pricePer: 'gpu_hour',
      rateMicros: 2_150_000n,
    });
  });

  it('name every field that is wrong', () => {
    expect(wrong({ chip: 'H1000', gpuIncrement: 3, minHours: 2, maxHours: 1 })).toEqual([
      '/chip',
      '/gpuIncrement',
      '/maxHours',
    ]);
    expect(wrong({ maxGpus: 17 })).toEqual(['/maxGpus']);
    expect(wrong({ minGpus: 9, maxGpus: 8 })).toEqual(['/minGpus']);
    expect(wrong({ gpuIncrement: 8, minGpus: 9, maxGpus: 15 })).toEqual(['/maxGpus']);
    expect(wrong({ price: { amount: '0', currency: 'USD' } })).toEqual(['/price/amount']);
    expect(wrong({ price: { amount: '0.000001', currency: 'CNY' } })).toEqual(['/price/amount']);
    expect(wrong({ price: { amount: '1', currency: 'XXX' } })).toEqual(['/price/currency']);
    expect(wrong({ floorPrice: { amount: '2.16', currency: 'USD' } })).toEqual(['/floorPrice/amount']);
    expect(wrong({ availableFrom: '2030-01-01T00:00:00Z', availableUntil: '2030-01-01T00:00:00Z' })).toEqual([
      '/availableUntil',
    ]);
    expect(wrong({ minHours: 0.01 })).toEqual(['/minHours']);
    expect(wrong({ termDiscounts: [{ minHours: 1, percentOff: 1.234 }] })).toEqual([
      '/termDiscounts/0/percentOff',
    ]);
  });

  it('normalise a server-month to GPU-hours of the settlement currency', () => {
    expect(settlementRate(75_000_000_000n, 'server_month', 8, 140_000_000n)).toBe(1_797_945n);
    expect(settlementRate(2_150_000n, 'gpu_hour', 8, 1_000_000_000n)).toBe(2_150_000n);
  });
});

describe('names that look like what was typed', () => {
  const names = ['h100-sxm-80gb', 'h200-sxm-141gb', 'a100-sxm-80gb', 'mi300x-192gb'].map((code) => ({
    code,
    name: code,
  }));

  const near = new NearNames(names);

  it('are shown the most alike first, three at most, and none that are unlike', () => {
    expect(near.to('H100-SXM-80')[0]).toBe('h100-sxm-80gb');
    expect(near.to('H100-SXM-80').length).toBeLessThanOrEqual(3);
    expect(near.to('??')).toEqual([]);
  });
});
