import type { Minute } from '../../src/kernel/period.js';

/** A row of the public cluster trace's pod list; times are seconds since its start. */
export interface TraceRow {
  name: string;
  num_gpu: string;
  gpu_spec: string;
  qos: string;
  creation_time: string;
  deletion_time: string;
}

export interface TraceJob {
  name: string;
  gpus: number;
  /** Names of chips it accepts; empty for any. */
  chips: string[];
  workload: 'training' | 'inference';
  start: Minute;
  minutes: number;
}

/** Best-effort jobs stand for training, latency-sensitive ones for inference. */
const TRAINING = new Set(['BE', 'Burstable']);

/** The trace's GPU jobs in the order they came; a share of a GPU counts as one. `origin` is the trace's time 0. */
export function traceJobs(rows: readonly TraceRow[], origin: Minute): TraceJob[] {
  return rows
    .filter((row) => Number(row.num_gpu) > 0)
    .map((row) => {
      const seconds = Number(row.deletion_time) - Number(row.creation_time);
      return {
        name: row.name,
        gpus: Number(row.num_gpu),
        chips: row.gpu_spec === '' ? [] : row.gpu_spec.split('|'),
        workload: TRAINING.has(row.qos) ? ('training' as const) : ('inference' as const),
        start: origin + Math.floor(Number(row.creation_time) / 60),
        minutes: Math.max(1, Math.ceil(seconds / 60)),
      };
    })
    .sort((a, b) => a.start - b.start || (a.name < b.name ? -1 : 1));
}
