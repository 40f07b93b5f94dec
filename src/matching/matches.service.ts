import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { expired, notFound } from '../kernel/errors.js';
import { newId } from '../kernel/id.js';
import type { Minute } from '../kernel/period.js';
import { Clock } from '../platform/clock.js';
import { CONFIG, type ReadyConfig } from '../platform/platform.module.js';
import type { EngineRequest, Market } from './engine/market.js';
import type { Option } from './engine/options.js';
import { Match } from './match.entity.js';
import { ComputeRequest } from './request.entity.js';
import { isLive } from './request.states.js';
import { matchBody } from './request.view.js';

/** A match as a booking takes it. */
export interface BookableMatch {
  id: string;
  requestId: string;
  lines: { listingId: string; gpus: number; rateMicros: bigint }[];
  start: Minute;
  end: Minute;
  expiresAt: Date;
}

/** Answers to requests, kept so that their prices can be taken until they expire. */
@Injectable()
export class MatchesService {
  constructor(
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: ReadyConfig,
  ) {}

  /** Keeps the options as matches of the request, best first. @param fits how many options there are, shown or not. */
  async keep(
    tx: EntityManager,
    owner: { requestId: string; organizationId: string },
    question: { market: Market; request: EngineRequest },
    options: readonly Option[],
    fits: number,
  ): Promise<Match[]> {
    if (options.length === 0) return [];
    const now = this.clock.now();
    const first = options[0]!.cost.micros;
    const matches = options.map((option, index) =>
      tx.create(Match, {
        ...owner,
        id: newId(),
        rank: index + 1,
        lines: option.lines.map(({ listing, gpus, rateMicros }) => ({
          listingId: listing.id,
          gpus,
          rateMicros: rateMicros.toString(),
        })),
        start: option.start,
        end: option.end,
        body: matchBody(question.market, question.request, option, {
          position: index + 1,
          of: fits,
          aboveFirstMicros: option.cost.micros - first,
        }),
        expiresAt: new Date(now.getTime() + this.config.matchSeconds * 1000),
        createdAt: now,
      }),
    );
    await tx.insert(Match, matches);
    return matches;
  }

  /**
   * A match of the organisation's own requests, at the price it was quoted.
   * @throws AppError 404; 409 `expired` when its time is over, or its request was cancelled or has expired.
   */
  async findForBooking(tx: EntityManager, organizationId: string, matchId: string): Promise<BookableMatch> {
    const match = await tx.findOneBy(Match, { id: matchId, organizationId });
    if (!match) throw notFound('match');
    const { requestId: id } = match;
    const { state } = await tx.findOneByOrFail(ComputeRequest, { id, organizationId });
    const bookable = isLive(state) || state === 'fulfilled';
    if (!bookable || match.expiresAt <= this.clock.now()) throw expired('match');
    return {
      id: match.id,
      requestId: match.requestId,
      lines: match.lines.map((line) => ({ ...line, rateMicros: BigInt(line.rateMicros) })),
      start: match.start,
      end: match.end,
      expiresAt: match.expiresAt,
    };
  }

  /** The matches of a request's latest answer, best first. */
  async latest(manager: EntityManager, requestId: string, organizationId: string): Promise<Match[]> {
    return manager
      .createQueryBuilder(Match, 'match')
      .where('match.requestId = :requestId and match.organizationId = :organizationId')
      .andWhere('match.createdAt = (select max(m.created_at) from matches m where m.request_id = :requestId)')
      .setParameters({ requestId, organizationId })
      .orderBy('match.rank')
      .getMany();
  }
}
