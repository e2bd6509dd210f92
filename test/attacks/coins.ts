import { seededRandom } from '../../libs/privacy/testing.ts';

/**
 * The chances of an attack that are not the product's noise: secrets, random questions, ties. The same for one seed. Their
 * stream is apart from that of noise seeded alike: secrets that went with the noise would be guessed from it, or not, by
 * the seed's whim.
 */
export class Coins {
  readonly #random: { word(): number };

  constructor(seed: string) {
    this.#random = seededRandom(`coins of ${seed}`);
  }

  flip(): boolean {
    return this.below(2) === 1;
  }

  /** An integer 0 … n − 1. The bias is below n / 2³². */
  below(n: number): number {
    return this.#random.word() % n;
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, rank: this.#random.word() }))
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ value }) => value);
  }
}
