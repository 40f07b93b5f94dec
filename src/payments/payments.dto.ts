import { Instant, MoneyDto, Nested, OneOf, PageQuery } from '../platform/http/fields.js';
import { TRANSFER_KINDS, type TransferKind } from './ledger/chart.js';
import { TOP_UP_STATES, type TopUpState } from './top-up.states.js';

export class TopUpDto {
  @Nested(() => MoneyDto, { about: 'in the settlement currency' })
  amount: MoneyDto;
}

export class TopUpsQuery extends PageQuery {
  @OneOf(TOP_UP_STATES, { optional: true })
  state?: TopUpState;
}

export class WalletTransactionsQuery extends PageQuery {
  @OneOf(TRANSFER_KINDS, { optional: true })
  kind?: TransferKind;

  @Instant({ optional: true, about: 'not before' })
  from?: string;

  @Instant({ optional: true, about: 'before' })
  to?: string;
}
