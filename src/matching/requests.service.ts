import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { FxService } from '../catalog/fx.service.js';
import type { Actor } from '../identity/access.js';
import { invalid, notFound } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import { FX_SCALE } from '../kernel/rate.js';
import { Clock } from '../platform/clock.js';
import { Transactions } from '../platform/database/transactions.js';
import type { Call } from '../platform/http/idempotency.js';
import { Cursors, DEFAULT_PAGE_SIZE } from '../platform/http/page.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import { matchRequest } from './engine/match.js';
import { readMarket } from './market.query.js';
import type { Match } from './match.entity.js';
import { MatchesService } from './matches.service.js';
import type { CreateRequestDto, RequestsQuery } from './matching.dto.js';
import { type RateLookup, engineRequestOf, expiryOf, specificationOf } from './request-specification.js';
import { ComputeRequest } from './request.entity.js';
import { type RequestAction, isLive, nextRequestState } from './request.states.js';
import {
  type AnsweredRequestView,
  type MatchList,
  type RequestPage,
  type RequestView,
  matchView,
  requestView,
  unmatchedView,
} from './request.view.js';

const LIST = 'requests';
/** The next run of the job goes on. */
const EXPIRED_AT_ONCE = 1_000;

/** Buyers' requests: asked, answered with matches, booked or given up. */
@Injectable()
export class RequestsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: ReadyConfig,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
    private readonly cursors: Cursors,
    private readonly outbox: Outbox,
    private readonly fx: FxService,
    private readonly matches: MatchesService,
  ) {}

  /**
   * Keeps a request and answers it.
   * @throws AppError 422 naming the field that is wrong.
   */
  async create(actor: Actor, call: Call, dto: CreateRequestDto): Promise<AnsweredRequestView> {
    if (dto.mode === 'standing') {
      throw invalid('/mode', 'must be instant: standing requests wait for the clearing rounds to open');
    }
    if (dto.expiresAt !== undefined) throw invalid('/expiresAt', 'is for standing requests');
    const now = this.clock.now();
    const specification = specificationOf(dto, now);
    return this.transactions.once(call, async (tx) => {
      const request = tx.create(ComputeRequest, {
        id: newId(),
        organizationId: actor.organizationId,
        createdBy: actor.userId,
        mode: 'instant',
        workload: dto.workload,
        specification,
        unmatched: null,
        state: 'open',
        stateReason: null,
        expiresAt: expiryOf(specification),
        createdAt: now,
        updatedAt: now,
      });
      await tx.insert(ComputeRequest, request);
      const matches = await this.answer(tx, request);
      await this.tell(tx, request, 'request.created', { matches: matches.length });
      return answeredView(request, matches);
    });
  }

  async list(actor: Actor, query: RequestsQuery): Promise<RequestPage> {
    const limit = query.limit ?? DEFAULT_PAGE_SIZE;
    const before = this.cursors.decode<string>(LIST, query.cursor);
    const { organizationId } = actor;
    const select = this.dataSource.manager
      .createQueryBuilder(ComputeRequest, 'request')
      .where('request.organizationId = :organizationId', { organizationId })
      .orderBy('request.id', 'DESC')
      .limit(limit + 1);
    if (query.state) select.andWhere('request.state = :state', { state: query.state });
    if (query.from) select.andWhere('request.createdAt >= :from', { from: query.from });
    if (query.to) select.andWhere('request.createdAt < :to', { to: query.to });
    if (before) select.andWhere('request.id < :before', { before });
    return this.cursors.page(LIST, await select.getMany(), limit, requestView, ({ id }) => id);
  }

  /** The request with its latest matches, as they were given. */
  async get(actor: Actor, id: string): Promise<AnsweredRequestView> {
    const { manager } = this.dataSource;
    const request = await this.find(manager, actor.organizationId, id);
    // An answer that found nothing leaves older matches behind, which are no answer any more.
    const answered = request.state !== 'open';
    return answeredView(
      request,
      answered ? await this.matches.latest(manager, id, actor.organizationId) : [],
    );
  }

  /** Answers the request anew, from the market as it is now. @throws AppError 409 for one that is over. */
  async freshMatches(actor: Actor, id: string): Promise<MatchList> {
    return this.transactions.run(async (tx) => {
      const request = await this.find(tx, actor.organizationId, id, true);
      nextRequestState('match', request.state);
      const matches = await this.answer(tx, request);
      return { data: matches.map(matchView), nextCursor: null, unmatched: request.unmatched! };
    });
  }

  async cancel(actor: Actor, call: Call, id: string): Promise<RequestView> {
    return this.transactions.once(call, async (tx) => {
      const request = await this.find(tx, actor.organizationId, id, true);
      await this.move(tx, request, 'cancel');
      await this.tell(tx, request, 'request.cancelled', {});
      return requestView(request);
    });
  }

  /** A booking made from one of the request's matches has been paid for; a cancelled request stays cancelled. */
  async fulfil(tx: EntityManager, organizationId: string, requestId: string): Promise<void> {
    const request = await this.find(tx, organizationId, requestId, true);
    if (request.state === 'fulfilled' || request.state === 'cancelled') return;
    await this.move(tx, request, 'fulfil');
    await this.tell(tx, request, 'request.fulfilled', {});
  }

  /** Expires the requests whose deadline leaves no time any more. */
  async expireDue(): Promise<void> {
    const due = await this.dataSource.query<{ id: string; organization_id: string }[]>(
      `select id, organization_id from requests
       where state in ('open', 'matched') and expires_at <= $1 order by id limit ${EXPIRED_AT_ONCE}`,
      [this.clock.now()],
    );
    for (const { id, organization_id: organizationId } of due) {
      await this.transactions.run(async (tx) => {
        const request = await this.find(tx, organizationId, id, true);
        if (!isLive(request.state)) return;
        await this.move(tx, request, 'expire');
        await this.tell(tx, request, 'request.expired', {});
      });
    }
  }

  /** Matches the request against the market of now, keeps the answer and moves the state by it. */
  private async answer(tx: EntityManager, request: ComputeRequest): Promise<Match[]> {
    const { id: requestId, organizationId } = request;
    const now = this.clock.now();
    const currency = this.config.settlementCurrency;
    const rateOf = await this.rateLookup(tx);
    const question = {
      market: await readMarket(tx, now, currency),
      request: engineRequestOf(request.specification, organizationId, now, rateOf),
    };
    const { options, unmatched } = matchRequest(question.market, question.request);
    const owner = { requestId, organizationId };
    const matches = await this.matches.keep(tx, owner, question, options, unmatched.matched);
    request.unmatched = unmatchedView(unmatched, currency);
    await this.move(tx, request, matches.length > 0 ? 'match' : 'miss');
    return matches;
  }

  private async move(tx: EntityManager, request: ComputeRequest, action: RequestAction): Promise<void> {
    const { id, organizationId } = request;
    request.state = nextRequestState(action, request.state);
    request.updatedAt = this.clock.now();
    const { state, unmatched, updatedAt } = request;
    await tx.update(
      ComputeRequest,
      { id, organizationId },
      { state, unmatched: unmatched as never, updatedAt },
    );
  }

  private async find(
    manager: EntityManager,
    organizationId: string,
    id: string,
    lock = false,
  ): Promise<ComputeRequest> {
    const request = await manager.findOne(ComputeRequest, {
      where: { id, organizationId },
      ...(lock ? { lock: { mode: 'pessimistic_write' as const } } : {}),
    });
    if (!request) throw notFound('request');
    return request;
  }

  private async rateLookup(tx: EntityManager): Promise<RateLookup> {
    const { settlementCurrency } = this.config;
    const rates = new Map(
      (await this.fx.currentRates(tx)).map(({ currency, rateNanos }) => [currency, rateNanos]),
    );
    return (currency, pointer) => {
      const rate = currency === settlementCurrency ? FX_SCALE : rates.get(currency);
      if (rate === undefined) throw invalid(pointer, 'is not a currency with an exchange rate');
      return rate;
    };
  }

  private async tell(
    tx: EntityManager,
    request: ComputeRequest,
    name: string,
    more: Record<string, unknown>,
  ): Promise<void> {
    const { id, organizationId, state } = request;
    await this.outbox.add(tx, {
      name,
      organizationIds: [organizationId],
      payload: { requestId: id, state, ...more },
    });
  }
}

const answeredView = (request: ComputeRequest, matches: readonly Match[]): AnsweredRequestView => ({
  ...requestView(request),
  matches: matches.map(matchView),
  unmatched: request.unmatched,
});
