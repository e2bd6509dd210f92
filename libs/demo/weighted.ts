import type { Draws } from './draws.ts';

/** Draws an index in proportion to weights. Uses only +, × and ÷, which every machine rounds alike. */
export class Weighted {
  readonly #cumulative: Float64Array;
  readonly #total: number;

  /** @param weights each ≥ 0, at least one > 0. */
  constructor(weights: readonly number[]) {
    let total = 0;
    this.#cumulative = Float64Array.from(weights, (weight) => (total += weight));
    this.#total = total;
    if (!(total > 0)) throw new RangeError('weights must sum to more than 0');
  }

  /** How many indexes there are. */
  get length(): number {
    return this.#cumulative.length;
  }

  /** An index in [0, length). */
  pick(draws: Draws): number {
    const target = draws.unit() * this.#total;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Weights of Zipf's law, flattened at the head: 1 / (rank + flat), ranks from 1. */
export const zipf = (count: number, flat: number): number[] =>
  Array.from({ length: count }, (_, index) => 1 / (index + 1 + flat));

/**
 * A value drawn from a distribution given by its quantiles, interpolated between them.
 *
 * @param quantiles values at probabilities 0, 1/(n−1), …, 1.
 */
export function fromQuantiles(quantiles: readonly number[], draws: Draws): number {
  const position = draws.unit() * (quantiles.length - 1);
  const index = Math.floor(position);
  const low = quantiles[index] ?? 0;
  return low + ((quantiles[index + 1] ?? low) - low) * (position - index);
}
