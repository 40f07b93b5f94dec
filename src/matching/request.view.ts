import { ApiProperty } from '@nestjs/swagger';
import { type MoneyView, moneyView } from '../kernel/money.js';
import { isoInstant, isoMinute } from '../kernel/period.js';
import { MoneyDto } from '../platform/http/fields.js';
import { CONSTRAINTS, type Constraint } from './engine/constraints.js';
import type { EngineRequest, Market } from './engine/market.js';
import type { Option } from './engine/options.js';
import type { Relaxation, Unmatched } from './engine/unmatched.js';
import { type Place, explain, partDetail, relaxationWords } from './engine/words.js';
import type { Match } from './match.entity.js';
import { CreateRequestDto } from './matching.dto.js';
import type { ComputeRequest } from './request.entity.js';
import { REQUEST_STATES, type RequestState } from './request.states.js';

const INSTANT = { type: String, format: 'date-time' } as const;

export class RttRegionView {
  @ApiProperty({ example: 'de-frankfurt' })
  region: string;
  @ApiProperty({ description: 'round trip, ms' })
  rttMs: number;
  @ApiProperty({ enum: ['measured', 'modelled'] })
  source: 'measured' | 'modelled';
}

export class RttView {
  @ApiProperty({ description: 'mean by the weights of the origins, ms' })
  weighted: number;
  @ApiProperty({ description: 'ms' })
  worst: number;
  @ApiProperty({ type: [RttRegionView] })
  byRegion: RttRegionView[];
}

export class CostPartView {
  @ApiProperty({ enum: ['price', 'interruption', 'latency', 'lateStart', 'performance'] })
  name: string;
  @ApiProperty({ description: 'may be negative: what better chips save' })
  amount: string;
  @ApiProperty()
  detail: string;
}

export class CostView {
  @ApiProperty()
  amount: string;
  @ApiProperty()
  currency: string;
  @ApiProperty({ type: [CostPartView], description: 'they add up to amount exactly' })
  parts: CostPartView[];
}

export class MatchAllocationView {
  @ApiProperty({ format: 'uuid' })
  listingId: string;
  @ApiProperty()
  gpus: number;
}

export class MatchView {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ description: '1 is the best' })
  rank: number;
  @ApiProperty({ type: [MatchAllocationView] })
  allocations: MatchAllocationView[];
  @ApiProperty({ format: 'uuid' })
  operatorId: string;
  @ApiProperty({ example: 'h100-sxm-80gb' })
  chip: string;
  @ApiProperty({ example: 'cn-zhengzhou' })
  region: string;
  @ApiProperty(INSTANT)
  start: string;
  @ApiProperty(INSTANT)
  end: string;
  @ApiProperty({ type: MoneyDto })
  pricePerGpuHour: MoneyView;
  @ApiProperty({ type: MoneyDto })
  total: MoneyView;
  @ApiProperty({ type: RttView, nullable: true, description: 'null where the request names no users' })
  rttMs: RttView | null;
  @ApiProperty({ type: CostView, description: 'the effective cost that ranks' })
  cost: CostView;
  @ApiProperty()
  explanation: string;
  @ApiProperty({ ...INSTANT, description: 'until when the price stands' })
  expiresAt: string;
}

/** The part of a match that is kept as it was shown. */
export type MatchBody = Pick<
  MatchView,
  'operatorId' | 'chip' | 'region' | 'pricePerGpuHour' | 'total' | 'rttMs' | 'cost' | 'explanation'
>;

export class RemovalView {
  @ApiProperty({ enum: CONSTRAINTS })
  constraint: Constraint;
  @ApiProperty({ description: 'offers that fail it, whatever else they fail' })
  removed: number;
  @ApiProperty({ description: 'offers that fail it and nothing else' })
  alone: number;
}

export class NearestMissView {
  @ApiProperty({ enum: ['maxPricePerGpuHour', 'latency', 'deadline', 'gpus'] })
  constraint: string;
  @ApiProperty({ description: 'money, ms, a time or a number of GPUs' })
  relaxTo: MoneyView | number | string;
  @ApiProperty({ description: 'how many match then, all told' })
  matches: number;
  @ApiProperty({ example: 'at 2.75 USD 4 offers match' })
  description: string;
}

