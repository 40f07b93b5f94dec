/** The pairs of neighbouring letters and digits in a name, whatever its case and punctuation. */
function pairsOf(name: string): Set<string> {
  const letters = name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  return new Set(
    Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)),
  );
}

/** Dice's coefficient: 1 for the same pairs, 0 for none in common. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of a) if (b.has(pair)) common += 1;
  return a.size + b.size === 0 ? 0 : (2 * common) / (a.size + b.size);
}

const ALIKE = 0.3;
const SHOWN = 3;

/** Names to compare with; several may stand for one code. */
export class NearNames {
  private readonly known: readonly { code: string; pairs: ReadonlySet<string> }[];

  constructor(names: readonly { code: string; name: string }[]) {
    this.known = names.map(({ code, name }) => ({ code, pairs: pairsOf(name) }));
  }

  /** Codes whose names look like what was typed, the most alike first; three at most. */
  to(typed: string): string[] {
    const wanted = pairsOf(typed.slice(0, 80));
    const best = new Map<string, number>();
    for (const { code, pairs } of this.known) {
      const score = likeness(wanted, pairs);
      if (score >= ALIKE && score > (best.get(code) ?? 0)) best.set(code, score);
    }
    return [...best]
      .toSorted(([codeA, a], [codeB, b]) => b - a || (codeA < codeB ? -1 : 1))
      .slice(0, SHOWN)
      .map(([code]) => code);
  }
}
