import { describe, expect, it } from '@jest/globals';
import { type Lifecycle, nextState } from './states.js';

const DOOR: Lifecycle<'open' | 'shut' | 'locked', 'shut' | 'lock_up'> = {
  shut: { from: ['open'], to: 'shut' },
  lock_up: { from: ['shut'], to: 'locked' },
};

describe('life cycles', () => {
  it('leads from a state that the table allows to the one it names', () => {
    expect(nextState(DOOR, 'shut', 'open', 'door')).toBe('shut');
    expect(nextState(DOOR, 'lock_up', 'shut', 'door')).toBe('locked');
  });

  it('refuses any other move as an illegal transition that says what was possible', () => {
    expect(() => nextState(DOOR, 'lock_up', 'open', 'door')).toThrow(
      expect.objectContaining({
        kind: 'conflict',
        code: 'illegal-transition',
        message: 'A door that is open cannot lock up.',
        members: { state: 'open', action: 'lock_up', allowedFrom: ['shut'] },
      }),
    );
  });
});
