import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { JobRegistry } from '../../platform/jobs/jobs.js';
import { AppMetrics } from '../../platform/ops/metrics.js';
import { type RecomputedAccount, recomputeAccounts } from './trial-balance.query.js';
import { type TrialBalanceView, trialBalanceView } from './trial-balance.view.js';

const VERIFY_EVERY_SECONDS = 3600;
const VERIFY_TIMEOUT = '10min';

/** What `verify` found: zero and none, or an alert. */
export interface Verification {
  sumMicros: bigint;
  /** Accounts whose running balances differ from their transfers. */
  differing: RecomputedAccount[];
}

/** Recomputes the ledger from its transfers: for the admin who asks, and every hour against the running balances. */
@Injectable()
export class TrialBalanceService implements OnModuleInit {
  private readonly logger = new Logger('Ledger');

  constructor(
    private readonly transactions: Transactions,
    private readonly jobs: JobRegistry,
    private readonly metrics: AppMetrics,
  ) {}

  onModuleInit(): void {
    this.jobs.add({
      name: 'payments:verify-ledger',
      everySeconds: VERIFY_EVERY_SECONDS,
      run: async () => void (await this.verify()),
    });
  }

  async trialBalance(): Promise<TrialBalanceView> {
    return trialBalanceView(await this.recompute());
  }

  /** Compares and sets the alert metric. */
  async verify(): Promise<Verification> {
    const accounts = await this.recompute();
    const sumMicros = accounts.reduce((sum, account) => sum + account.creditMicros - account.debitMicros, 0n);
    const differing = accounts.filter((account) => !account.agrees);
    const magnitude = sumMicros < 0n ? -sumMicros : sumMicros;
    // A gauge is a float by nature; it only says zero or not zero.
    this.metrics.ledgerImbalance.set(Number(magnitude) + differing.length);
    if (magnitude !== 0n || differing.length > 0) {
      const ids = differing.map((account) => account.id).join(', ');
      this.logger.error(
        `The ledger does not balance: sum ${sumMicros}, differing accounts: ${ids || 'none'}`,
      );
    }
    return { sumMicros, differing };
  }

  private recompute(): Promise<RecomputedAccount[]> {
    return this.transactions.run(async (tx) => {
      await tx.query(`set local statement_timeout = '${VERIFY_TIMEOUT}'`);
      return recomputeAccounts(tx);
    });
  }
}