export class UnmatchedView {
  @ApiProperty({ description: 'offers considered' })
  total: number;
  @ApiProperty({ description: 'of which match, shown or not' })
  matched: number;
  @ApiProperty({ type: [RemovalView] })
  removedByConstraint: RemovalView[];
  @ApiProperty({ enum: CONSTRAINTS, nullable: true, type: String })
  binding: Constraint | null;
  @ApiProperty({ type: [NearestMissView] })
  nearest: NearestMissView[];
}

export class RequestView extends CreateRequestDto {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: REQUEST_STATES })
  state: RequestState;
  @ApiProperty({ type: String, nullable: true })
  stateReason: string | null;
  @ApiProperty(INSTANT)
  createdAt: string;
  @ApiProperty(INSTANT)
  updatedAt: string;
}

export class AnsweredRequestView extends RequestView {
  @ApiProperty({ type: [MatchView] })
  matches: MatchView[];
  @ApiProperty({ type: UnmatchedView, nullable: true })
  unmatched: UnmatchedView | null;
}

export class RequestPage {
  @ApiProperty({ type: [RequestView] })
  data: RequestView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

/** All matches at once: there is never a next page. */
export class MatchList {
  @ApiProperty({ type: [MatchView] })
  data: MatchView[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
  @ApiProperty({ type: UnmatchedView })
  unmatched: UnmatchedView;
}

/** What is shown, and kept, of an option. */
export function matchBody(market: Market, request: EngineRequest, option: Option, place: Place): MatchBody {
  const [first] = option.lines;
  const { listing } = first!;
  return {
    operatorId: listing.operatorId,
    chip: listing.chip.code,
    region: listing.region,
    pricePerGpuHour: moneyView(option.rateMicros, market.currency),
    total: moneyView(option.totalMicros, market.currency),
    rttMs: option.rtt,
    cost: {
      ...moneyView(option.cost.micros, market.currency),
      parts: option.cost.parts.map((part) => ({
        name: part.name,
        amount: moneyView(part.micros, market.currency).amount,
        detail: partDetail(market, request, option, part),
      })),
    },
    explanation: explain(market, request, option, place),
  };
}

export const matchView = (match: Match): MatchView => ({
  id: match.id,
  rank: match.rank,
  allocations: match.lines.map(({ listingId, gpus }) => ({ listingId, gpus })),
  start: isoMinute(match.start),
  end: isoMinute(match.end),
  ...match.body,
  expiresAt: isoInstant(match.expiresAt),
});

/** The new value of what a relaxation moves, and the field it is called by. */
function relaxedTo(
  relaxation: Relaxation,
  currency: string,
): Pick<NearestMissView, 'constraint' | 'relaxTo'> {
  switch (relaxation.constraint) {
    case 'maxPricePerGpuHour':
      return { constraint: 'maxPricePerGpuHour', relaxTo: moneyView(relaxation.rateMicros, currency) };
    case 'latency':
      return { constraint: 'latency', relaxTo: relaxation.maxRttMs };
    case 'window':
      return { constraint: 'deadline', relaxTo: isoMinute(relaxation.deadline) };
    case 'gpus':
      return { constraint: 'gpus', relaxTo: relaxation.gpus };
  }
}

export const unmatchedView = (unmatched: Unmatched, currency: string): UnmatchedView => ({
  total: unmatched.total,
  matched: unmatched.matched,
  removedByConstraint: unmatched.removedByConstraint,
  binding: unmatched.binding,
  nearest: unmatched.nearest.map((relaxation) => ({
    ...relaxedTo(relaxation, currency),
    matches: relaxation.matches,
    description: relaxationWords(relaxation, currency),
  })),
});

export const requestView = (request: ComputeRequest): RequestView => ({
  id: request.id,
  state: request.state,
  stateReason: request.stateReason,
  mode: request.mode,
  ...request.specification,
  createdAt: isoInstant(request.createdAt),
  updatedAt: isoInstant(request.updatedAt),
});
