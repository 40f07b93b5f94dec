import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { isoInstant } from '../kernel/period.js';
import { TRANSFER_KINDS, type TransferKind } from './ledger/chart.js';
import type { TopUp, TopUpMethod } from './top-up.entity.js';
import { TOP_UP_STATES, type TopUpState } from './top-up.states.js';

/** Money in a response. */
export class MoneyShape implements MoneyView {
  @ApiProperty({ example: '2.150000' })
  amount: string;

  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class WalletView {
  @ApiProperty({ type: MoneyShape, description: 'what can be spent now' })
  available: MoneyView;

  @ApiProperty({ type: MoneyShape, description: "held for the organisation's own bookings" })
  inEscrow: MoneyView;

  @ApiProperty({ type: MoneyShape, description: 'set aside by movements under way' })
  reserved: MoneyView;

  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class WalletTransactionView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ enum: TRANSFER_KINDS })
  kind: TransferKind;

  @ApiProperty({ type: MoneyShape, description: 'positive into the wallet, negative out of it' })
  amount: MoneyView;

  @ApiProperty({ format: 'uuid', nullable: true, type: String })
  bookingId: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class WalletTransactionPage {
  @ApiProperty({ type: () => [WalletTransactionView] })
  data: WalletTransactionView[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

/** One posted movement of a wallet. */
export interface WalletTransaction {
  id: string;
  kind: TransferKind;
  /** Signed. */
  micros: bigint;
  currency: string;
  bookingId: string | null;
  createdAt: Date;
}

export function walletTransactionView(row: WalletTransaction): WalletTransactionView {
  return {
    id: row.id,
    kind: row.kind,
    amount: moneyView(row.micros, row.currency),
    bookingId: row.bookingId,
    createdAt: isoInstant(row.createdAt),
  };
}

export class EarningsView {
  @ApiProperty({ type: MoneyShape, description: 'earned and not yet paid out' })
  available: MoneyView;

  @ApiProperty({ type: MoneyShape, description: 'all that was ever released, after fees' })
  released: MoneyView;

  @ApiProperty({ type: MoneyShape, description: 'what the platform kept of it' })
  fees: MoneyView;

  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class TopUpView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  organizationId: string;

  @ApiProperty({ enum: TOP_UP_STATES })
  state: TopUpState;

  @ApiProperty({ enum: ['bank_transfer', 'stripe'] })
  method: TopUpMethod;

  @ApiProperty({ type: MoneyShape })
  amount: MoneyView;

  @ApiProperty({ example: 'FLW-7K3Q-9T2M', description: 'to be written on the transfer' })
  reference: string;

  @ApiProperty({ description: 'what to do, for a person to read' })
  instructions: string;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  settledAt: string | null;
}

export class TopUpPage {
  @ApiProperty({ type: () => [TopUpView] })
  data: TopUpView[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

const INSTRUCTIONS: Readonly<Record<TopUpState, (topUp: TopUp, amount: MoneyView) => string>> = {
  pending: ({ reference }, { amount, currency }) =>
    `Send ${amount} ${currency} by bank transfer with the reference ${reference}. ` +
    'Your wallet is credited once the transfer has arrived.',
  settled: () => 'The transfer has arrived and the wallet was credited; nothing is left to do.',
  cancelled: () => 'This top-up was cancelled; do not send money for it.',
};

export function topUpView(topUp: TopUp): TopUpView {
  const amount = moneyView(topUp.amountMicros, topUp.currency);
  return {
    id: topUp.id,
    organizationId: topUp.organizationId,
    state: topUp.state,
    method: topUp.method,
    amount,
    reference: topUp.reference,
    instructions: INSTRUCTIONS[topUp.state](topUp, amount),
    createdAt: isoInstant(topUp.createdAt),
    settledAt: topUp.settledAt === null ? null : isoInstant(topUp.settledAt),
  };
}
