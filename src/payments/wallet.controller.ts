import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { type Actor, Allow, CurrentActor } from '../identity/access.js';
import { IdPipe } from '../platform/http/id.pipe.js';
import { type Call, CurrentCall, IdempotencyKeyRequired } from '../platform/http/idempotency.js';
import { TopUpDto, TopUpsQuery, WalletTransactionsQuery } from './payments.dto.js';
import { EarningsView, TopUpPage, TopUpView, WalletTransactionPage, WalletView } from './payments.view.js';
import { TopUpsService } from './top-ups.service.js';
import { WalletService } from './wallet.service.js';

/** The acting organisation's money. */
@ApiTags('money')
@ApiBearerAuth()
@Controller('v1')
export class WalletController {
  constructor(
    private readonly wallets: WalletService,
    private readonly topUps: TopUpsService,
  ) {}

  @Get('wallet')
  @Allow('wallet:read')
  @ApiOkResponse({ type: WalletView })
  wallet(@CurrentActor() actor: Actor): Promise<WalletView> {
    return this.wallets.wallet(actor);
  }

  @Get('wallet/transactions')
  @Allow('wallet:read')
  @ApiOkResponse({ type: WalletTransactionPage })
  transactions(
    @CurrentActor() actor: Actor,
    @Query() query: WalletTransactionsQuery,
  ): Promise<WalletTransactionPage> {
    return this.wallets.transactions(actor, query);
  }

  @Post('wallet/top-ups')
  @Allow('wallet:write')
  @IdempotencyKeyRequired()
  @ApiCreatedResponse({ type: TopUpView })
  createTopUp(
    @CurrentActor() actor: Actor,
    @CurrentCall() call: Call,
    @Body() dto: TopUpDto,
  ): Promise<TopUpView> {
    return this.topUps.create(actor, call, dto);
  }

  @Get('wallet/top-ups')
  @Allow('wallet:read')
  @ApiOkResponse({ type: TopUpPage })
  listTopUps(@CurrentActor() actor: Actor, @Query() query: TopUpsQuery): Promise<TopUpPage> {
    return this.topUps.list(actor.organizationId, query);
  }

  @Get('wallet/top-ups/:id')
  @Allow('wallet:read')
  @ApiOkResponse({ type: TopUpView })
  getTopUp(@CurrentActor() actor: Actor, @Param('id', new IdPipe('top-up')) id: string): Promise<TopUpView> {
    return this.topUps.get(actor, id);
  }

  @Get('earnings')
  @Allow('payouts:read', 'operator')
  @ApiOkResponse({ type: EarningsView })
  earnings(@CurrentActor() actor: Actor): Promise<EarningsView> {
    return this.wallets.earnings(actor);
  }
}
