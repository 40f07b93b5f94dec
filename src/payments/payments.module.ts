import { Module } from '@nestjs/common';
import { AdminMoneyController } from './admin-money.controller.js';
import { EscrowService } from './escrow.service.js';
import { Ledger } from './ledger/ledger.service.js';
import { TrialBalanceService } from './ledger/trial-balance.service.js';
import { PoliciesController } from './policies.controller.js';
import { PoliciesService } from './policies.service.js';
import { TopUpsService } from './top-ups.service.js';
import { WalletController } from './wallet.controller.js';
import { WalletService } from './wallet.service.js';

/** Money in, held, out. */
@Module({
  controllers: [WalletController, PoliciesController, AdminMoneyController],
  providers: [Ledger, TrialBalanceService, EscrowService, PoliciesService, WalletService, TopUpsService],
  exports: [Ledger, TrialBalanceService, EscrowService, PoliciesService, TopUpsService],
})
export class PaymentsModule {}
