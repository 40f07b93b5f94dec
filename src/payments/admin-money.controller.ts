import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, PlatformOnly, type SignedInUser } from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall } from '../platform/http/idempotency.js';
import { TrialBalanceService } from './ledger/trial-balance.service.js';
import { TrialBalanceView } from './ledger/trial-balance.view.js';
import { TopUpsQuery } from './payments.dto.js';
import { TopUpPage, TopUpView } from './payments.view.js';
import { TopUpsService } from './top-ups.service.js';

/** The platform's own view of the market's money. */
@ApiTags('administration')
@ApiBearerAuth()
@Controller('v1/admin')
export class AdminMoneyController {
  constructor(
    private readonly topUps: TopUpsService,
    private readonly ledger: TrialBalanceService,
  ) {}

  @Get('top-ups')
  @PlatformOnly('admin')
  @ApiOkResponse({ type: TopUpPage })
  listTopUps(@Query() query: TopUpsQuery): Promise<TopUpPage> {
    return this.topUps.list(undefined, query);
  }

  @Post('top-ups/:id/settle')
  @PlatformOnly('admin')
  @HttpCode(200)
  @ApiOkResponse({ type: TopUpView })
  settleTopUp(
    @CurrentUser() user: SignedInUser,
    @CurrentCall() call: Call,
    @Param('id', new IdPipe('top-up')) id: string,
  ): Promise<TopUpView> {
    return this.topUps.settle(user, call, id);
  }

  @Get('ledger/trial-balance')
  @PlatformOnly('admin')
  @ApiOkResponse({ type: TrialBalanceView })
  trialBalance(): Promise<TrialBalanceView> {
    return this.ledger.trialBalance();
  }
}
