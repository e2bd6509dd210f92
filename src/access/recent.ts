import type { Clock } from '#core';

interface Entry<V> {
  readonly value: Promise<V | null>;
  readonly since: number;
}

/**
 * Remembers what was loaded for a fixed short time, and lets calls that come together share one load. Absence and
 * failure are not remembered. Holds a bounded number of entries: the oldest goes first.
 */
export class Recent<V> {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Entry<V>>();

  constructor(clock: Clock, ttlMs: number, entriesMax: number) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#entriesMax = entriesMax;
  }

  /** The value of a key, at most `ttlMs` old counted from before its load began. */
  async get(key: string, load: () => Promise<V | null>): Promise<V | null> {
    const known = this.#entries.get(key);
    if (known !== undefined && this.#isFresh(known)) return known.value;
    const entry: Entry<V> = { value: load(), since: this.#clock.now() };
    this.#keep(key, entry);
    try {
      const value = await entry.value;
      if (value === null) this.#drop(key, entry);
      return value;
    } catch (error) {
      this.#drop(key, entry);
      throw error;
    }
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** A clock set back makes an entry stale, not young. */
  #isFresh({ since }: Entry<V>): boolean {
    const age = this.#clock.now() - since;
    return age >= 0 && age < this.#ttlMs;
  }

  #keep(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#entriesMax && oldest !== undefined) this.#entries.delete(oldest);
  }

  #drop(key: string, entry: Entry<V>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
