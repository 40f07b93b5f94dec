import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { EntityManager } from 'typeorm';
import { FxService } from '../../catalog/fx.service.js';
import type { Actor } from '../../identity/access.js';
import { AppError } from '../../kernel/errors.js';
import { newId } from '../../kernel/id.js';
import { dateOf } from '../../kernel/period.js';
import { Clock } from '../../platform/clock.js';
import { Transactions } from '../../platform/database/transactions.js';
import type { Call } from '../../platform/http/idempotency.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../../platform/platform.module.js';
import { ratesByCurrency } from '../listing-rates.js';
import type { ImportQuery } from '../listings.dto.js';
import { Site } from '../site.entity.js';
import type { RowError } from './import-mapping.js';
import { type ImportContext, type ImportRow, parseImport } from './parse-import.js';
import type { SitePlan } from './site-plan.js';

export class ImportErrorView implements RowError {
  @ApiProperty({ description: 'from 1; the header is row 0' })
  row: number;
  @ApiProperty({ description: 'as the file names it; empty where the whole row is meant' })
  column: string;
  @ApiProperty()
  detail: string;
}

export class ImportView {
  @ApiProperty()
  dryRun: boolean;
  @ApiProperty({ description: 'listings made; in a dry run, those that would be' })
  created: number;
  @ApiProperty({ type: [ImportErrorView] })
  errors: ImportErrorView[];
}

/** More than anyone reads; the answer says how many are left out. */
const MAX_ERRORS_SHOWN = 10_000;

/** So many rows go to the database in one statement. */
const CHUNK_ROWS = 1_000;

const INSERT_LISTINGS = `
  insert into listings (id, organization_id, site_id, chip_code, nodes, gpus_per_node, gpu_increment, interconnect,
    interconnect_gbps, cpu, ram_gib, storage_gib, workloads, price_micros, price_currency, price_per, rate_micros,
    floor_price_micros, floor_price_currency, floor_price_per, term_discounts, available_from, available_until,
    min_minutes, max_minutes, min_gpus, max_gpus, state, submitted_at, version, created_at, updated_at)
  select id, $2, site_id, chip_code, nodes, gpus_per_node, gpu_increment, interconnect,
    interconnect_gbps, cpu, ram_gib, storage_gib, workloads, price_micros, price_currency, price_per, rate_micros,
    floor_price_micros, floor_price_currency, floor_price_per, term_discounts, available_from, available_until,
    min_minutes, max_minutes, min_gpus, max_gpus, $3, $4, 1, $5, $5
  from jsonb_populate_recordset(null::listings, $1::jsonb)`;

const instant = (minute: number | null): Date | null => (minute === null ? null : dateOf(minute));

/** A row as PostgreSQL reads it from JSON. */
const recordOf = ({ terms }: ImportRow, siteId: string): Record<string, unknown> => ({
  id: newId(),
  site_id: siteId,
  chip_code: terms.chipCode,
  nodes: terms.nodes,
  gpus_per_node: terms.gpusPerNode,
  gpu_increment: terms.gpuIncrement,
  interconnect: terms.interconnect,
  interconnect_gbps: terms.interconnectGbps,
  cpu: terms.cpu,
  ram_gib: terms.ramGib,
  storage_gib: terms.storageGib,
  workloads: terms.workloads,
  price_micros: terms.priceMicros.toString(),
  price_currency: terms.priceCurrency,
  price_per: terms.pricePer,
  rate_micros: terms.rateMicros.toString(),
  floor_price_micros: terms.floorPriceMicros?.toString() ?? null,
  floor_price_currency: terms.floorPriceCurrency,
  floor_price_per: terms.floorPricePer,
  term_discounts: terms.termDiscounts,
  available_from: instant(terms.availableFrom),
  available_until: instant(terms.availableUntil),
  min_minutes: terms.minMinutes,
  max_minutes: terms.maxMinutes,
  min_gpus: terms.minGpus,
  max_gpus: terms.maxGpus,
});

