import { LRUCache } from 'lru-cache';

/**
 * Remembers what was looked up for a few seconds, so that a suspension or logout bites on every instance within that
 * time, and at once on the one that made it.
 */
export class ShortCache<T extends object> {
  private readonly entries: LRUCache<string, T>;
  private generation = 0;

  constructor(options: { seconds: number; max: number }) {
    this.entries = new LRUCache({ max: options.max, ttl: options.seconds * 1000 });
  }

  async get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const kept = this.entries.get(key);
    if (kept) return kept;
    const generation = this.generation;
    const loaded = await load();
    // What was read before someone forgot anything may be what they meant to forget.
    if (loaded && generation === this.generation) this.entries.set(key, loaded);
    return loaded;
  }

  forget(key: string): void {
    this.generation++;
    this.entries.delete(key);
  }

  forgetAll(): void {
    this.generation++;
    this.entries.clear();
  }
}
