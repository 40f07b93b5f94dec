import { Body, Controller, Get, Inject, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PlatformOnly, Public } from '../identity/access.js';
import { invalid } from '../kernel/errors.js';
import { Transactions } from '../platform/database/transactions.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { FxRateList, SetFxRatesDto } from './catalog.dto.js';
import { FxService, formatRate, parseRate } from './fx.service.js';

/** The dated exchange-rate table. */
@ApiTags('catalogue')
@Controller('v1')
export class FxController {
  constructor(
    private readonly fx: FxService,
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  @Get('fx-rates')
  @Public()
  @ApiOperation({ summary: 'The exchange rates that quotes are normalised by' })
  @ApiOkResponse({ type: FxRateList })
  async current(): Promise<FxRateList> {
    const rates = await this.fx.currentRates();
    return {
      settlementCurrency: this.config.settlementCurrency,
      data: rates.map(({ currency, rateNanos, day }) => ({ currency, rate: formatRate(rateNanos), day })),
    };
  }

  @Put('admin/fx-rates')
  @PlatformOnly('admin')
  @ApiOperation({ summary: "Set today's exchange rates" })
  @ApiOkResponse({ type: FxRateList })
  async set(@Body() body: SetFxRatesDto): Promise<FxRateList> {
    const rates = body.rates.map(({ currency, rate }, index) => {
      if (currency === this.config.settlementCurrency) {
        throw invalid(`/rates/${index}/currency`, 'is the settlement currency, whose rate is 1');
      }
      return { currency, rateNanos: parseRate(rate, `/rates/${index}/rate`) };
    });
    await this.transactions.run((tx) => this.fx.setRates(tx, rates));
    return this.current();
  }
}
