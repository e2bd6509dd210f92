/** A run of neighbours that were given one value: their weighted mean. */
interface Block {
  readonly mean: number;
  readonly weight: number;
  readonly length: number;
}

/**
 * Isotonic regression: the non-increasing sequence nearest to `values` in Σ weight · (difference)², by pooling adjacent
 * violators (Ayer, Brunk, Ewing, Reid and Silverman 1955). It is unique and keeps the weighted mean. A sequence that
 * does not increase is returned as it is. The distance to any non-increasing sequence, the true one too, never grows.
 *
 * @param weights > 0, as many as values.
 */
export function nonIncreasing(values: readonly number[], weights: readonly number[]): readonly number[] {
  const blocks: Block[] = [];
  for (const [i, value] of values.entries()) {
    let block: Block = { mean: value, weight: weights[i] ?? 1, length: 1 };
    for (let before = blocks.at(-1); before !== undefined && before.mean < block.mean; before = blocks.at(-1)) {
      blocks.pop();
      const weight = before.weight + block.weight;
      const mean = (before.weight * before.mean + block.weight * block.mean) / weight;
      block = { mean, weight, length: before.length + block.length };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ mean, length }) => Array.from({ length }, () => mean));
}
