import { randomInt } from 'node:crypto';

/**
 * What a buyer writes on a bank transfer, `FLW-XXXX-XXXX`: characters that no one mistakes for another (no 0, I, L,
 * O, U), the last a check character. There are 31 of them, a prime, so one wrong character and any two that changed
 * places are always found, as in an ISBN-10.
 */
const ALPHABET = '123456789ABCDEFGHJKMNPQRSTVWXYZ';
const RADIX = ALPHABET.length;
const RANDOM_LENGTH = 7;
const FORM = new RegExp(`^FLW-[${ALPHABET}]{4}-[${ALPHABET}]{4}$`);

/** Σ (position × value), positions counted from 1; a whole reference makes it divisible by 31. */
const weigh = (values: readonly number[]): number =>
  values.reduce((sum, value, index) => (sum + (index + 1) * value) % RADIX, 0);

/** The value whose weight, in the last place, completes `values` to a multiple of 31. */
function checkValue(values: readonly number[]): number {
  const weight = weigh(values);
  const place = values.length + 1;
  for (let value = 0; value < RADIX; value++) {
    if ((weight + place * value) % RADIX === 0) return value;
  }
  throw new RangeError('no check value: the place is a multiple of the alphabet');
}

/** A new reference. @param random an integer in [0, bound). */
export function newTopUpReference(random: (bound: number) => number = randomInt): string {
  const values = Array.from({ length: RANDOM_LENGTH }, () => random(RADIX));
  const text = [...values, checkValue(values)].map((value) => ALPHABET[value]).join('');
  return `FLW-${text.slice(0, 4)}-${text.slice(4)}`;
}

/** Whether `text` is a reference with the right check character. */
export function isTopUpReference(text: string): boolean {
  if (!FORM.test(text)) return false;
  const characters = [...text.slice('FLW-'.length).replace('-', '')];
  return weigh(characters.map((character) => ALPHABET.indexOf(character))) === 0;
}
