import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CASH_AT_BANK, ESCROW, FEES, type TransferStage, earningsOf, walletOf } from './chart.js';
import { type Posting, deltasOf } from './postings.js';

const BUYER = '00000000-0000-7000-8000-00000000000b';
const OPERATOR = '00000000-0000-7000-8000-00000000000a';

const posting = (fields: Partial<Posting>): Posting => ({
  id: 'id',
  organizationId: BUYER,
  kind: 'escrow_hold',
  stage: 'posted',
  pendingId: null,
  debit: walletOf(BUYER),
  credit: ESCROW,
  currency: 'USD',
  amountMicros: 100n,
  reservedMicros: 0n,
  bookingId: null,
  reference: 'reference',
  ...fields,
});

describe('what postings add to balances', () => {
  it('sums all effects on one account', () => {
    const deltas = deltasOf([
      posting({ debit: ESCROW, credit: earningsOf(OPERATOR), amountMicros: 95n }),
      posting({ debit: ESCROW, credit: FEES, amountMicros: 5n }),
    ]);
    expect(deltas).toHaveLength(3);
    expect(deltas[0]).toMatchObject({ ...ESCROW, debitsPosted: 100n, creditsPosted: 0n, guarded: true });
    expect(deltas[1]).toMatchObject({ ...earningsOf(OPERATOR), creditsPosted: 95n, guarded: true });
    expect(deltas[2]).toMatchObject({ ...FEES, creditsPosted: 5n, guarded: false });
  });

  it('reserves a pending amount on both sides', () => {
    const [wallet, escrow] = deltasOf([posting({ stage: 'pending' })]);
    expect(wallet).toMatchObject({ debitsPending: 100n, debitsPosted: 0n });
    expect(escrow).toMatchObject({ creditsPending: 100n, creditsPosted: 0n });
  });

  it('gives the whole reserve back when less is posted, or none', () => {
    const less = deltasOf([posting({ stage: 'post_pending', amountMicros: 60n, reservedMicros: 100n })]);
    expect(less[0]).toMatchObject({ debitsPending: -100n, debitsPosted: 60n });
    const none = deltasOf([posting({ stage: 'void_pending', reservedMicros: 100n })]);
    expect(none[0]).toMatchObject({ debitsPending: -100n, debitsPosted: 0n });
  });

  it('keeps currencies apart', () => {
    expect(deltasOf([posting({}), posting({ currency: 'EUR' })])).toHaveLength(4);
  });

  it('adds as much to debits as to credits, whatever the postings', () => {
    const account = fc.constantFrom(walletOf(BUYER), earningsOf(OPERATOR), ESCROW, FEES, CASH_AT_BANK);
    const any = fc
      .record({
        debit: account,
        credit: account,
        stage: fc.constantFrom<TransferStage>('posted', 'pending', 'post_pending', 'void_pending'),
        amountMicros: fc.bigInt({ min: 1n, max: 10n ** 15n }),
        reservedMicros: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      })
      .map(posting);
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), (postings) => {
        const deltas = deltasOf(postings);
        const sum = (pick: (index: number) => bigint): bigint =>
          deltas.reduce((total, _, index) => total + pick(index), 0n);
        expect(sum((i) => deltas[i]!.debitsPosted)).toBe(sum((i) => deltas[i]!.creditsPosted));
        expect(sum((i) => deltas[i]!.debitsPending)).toBe(sum((i) => deltas[i]!.creditsPending));
      }),
    );
  });
});
