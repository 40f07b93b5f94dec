import { describe, expect, it } from '@jest/globals';
import { alignEnds, freshness, untouchedMinutes } from './end-alignment.js';

describe('untouched minutes', () => {
  const window = { start: 10, end: 20 };

  it('are the whole window on a node without bookings', () => {
    expect(untouchedMinutes(window, [])).toBe(10);
  });

  it('are none where others hold the node all along, together or alone', () => {
    expect(untouchedMinutes(window, [{ start: 0, end: 30 }])).toBe(0);
    expect(
      untouchedMinutes(window, [
        { start: 14, end: 25 },
        { start: 5, end: 14 },
      ]),
    ).toBe(0);
  });

  it('count gaps before, between and after bookings', () => {
    expect(
      untouchedMinutes(window, [
        { start: 12, end: 13 },
        { start: 15, end: 18 },
      ]),
    ).toBe(6);
  });
});

describe('aligning ends', () => {
  const window = { start: 0, end: 60 };

  it('prefers the node that is busy for most of the booking, though another comes first and is fuller', () => {
    const soon = { node: 0, free: 1, held: [{ start: 0, end: 10 }] };
    const late = { node: 1, free: 6, held: [{ start: 0, end: 40 }] };
    expect(alignEnds([soon, late], 1, window)).toBe(1);
  });

  it('takes a node that nobody uses only when it must', () => {
    const empty = { node: 0, free: 8, held: [] };
    const brief = { node: 1, free: 2, held: [{ start: 59, end: 90 }] };
    expect(alignEnds([empty, brief], 2, window)).toBe(1);
    expect(alignEnds([empty, brief], 3, window)).toBe(0);
  });

  it('finds no node where none has room', () => {
    expect(alignEnds([{ node: 0, free: 1, held: [{ start: 0, end: 60 }] }], 2, window)).toBeUndefined();
  });

  it('calls no node fresh in a window without minutes', () => {
    expect(freshness({ start: 5, end: 5 }, [])).toBe(0);
  });
});
