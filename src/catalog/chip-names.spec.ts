import { describe, expect, it } from '@jest/globals';
import { CHIPS } from './chips.data.js';
import { resolveChip } from './chip-names.js';

describe('chip names', () => {
  it('every code and alias means its own chip and no other', () => {
    for (const chip of CHIPS)
      for (const name of [chip.code, chip.name, ...chip.aliases])
        expect([name, resolveChip(name)?.code]).toEqual([name, chip.code]);
  });

  it.each([
    ['H100', 'h100-sxm-80gb'],
    ['H100-80GB', 'h100-sxm-80gb'],
    ['H100 SXM5', 'h100-sxm-80gb'],
    ['h100_sxm', 'h100-sxm-80gb'],
    ['NVIDIA H100 80GB HBM3', 'h100-sxm-80gb'],
    ['nvidia-h100-mega-80gb', 'h100-sxm-80gb'],
    ['NVIDIA H100 PCIe', 'h100-pcie-80gb'],
    ['NVIDIA H100 NVL', 'h100-nvl-94gb'],
    ['H200NVL', 'h200-nvl-141gb'],
    ['NVIDIA H200', 'h200-sxm-141gb'],
    ['A100', 'a100-sxm-40gb'],
    ['A100-80GB', 'a100-sxm-80gb'],
    ['A100 80 GB', 'a100-sxm-80gb'],
    ['A100-80G-sxm4', 'a100-sxm-80gb'],
    ['NVIDIA-A100-SXM4-80GB', 'a100-sxm-80gb'],
    ['NVIDIA A100 80GB PCIe', 'a100-pcie-80gb'],
    ['Tesla V100-SXM2-16GB', 'v100-sxm-16gb'],
    ['V100M32', 'v100-sxm-32gb'],
    ['nvidia-tesla-t4', 't4-16gb'],
    ['RTX 4090', 'rtx-4090-24gb'],
    ['NVIDIA GeForce RTX 4090', 'rtx-4090-24gb'],
    ['4090D', 'rtx-4090-d-24gb'],
    ['RTX6000', 'rtx-6000-24gb'],
    ['RTX6000Ada', 'rtx-6000-ada-48gb'],
    ['NVIDIA RTX 6000 Ada Generation', 'rtx-6000-ada-48gb'],
    ['RTXPro6000', 'rtx-pro-6000-server-96gb'],
    ['A6000', 'rtx-a6000-48gb'],
    ['B200 192GB', 'b200-sxm-180gb'],
    ['GB200 NVL72', 'gb200-186gb'],
    ['NVIDIA GH200 480GB', 'gh200-96gb'],
    ['AMD Instinct MI300X OAM', 'mi300x-192gb'],
    ['GAUDI2', 'gaudi2-96gb'],
    ['Intel Gaudi 3', 'gaudi3-128gb'],
    ['tpu-v5litepod', 'tpu-v5e-16gb'],
    ['tpu-v5litepod-8', 'tpu-v5e-16gb'],
    ['tpu-v3-2048', 'tpu-v3-32gb'],
    ['Cloud TPU v4', 'tpu-v4-32gb'],
    ['AWS Trainium2', 'trainium2-96gb'],
    ['Qualcomm Cloud AI 100', 'cloud-ai-100-16gb'],
    ['Ascend 910B', 'ascend-910b-64gb'],
    ['华为昇腾910B', 'ascend-910b-64gb'],
    ['昇腾 910C', 'ascend-910c-128gb'],
    ['寒武纪 MLU370-X8', 'mlu370-x8-48gb'],
    ['思元590', 'mlu590-80gb'],
    ['海光 K100_AI', 'dcu-k100-ai-64gb'],
    ['摩尔线程 MTT S4000', 'mtt-s4000-48gb'],
    ['昆仑芯P800', 'kunlun-p800-96gb'],
    ['平头哥 PPU', 'ppu-96gb'],
    ['沐曦 曦云C500', 'metax-c500-64gb'],
  ])('%s is %s', (name, code) => {
    expect(resolveChip(name)?.code).toBe(code);
  });

  it('a memory hint picks the variant, within the rounding that catalogues do', () => {
    expect(resolveChip('A100', { memoryGib: 80 })?.code).toBe('a100-sxm-80gb');
    expect(resolveChip('A100', { memoryGib: 79 })?.code).toBe('a100-sxm-80gb');
    expect(resolveChip('A100', { memoryGib: 40 })?.code).toBe('a100-sxm-40gb');
    expect(resolveChip('A100 PCIe', { memoryGib: 80 })?.code).toBe('a100-pcie-80gb');
    expect(resolveChip('V100', { memoryGib: 32 })?.code).toBe('v100-sxm-32gb');
    expect(resolveChip('H100', { memoryGib: 94 })?.code).toBe('h100-nvl-94gb');
    expect(resolveChip('H20', { memoryGib: 141 })?.code).toBe('h20-sxm-141gb');
    expect(resolveChip('T4', { memoryGib: 15 })?.code).toBe('t4-16gb');
  });

  it('a link hint picks the form, and says nothing where the network between nodes is meant', () => {
    expect(resolveChip('H100', { interconnect: 'pcie' })?.code).toBe('h100-pcie-80gb');
    expect(resolveChip('A100', { interconnect: 'pcie', memoryGib: 80 })?.code).toBe('a100-pcie-80gb');
    expect(resolveChip('H100', { interconnect: 'nvlink' })?.code).toBe('h100-sxm-80gb');
    expect(resolveChip('H100', { interconnect: 'infiniband' })?.code).toBe('h100-sxm-80gb');
  });

  it('what the name says outweighs a hint, and a hint that fits nothing is ignored', () => {
    expect(resolveChip('A100-80GB', { memoryGib: 40 })?.code).toBe('a100-sxm-80gb');
    expect(resolveChip('H100 PCIe', { interconnect: 'nvlink' })?.code).toBe('h100-pcie-80gb');
    expect(resolveChip('MI308X', { memoryGib: 128 })?.code).toBe('mi308x-192gb');
  });

  it.each([
    '',
    ' ',
    'NVIDIA',
    'GPU',
    'H100 40GB',
    'H100 OAM',
    'L40S SXM',
    'G1',
    'G2',
    'G3',
    'RTX 9999',
    '80GB',
  ])('nobody can tell what %p is', (name) => {
    expect(resolveChip(name)).toBeUndefined();
  });
});
