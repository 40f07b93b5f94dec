/** A run of GPU (or node) numbers, half-open: `{from: 0, to: 8}` is 0 to 7. */
export interface Span {
  from: number;
  to: number;
}

const MULTIRANGE = /^\{(\[\d+,\d+\)(,\[\d+,\d+\))*)?\}$/;

/** GPU numbers of PostgreSQL's text of an `int4multirange`, as sorted, disjoint spans. */
export function parseGpus(text: string): Span[] {
  if (!MULTIRANGE.test(text)) throw new RangeError(`not a multirange of GPU numbers: ${text}`);
  return [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => ({
    from: Number(from),
    to: Number(to),
  }));
}

/** The text that PostgreSQL reads as an `int4multirange`. */
export const formatGpus = (spans: readonly Span[]): string =>
  `{${spans.map(({ from, to }) => `[${from},${to})`).join(',')}}`;

/** How many numbers the spans hold. */
export const countOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + to - from, 0);

/** Every number in the spans, ascending when they are sorted. */
export const numbersOf = (spans: readonly Span[]): number[] =>
  spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));

/** Any spans as sorted, disjoint, non-empty ones, neighbours joined. */
export function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else joined.push({ ...span });
  }
  return joined;
}

/** The spans of a list of numbers. */
export const spansOf = (numbers: readonly number[]): Span[] =>
  union(numbers.map((number) => ({ from: number, to: number + 1 })));

/** What `taken` leaves of `[0, total)`. */
export function complement(total: number, taken: readonly Span[]): Span[] {
  const free: Span[] = [];
  let from = 0;
  for (const span of union(taken)) {
    if (span.from > from) free.push({ from, to: Math.min(span.from, total) });
    from = Math.max(from, span.to);
    if (from >= total) break;
  }
  if (from < total) free.push({ from, to: total });
  return free.filter((span) => span.from < span.to);
}

/** The part of the spans that lies inside `window`. */
export const clip = (spans: readonly Span[], window: Span): Span[] =>
  spans
    .map(({ from, to }) => ({ from: Math.max(from, window.from), to: Math.min(to, window.to) }))
    .filter(({ from, to }) => from < to);
