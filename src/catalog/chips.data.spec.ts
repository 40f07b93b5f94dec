import { describe, expect, it } from '@jest/globals';
import { CHIPS } from './chips.data.js';

const REQUIRED = `
  h100-sxm-80gb h200-sxm-141gb a100-sxm-80gb rtx-4090-24gb p100-pcie-16gb b300-sxm-270gb h800-sxm-80gb
  a800-sxm-80gb h20-sxm-96gb l20-48gb mi300x-192gb gaudi3-128gb ascend-910b-64gb ascend-910c-128gb
  mlu370-x8-48gb mlu590-80gb dcu-k100-ai-64gb mtt-s4000-48gb br100-64gb ppu-96gb tpu-v5e-16gb
  trainium2-96gb k80-12gb
`
  .trim()
  .split(/\s+/);

const peaks = CHIPS.flatMap((chip) => [chip.bf16Tflops, chip.fp16Tflops, chip.fp8Tflops]);

describe('the chip catalogue', () => {
  it('has at least 75 chips, with those that operators in every part of the market rent out', () => {
    expect(CHIPS.length).toBeGreaterThanOrEqual(75);
    expect(CHIPS.map((chip) => chip.code)).toEqual(expect.arrayContaining(REQUIRED));
  });

  it('gives each chip its own code and name', () => {
    expect(new Set(CHIPS.map((chip) => chip.code)).size).toBe(CHIPS.length);
    expect(new Set(CHIPS.map((chip) => `${chip.vendor} ${chip.name}`)).size).toBe(CHIPS.length);
  });

  it.each(CHIPS.map((chip) => [chip.code, chip] as const))('%s is plausible', (code, chip) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*-\d+gb$/);
    expect(code.endsWith(`-${chip.memoryGib}gb`)).toBe(true);
    expect(chip.memoryGib).toBeGreaterThanOrEqual(6);
    expect(chip.memoryGib).toBeLessThanOrEqual(288);
    expect(chip.gpusPerNodeMax).toBeGreaterThanOrEqual(4);
    expect(chip.gpusPerNodeMax).toBeLessThanOrEqual(16);
    expect(chip.memoryBandwidthGbps ?? 1000).toBeGreaterThanOrEqual(50);
    expect(chip.memoryBandwidthGbps ?? 1000).toBeLessThanOrEqual(8000);
    expect(chip.tdpWatts ?? 300).toBeGreaterThanOrEqual(60);
    expect(chip.tdpWatts ?? 300).toBeLessThanOrEqual(1400);
    expect(chip.aliases.filter((alias) => alias === '')).toEqual([]);
  });

  it('states peaks as positive dense figures, fp8 never slower than bf16 nor above 2.1 times it', () => {
    for (const peak of peaks) if (peak !== null) expect(peak).toBeGreaterThan(0);
    for (const { bf16Tflops, fp8Tflops } of CHIPS) {
      if (bf16Tflops === null || fp8Tflops === null) continue;
      expect(fp8Tflops).toBeGreaterThanOrEqual(bf16Tflops);
      expect(fp8Tflops).toBeLessThanOrEqual(bf16Tflops * 2.1);
    }
  });

  it('says domestic of Chinese vendors only', () => {
    const domestic = new Set(CHIPS.filter((c) => c.exportClass === 'domestic').map((c) => c.vendor));
    for (const vendor of ['NVIDIA', 'AMD', 'Intel', 'Google', 'AWS', 'Qualcomm'])
      expect(domestic).not.toContain(vendor);
    expect(domestic).toContain('Huawei');
  });
});
