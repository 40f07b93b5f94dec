import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const HTTP_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The process's own figures, in one registry an application. */
@Injectable()
export class AppMetrics {
  readonly registry = new Registry();

  readonly httpSeconds = new Histogram({
    name: 'fallow_http_request_duration_seconds',
    help: 'Time from request to answer, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: HTTP_BUCKETS_SECONDS,
    registers: [this.registry],
  });

  readonly jobRuns = new Counter({
    name: 'fallow_job_runs_total',
    help: 'Runs of background jobs, by outcome',
    labelNames: ['job', 'outcome'],
    registers: [this.registry],
  });

  readonly jobSeconds = new Histogram({
    name: 'fallow_job_duration_seconds',
    help: 'Time a background job took',
    labelNames: ['job'],
    registers: [this.registry],
  });

  readonly bookings = new Counter({
    name: 'fallow_booking_transitions_total',
    help: 'Bookings that entered a state',
    labelNames: ['state'],
    registers: [this.registry],
  });

  readonly ledgerImbalance = new Gauge({
    name: 'fallow_ledger_imbalance_micros',
    help: 'Sum of all balances, and running balances that differ from their transfers: zero, or an alert',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
