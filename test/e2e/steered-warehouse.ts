import type { CountStatement, Country, RawCount } from '#core';
import type { CatalogueSnapshot, ConsentEvent, ConsentReceipt, CountOptions, DataVersion, Warehouse } from '#warehouse';
import { openRaw } from '../../libs/core/raw.ts';

type Count = (statement: CountStatement, options: CountOptions) => Promise<RawCount>;

/** A real warehouse whose next counts a test can steer, and that remembers the exact counts it gave. */
export class SteeredWarehouse implements Warehouse {
  readonly #inner: Warehouse;
  readonly #steps: ((count: Count) => Count)[] = [];
  /** Exact counts, oldest first. */
  readonly counted: bigint[] = [];
  /** Whether a trivial query succeeds. */
  healthy = true;

  constructor(inner: Warehouse) {
    this.#inner = inner;
  }

  /** The next count runs `step` in the place of the warehouse's own count, which it is given. */
  next(step: (count: Count) => Count): void {
    this.#steps.push(step);
  }

  /** Takes back the steps that no count has run. @returns how many there were. */
  forgetSteps(): number {
    return this.#steps.splice(0).length;
  }

  get dialect(): Warehouse['dialect'] {
    return this.#inner.dialect;
  }

  async count(statement: CountStatement, options: CountOptions): Promise<RawCount> {
    const own: Count = (text, how) => this.#inner.count(text, how);
    const raw = await (this.#steps.shift()?.(own) ?? own)(statement, options);
    this.counted.push(openRaw(raw));
    return raw;
  }

  async dataVersion(country: Country): Promise<DataVersion> {
    return await this.#inner.dataVersion(country);
  }

  async dataVersions(): Promise<DataVersion[]> {
    return await this.#inner.dataVersions();
  }

  async catalogue(): Promise<CatalogueSnapshot> {
    return await this.#inner.catalogue();
  }

  async recordConsent(events: readonly ConsentEvent[], now: number): Promise<ConsentReceipt> {
    return await this.#inner.recordConsent(events, now);
  }

  async health(): Promise<void> {
    if (!this.healthy) throw new Error('steered to be out of reach');
    await this.#inner.health();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}
