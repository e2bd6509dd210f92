/** Halvings of a bisection on doubles; it has converged before. */
const BISECTIONS = 60;

/** ln n! for 0 … n. */
function logFactorials(n: number): Float64Array {
  const table = new Float64Array(n + 1);
  for (let i = 1; i <= n; i += 1) table[i] = (table[i - 1] ?? 0) + Math.log(i);
  return table;
}

/**
 * Pr[X ≥ k] for X binomial of n trials of probability p, 0 < p < 1, summed from the law. From the end where the terms
 * fall, so that none is lost below the smallest double.
 */
export function binomialTail(k: number, n: number, p: number, logs = logFactorials(n)): number {
  if (k <= 0) return 1;
  return k > n * p ? sumFrom(k, n, p, logs) : 1 - sumFrom(n - k + 1, n, 1 - p, logs);
}

/** Σ Pr[X = i] over i ≥ k, for k above the mean. */
function sumFrom(k: number, n: number, p: number, logs: Float64Array): number {
  const log = (i: number): number => logs[i] ?? NaN;
  let term = Math.exp(log(n) - log(k) - log(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
  let sum = term;
  for (let i = k; i < n; i += 1) {
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
    sum += term;
  }
  return sum;
}

/** Bounds of a probability from counts, each wrong with a probability of at most α. */
export interface BinomialBounds {
  readonly lower: (k: number) => number;
  readonly upper: (k: number) => number;
}

/**
 * The exact one-sided bounds of Clopper and Pearson 1934 (Biometrika 26) for n trials: the lower one is the probability
 * under which k successes or more have probability α.
 */
export function clopperPearson(n: number, alpha: number): BinomialBounds {
  const logs = logFactorials(n);
  const known = new Map<number, number>([[0, 0]]);
  const lower = (k: number): number => {
    const found = known.get(k);
    if (found !== undefined) return found;
    let [below, above] = [0, 1];
    for (let i = 0; i < BISECTIONS; i += 1) {
      const middle = (below + above) / 2;
      if (binomialTail(k, n, middle, logs) < alpha) below = middle;
      else above = middle;
    }
    known.set(k, below);
    return below;
  };
  return { lower, upper: (k) => 1 - lower(n - k) };
}