/** Turns a file into listings, all rows or none. */
@Injectable()
export class ListingImportService {
  constructor(
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly fx: FxService,
  ) {}

  /** @throws AppError 422 with `{dryRun, created: 0, errors}` when anything is wrong; nothing is written then. */
  async importCsv(actor: Actor, call: Call, csv: string, query: ImportQuery): Promise<ImportView> {
    const dryRun = query.dryRun ?? false;
    return this.transactions.once(call, async (tx) => {
      const { rows, errors } = parseImport(csv, await this.context(tx, actor.organizationId));
      if (errors.length > 0) throw this.refusal(dryRun, errors);
      if (!dryRun) await this.importRows(tx, actor.organizationId, rows, { submit: query.submit ?? false });
      return { dryRun, created: rows.length, errors: [] };
    });
  }

  /** What `parseImport` needs to know of an organisation. */
  async context(tx: EntityManager, organizationId: string): Promise<ImportContext> {
    const sites = await tx.find(Site, { where: { organizationId }, order: { id: 'asc' } });
    return {
      rates: ratesByCurrency(await this.fx.currentRates(tx)),
      settlementCurrency: this.config.settlementCurrency,
      sites: sites.map(({ id, name, regionCode }) => ({ id, name, regionCode })),
    };
  }

  /**
   * Makes a listing of each row, and the sites they need: drafts, or where `submit` is set waiting for review.
   * @param options.onProgress hears how many rows are written.
   * @returns how many listings and sites were made.
   */
  async importRows(
    tx: EntityManager,
    organizationId: string,
    rows: readonly ImportRow[],
    { submit, onProgress }: { submit: boolean; onProgress?: (rows: number) => void },
  ): Promise<{ listings: number; sites: number }> {
    const now = this.clock.now();
    const siteIds = await this.makeSites(tx, organizationId, rows, now);
    const idOf = (site: SitePlan): string => (site.kind === 'known' ? site.id : siteIds.get(site)!);
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const records = rows.slice(from, from + CHUNK_ROWS).map((row) => recordOf(row, idOf(row.site)));
      await tx.query(INSERT_LISTINGS, [
        JSON.stringify(records),
        organizationId,
        submit ? 'pending_review' : 'draft',
        submit ? now : null,
        now,
      ]);
      onProgress?.(Math.min(rows.length, from + CHUNK_ROWS));
    }
    await this.outbox.add(tx, {
      name: 'listings.imported',
      organizationIds: [organizationId],
      payload: { listings: rows.length, sites: siteIds.size, submitted: submit },
    });
    return { listings: rows.length, sites: siteIds.size };
  }

  /** The id of each site that has to be made. */
  private async makeSites(
    tx: EntityManager,
    organizationId: string,
    rows: readonly ImportRow[],
    now: Date,
  ): Promise<Map<SitePlan, string>> {
    const ids = new Map<SitePlan, string>();
    for (const { site } of rows) {
      if (site.kind === 'known' || ids.has(site)) continue;
      const id = newId();
      ids.set(site, id);
      const { code, country, lat, lon } = site.region;
      const place = { regionCode: code, country, lat, lon };
      await tx.insert(Site, {
        id,
        organizationId,
        name: site.name,
        ...place,
        createdAt: now,
        updatedAt: now,
      });
    }
    return ids;
  }

  private refusal(dryRun: boolean, errors: readonly RowError[]): AppError {
    const shown = errors.slice(0, MAX_ERRORS_SHOWN);
    const omitted = errors.length - shown.length;
    const rows = new Set(errors.map(({ row }) => row)).size;
    return new AppError(
      'invalid',
      'import-invalid',
      `${rows} of the file's rows are wrong; nothing was written.`,
      {
        members: { dryRun, created: 0, errors: shown, ...(omitted > 0 ? { errorsOmitted: omitted } : {}) },
      },
    );
  }
}
