import type { EngineRequest, Market } from './market.js';
import { type Option, choose, feasible, rank } from './options.js';
import { type Unmatched, explainUnmatched } from './unmatched.js';

export interface MatchAnswer {
  /** Best first, at most `request.limit`. */
  options: Option[];
  unmatched: Unmatched;
}

/**
 * Answers a request from the market: feasible → rank → choose, and why nothing else fits. Pure: the same market and
 * request give the same answer, whatever the order of the listings.
 */
export function matchRequest(market: Market, request: EngineRequest): MatchAnswer {
  const { verdicts, options } = feasible(market, request);
  return {
    options: choose(rank(options), request.limit),
    unmatched: explainUnmatched(market, request, verdicts, options.length),
  };
}
