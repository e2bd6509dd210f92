/** A positive rational, exact: `num / den`, both positive. It need not be in lowest terms. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

/** Largest integer whose square is at most `n`. @param n ≥ 0. */
export function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  // Newton's iteration from above: it falls strictly until it reaches the root.
  let root = 1n << (BigInt(n.toString(16).length) * 2n);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The smallest integer that is at least `num / den`. @param num ≥ 0. @param den > 0. */
export function ceilingOfQuotient(num: bigint, den: bigint): bigint {
  return (num + den - 1n) / den;
}

/** The nearest double, within 2⁻⁵¹ relative. For published figures only, never for the noise. */
export function toNumber(value: Rational): number {
  return Number(value.num) / Number(value.den);
}
