import { describe, expect, it } from '@jest/globals';
import { ShortCache } from './short-cache.js';

describe('The short cache', () => {
  const cache = (): ShortCache<{ n: number }> => new ShortCache({ seconds: 60, max: 10 });

  it('looks up once', async () => {
    const kept = cache();
    let loads = 0;
    const load = async (): Promise<{ n: number }> => ({ n: ++loads });
    expect(await kept.get('a', load)).toEqual({ n: 1 });
    expect(await kept.get('a', load)).toEqual({ n: 1 });
  });

  it('looks up again what was forgotten', async () => {
    const kept = cache();
    await kept.get('a', async () => ({ n: 1 }));
    kept.forget('a');
    expect(await kept.get('a', async () => ({ n: 2 }))).toEqual({ n: 2 });
  });

  it('does not keep what was read before it was forgotten', async () => {
    const kept = cache();
    let answer: (value: { n: number }) => void = () => undefined;
    const slow = kept.get('a', () => new Promise((resolve) => (answer = resolve)));
    kept.forget('a');
    answer({ n: 1 });
    expect(await slow).toEqual({ n: 1 });
    expect(await kept.get('a', async () => ({ n: 2 }))).toEqual({ n: 2 });
  });

  it('does not keep that there was nothing', async () => {
    const kept = cache();
    expect(await kept.get('a', async () => undefined)).toBeUndefined();
    expect(await kept.get('a', async () => ({ n: 1 }))).toEqual({ n: 1 });
  });
});
