import { ceilingOfQuotient } from './rational.ts';

/** Bits beyond those asked for. They outweigh the rounding of every step for scales of up to 2²⁰ bits. */
const SPARE_BITS = 64n;

/** Integers around a real: low ≤ real ≤ high. */
interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

/** Bounds of one·exp(−x/one) for every x of an interval within 0 … one: the Taylor series, each term bounded. */
function series(x: Interval, one: bigint): Interval {
  let [low, high] = [one, one];
  let term: Interval = { low: one, high: one };
  for (let k = 1n; term.high > 1n; k += 1n) {
    term = { low: (term.low * x.low) / (k * one), high: ceilingOfQuotient(term.high * x.high, k * one) };
    if (k % 2n === 0n) [low, high] = [low + term.low, high + term.high];
    else [low, high] = [low - term.high, high - term.low];
  }
  // The terms alternate and fall, so what is left out is at most the last one, on either side.
  return { low: low - term.high, high: high + term.high };
}

/**
 * Integers low ≤ 2^bits·exp(−num/den) ≤ high with high − low ≤ 2, by interval arithmetic: every lower bound is rounded
 * down and every upper bound up, in integers.
 *
 * The exponent is halved until it is at most 1, the series of exp is summed, and the sum is squared as often.
 *
 * @param num ≥ 0. @param den ≥ 1. @param bits ≥ 1.
 */
export function expNegBounds(num: bigint, den: bigint, bits: bigint): readonly [low: bigint, high: bigint] {
  if (num === 0n) return [1n << bits, 1n << bits];
  // exp(−x) < 2^−x: the scaled value is below 1.
  if (num >= bits * den) return [0n, 1n];
  let halvings = 0n;
  while (num > den << halvings) halvings += 1n;
  const scale = bits + SPARE_BITS;
  const one = 1n << scale;
  const [n, d] = [num << scale, den << halvings];
  let { low, high } = series({ low: n / d, high: ceilingOfQuotient(n, d) }, one);
  for (; halvings > 0n; halvings -= 1n) [low, high] = [(low * low) / one, ceilingOfQuotient(high * high, one)];
  return [low >> SPARE_BITS, ceilingOfQuotient(high, 1n << SPARE_BITS)];
}
