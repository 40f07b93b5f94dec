import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { invalid } from '../kernel/errors.js';
import { formatMicros } from '../kernel/money.js';
import { FX_SCALE } from '../kernel/rate.js';
import { Clock } from '../platform/clock.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';

/** One currency's newest rate. */
export interface CurrentRate {
  currency: string;
  day: string;
  /** Settlement-currency units per unit of the currency, times 1e9. */
  rateNanos: bigint;
}

/** Called in the transaction that changed the rates, so that what is derived from them never lags behind. */
export type RatesListener = (tx: EntityManager) => Promise<void>;

/** The dated exchange-rate table: what a quote in another currency is worth in the settlement currency. */
@Injectable()
export class FxService {
  private readonly listeners: RatesListener[] = [];

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly clock: Clock,
  ) {}

  /** The newest rate of every currency that has one, the settlement currency's own included. */
  async currentRates(manager: EntityManager = this.dataSource.manager): Promise<CurrentRate[]> {
    const rows = await manager.query<{ currency: string; day: string; rate_nanos: string }[]>(
      `select distinct on (currency) currency, to_char(day, 'YYYY-MM-DD') as day, rate_nanos
       from fx_rates where currency <> $1 order by currency, day desc`,
      [this.config.settlementCurrency],
    );
    const own = { currency: this.config.settlementCurrency, day: this.today(), rateNanos: FX_SCALE };
    return [
      own,
      ...rows.map((row) => ({ currency: row.currency, day: row.day, rateNanos: BigInt(row.rate_nanos) })),
    ];
  }

  /**
   * Settlement-currency units per unit of `currency`, times 1e9.
   * @throws AppError 422 at `pointer` for a currency without a rate.
   */
  async rateNanos(currency: string, pointer = '/price/currency', manager?: EntityManager): Promise<bigint> {
    if (currency === this.config.settlementCurrency) return FX_SCALE;
    const rate = (await this.currentRates(manager)).find((candidate) => candidate.currency === currency);
    if (!rate) throw invalid(pointer, `is not a currency with an exchange rate: ${currency}`);
    return rate.rateNanos;
  }

  /** Sets today's rates; `rateNanos` as above. */
  async setRates(
    tx: EntityManager,
    rates: readonly { currency: string; rateNanos: bigint }[],
  ): Promise<void> {
    for (const { currency, rateNanos } of rates) {
      await tx.query(
        `insert into fx_rates (currency, day, rate_nanos, created_at) values ($1, $2, $3, $4)
         on conflict (currency, day) do update set rate_nanos = excluded.rate_nanos, created_at = excluded.created_at`,
        [currency, this.today(), rateNanos.toString(), this.clock.now()],
      );
    }
    for (const listener of this.listeners) await listener(tx);
  }

  /** Rooms up the line keep what they derive from rates in step with them. */
  onChange(listener: RatesListener): void {
    this.listeners.push(listener);
  }

  private today(): string {
    return this.clock.now().toISOString().slice(0, 10);
  }
}

/** A scaled rate as the decimal string people read: `140000000n` is `"0.140000000"`. */
export function formatRate(rateNanos: bigint): string {
  const micros = formatMicros(rateNanos / 1000n);
  return `${micros}${(rateNanos % 1000n).toString().padStart(3, '0')}`;
}

/** The rate that a decimal string names, at most nine decimals. */
export function parseRate(text: string, pointer: string): bigint {
  const parts = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text);
  const rateNanos = parts ? BigInt(parts[1]!) * FX_SCALE + BigInt((parts[2] ?? '').padEnd(9, '0')) : 0n;
  if (rateNanos <= 0n) throw invalid(pointer, 'must be a positive decimal with at most 9 decimals');
  return rateNanos;
}
