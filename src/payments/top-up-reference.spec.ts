import { describe, expect, it } from '@jest/globals';
import { isTopUpReference, newTopUpReference } from './top-up-reference.js';

const ALPHABET = '123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PLACES = [4, 5, 6, 7, 9, 10, 11, 12];
const replaceAt = (text: string, place: number, by: string): string =>
  text.slice(0, place) + by + text.slice(place + 1);

describe('top-up references', () => {
  const references = Array.from({ length: 20 }, () => newTopUpReference());

  it('are short, spell nothing ambiguous, and check out', () => {
    for (const reference of references) {
      expect(reference).toMatch(/^FLW-[1-9A-HJKMNP-TV-Z]{4}-[1-9A-HJKMNP-TV-Z]{4}$/);
      expect(isTopUpReference(reference)).toBe(true);
    }
    expect(new Set(references).size).toBe(references.length);
  });

  it('are made of the random values given', () => {
    expect(newTopUpReference(() => 0)).toBe('FLW-1111-1111');
    expect(newTopUpReference((bound) => bound - 1)).toMatch(/^FLW-ZZZZ-ZZZ/);
  });

  it('show every single wrong character', () => {
    for (const reference of references) {
      for (const place of PLACES) {
        for (const character of ALPHABET) {
          if (character === reference[place]) continue;
          expect(isTopUpReference(replaceAt(reference, place, character))).toBe(false);
        }
      }
    }
  });

  it('show any two characters that changed places', () => {
    for (const reference of references) {
      for (const i of PLACES) {
        for (const j of PLACES) {
          const [a, b] = [reference[i]!, reference[j]!];
          if (a === b) continue;
          expect(isTopUpReference(replaceAt(replaceAt(reference, i, b), j, a))).toBe(false);
        }
      }
    }
  });

  it.each(['', 'FLW-1111-111', 'flw-1111-1111', 'FLW11111111', 'FLW-1111-111O', 'FLW-1111-11111'])(
    'are not %j',
    (text) => {
      expect(isTopUpReference(text)).toBe(false);
    },
  );
});
