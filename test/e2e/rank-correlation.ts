/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const result = values.map(() => 0);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (const index of order.slice(from, to)) result[index] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
}

/**
 * Spearman's rank correlation with mid-ranks, −1 … 1: it sees any monotone dependence, whatever its form.
 *
 * Where one of the two is independent of the other and of its own order, its standard deviation is 1/√(n − 1).
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [ranks(x), ranks(y)];
  const mean = (a.length + 1) / 2;
  const sum = (left: readonly number[], right: readonly number[]): number =>
    left.reduce((total, rank, index) => total + (rank - mean) * ((right[index] ?? mean) - mean), 0);
  return sum(a, b) / Math.sqrt(sum(a, a) * sum(b, b));
}
