import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Actor } from '../identity/access.js';
import { moneyView } from '../kernel/money.js';
import { Cursors, DEFAULT_PAGE_SIZE, type Page } from '../platform/http/page.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { earningsOf, walletOf } from './ledger/chart.js';
import { Ledger } from './ledger/ledger.service.js';
import type { WalletTransactionsQuery } from './payments.dto.js';
import {
  type EarningsView,
  type WalletTransactionView,
  type WalletView,
  walletTransactionView,
} from './payments.view.js';
import { escrowMicrosOf, feesOf, walletTransactions } from './wallet.query.js';

const LIST = 'wallet-transactions';

/** What an organisation has with the market, and how it came to it. */
@Injectable()
export class WalletService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly ledger: Ledger,
    private readonly cursors: Cursors,
  ) {}

  async wallet(actor: Actor): Promise<WalletView> {
    const { settlementCurrency: currency } = this.config;
    // One snapshot, so that money on its way into escrow is not shown in both places or in neither.
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const balance = await this.ledger.balanceOf(tx, walletOf(actor.organizationId), currency);
      const inEscrow = await escrowMicrosOf(tx, actor.organizationId, currency);
      return {
        available: moneyView(balance.availableMicros, currency),
        inEscrow: moneyView(inEscrow, currency),
        reserved: moneyView(balance.reservedMicros, currency),
        currency,
      };
    });
  }

  async transactions(actor: Actor, query: WalletTransactionsQuery): Promise<Page<WalletTransactionView>> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const rows = await walletTransactions(
      this.dataSource.manager,
      actor.organizationId,
      this.config.settlementCurrency,
      {
        kind: query.kind,
        from: query.from === undefined ? undefined : new Date(query.from),
        to: query.to === undefined ? undefined : new Date(query.to),
        before: this.cursors.decode<string>(LIST, query.cursor),
        limit: limit + 1,
      },
    );
    return this.cursors.page(LIST, rows, limit, walletTransactionView, (row) => row.id);
  }

  async earnings(actor: Actor): Promise<EarningsView> {
    const { settlementCurrency: currency } = this.config;
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const balance = await this.ledger.balanceOf(tx, earningsOf(actor.organizationId), currency);
      const fees = await feesOf(tx, actor.organizationId, currency);
      return {
        available: moneyView(balance.availableMicros, currency),
        released: moneyView(balance.creditsPostedMicros, currency),
        fees: moneyView(fees, currency),
        currency,
      };
    });
  }
}
