import { conflict } from './errors.js';

/**
 * A life cycle as data: for each action, the states it may start from and the state it leads to.
 * A room keeps one such table in `*.states.ts`; nothing else decides what may follow what.
 */
export type Lifecycle<State extends string, Action extends string> = Readonly<
  Record<Action, { readonly from: readonly State[]; readonly to: State }>
>;

/**
 * The state that `action` leads to from `current`.
 * @throws AppError 409 `illegal-transition` when the table does not allow the move.
 */
export function nextState<State extends string, Action extends string>(
  lifecycle: Lifecycle<State, Action>,
  action: Action,
  current: State,
  noun: string,
): State {
  const move = lifecycle[action];
  if (!move.from.includes(current)) {
    throw conflict(
      'illegal-transition',
      `A ${noun} that is ${current} cannot ${action.replaceAll('_', ' ')}.`,
      {
        state: current,
        action,
        allowedFrom: move.from,
      },
    );
  }
  return move.to;
}
