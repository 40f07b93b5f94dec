import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type DataSource, type EntityManager, type FindOptionsWhere, LessThan } from 'typeorm';
import type { Actor, SignedInUser } from '../identity/access.js';
import { conflict, invalid, notFound } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { moneyView, parseMicros } from '../kernel/money.js';
import { nextState } from '../kernel/states.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE, type Page } from '../platform/http/page.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { CASH_AT_BANK, walletOf } from './ledger/chart.js';
import { Ledger } from './ledger/ledger.service.js';
import type { TopUpDto, TopUpsQuery } from './payments.dto.js';
import { type TopUpView, topUpView } from './payments.view.js';
import { newTopUpReference } from './top-up-reference.js';
import { TopUp } from './top-up.entity.js';
import { TOP_UP_LIFECYCLE } from './top-up.states.js';

/** A hundred million units: more in one transfer is a typing error, and sums stay far inside a bigint. */
const MAX_TOP_UP_MICROS = 100_000_000n * 1_000_000n;

const MAX_REFERENCE_ATTEMPTS = 5;

/** Money into wallets: announced by the buyer, settled by an admin once the bank has it. */
@Injectable()
export class TopUpsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly ledger: Ledger,
    private readonly outbox: Outbox,
    private readonly cursors: Cursors,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /** Announces a bank transfer; nothing moves yet. */
  async create(actor: Actor, call: Call, dto: TopUpDto): Promise<TopUpView> {
    return this.transactions.once(call, async (tx) => {
      const topUp = await this.announce(tx, actor.organizationId, this.amountOf(dto), actor.userId);
      return topUpView(topUp);
    });
  }

  /** The same for another room, such as the demonstration market. */
  async announce(
    tx: EntityManager,
    organizationId: string,
    amountMicros: bigint,
    requestedBy: string | null,
  ): Promise<TopUp> {
    const topUp = tx.create(TopUp, {
      id: newId(),
      organizationId,
      amountMicros,
      currency: this.config.settlementCurrency,
      method: 'bank_transfer',
      reference: await this.freshReference(tx),
      state: 'pending',
      requestedBy,
      settledBy: null,
      settledAt: null,
      createdAt: this.clock.now(),
    });
    await tx.insert(TopUp, topUp);
    await this.outbox.add(tx, {
      name: 'top_up.created',
      organizationIds: [organizationId],
      payload: { topUpId: topUp.id, amount: moneyView(amountMicros, topUp.currency), method: topUp.method },
    });
    return topUp;
  }

  async list(organizationId: string | undefined, query: TopUpsQuery): Promise<Page<TopUpView>> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const list = organizationId === undefined ? 'admin-top-ups' : 'top-ups';
    const before = this.cursors.decode<string>(list, query.cursor);
    const where: FindOptionsWhere<TopUp> = {
      ...(organizationId === undefined ? {} : { organizationId }),
      ...(query.state === undefined ? {} : { state: query.state }),
      ...(before === undefined ? {} : { id: LessThan(before) }),
    };
    const rows = await this.dataSource.manager.find(TopUp, { where, order: { id: 'DESC' }, take: limit + 1 });
    return this.cursors.page(list, rows, limit, topUpView, (row) => row.id);
  }

  async get(actor: Actor, id: string): Promise<TopUpView> {
    const { organizationId } = actor;
    const topUp = await this.dataSource.manager.findOneBy(TopUp, { id, organizationId });
    if (!topUp) throw notFound('top-up');
    return topUpView(topUp);
  }

  /** The money has arrived: credits the wallet, exactly once however often it is called. */
  async settle(user: SignedInUser, call: Call, id: string): Promise<TopUpView> {
    return this.transactions.once(call, async (tx) => topUpView(await this.credit(tx, id, user.userId)));
  }

  /**
   * The same for another room, such as the demonstration market.
   * @throws AppError 404, or 409 `illegal-transition` for one that is not pending.
   */
  async credit(tx: EntityManager, id: string, settledBy: string | null): Promise<TopUp> {
    const topUp = await tx.findOne(TopUp, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!topUp) throw notFound('top-up');
    topUp.state = nextState(TOP_UP_LIFECYCLE, 'settle', topUp.state, 'top-up');
    topUp.settledBy = settledBy;
    topUp.settledAt = this.clock.now();
    const { state, settledAt, organizationId, amountMicros, currency } = topUp;
    await tx.update(TopUp, { id, organizationId, state: 'pending' }, { state, settledBy, settledAt });
    await this.ledger.post(tx, [
      {
        organizationId,
        kind: 'top_up',
        debit: CASH_AT_BANK,
        credit: walletOf(organizationId),
        currency,
        amountMicros,
        reference: `top-up:${id}`,
      },
    ]);
    await this.outbox.add(tx, {
      name: 'wallet.topped_up',
      organizationIds: [organizationId],
      payload: { topUpId: id, amount: moneyView(amountMicros, currency), method: topUp.method },
    });
    return topUp;
  }

  private amountOf(dto: TopUpDto): bigint {
    const { amount, currency } = dto.amount;
    if (currency !== this.config.settlementCurrency) {
      throw invalid('/amount/currency', `must be the settlement currency, ${this.config.settlementCurrency}`);
    }
    const micros = parseMicros(amount, '/amount/amount');
    if (micros <= 0n) throw invalid('/amount/amount', 'must be more than zero');
    if (micros > MAX_TOP_UP_MICROS)
      throw invalid('/amount/amount', 'is more than one top-up takes (100000000)');
    return micros;
  }

  /** A reference that no organisation has: a bank statement names nothing else. */
  private async freshReference(tx: EntityManager): Promise<string> {
    for (let attempt = 1; attempt <= MAX_REFERENCE_ATTEMPTS; attempt++) {
      const reference = newTopUpReference();
      if (!(await tx.existsBy(TopUp, { reference }))) return reference;
    }
    throw conflict('reference-taken', 'No free reference was found; try again.');
  }
}
