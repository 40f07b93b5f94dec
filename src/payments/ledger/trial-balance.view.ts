import { ApiProperty } from '@nestjs/swagger';
import { PLATFORM_ORGANIZATION_ID } from '../../kernel/id.js';
import { formatMicros } from '../../kernel/money.js';
import { ACCOUNT_KINDS, type AccountKind } from './chart.js';
import type { RecomputedAccount } from './trial-balance.query.js';

export class TrialBalanceAccountView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: ACCOUNT_KINDS })
  kind: AccountKind;

  @ApiProperty({ format: 'uuid', required: false, description: "absent on the platform's own accounts" })
  organizationId?: string;

  @ApiProperty({ example: 'USD' })
  currency: string;

  @ApiProperty({ example: '100.000000', description: 'all posted debits' })
  debit: string;

  @ApiProperty({ example: '250.000000', description: 'all posted credits' })
  credit: string;

  @ApiProperty({ example: '150.000000', description: 'credit less debit' })
  balance: string;
}

export class TrialBalanceView {
  @ApiProperty({ type: () => [TrialBalanceAccountView] })
  accounts: TrialBalanceAccountView[];

  @ApiProperty({
    example: '0.000000',
    description: 'the sum of all balances: zero, or money was made or lost',
  })
  sum: string;
}

/** Money as decimal strings, all in the account's currency. */
export function trialBalanceView(accounts: readonly RecomputedAccount[]): TrialBalanceView {
  const sum = accounts.reduce((total, account) => total + account.creditMicros - account.debitMicros, 0n);
  return {
    accounts: accounts.map((account) => ({
      id: account.id,
      kind: account.kind,
      ...(account.organizationId === PLATFORM_ORGANIZATION_ID
        ? {}
        : { organizationId: account.organizationId }),
      currency: account.currency,
      debit: formatMicros(account.debitMicros),
      credit: formatMicros(account.creditMicros),
      balance: formatMicros(account.creditMicros - account.debitMicros),
    })),
    sum: formatMicros(sum),
  };
}
