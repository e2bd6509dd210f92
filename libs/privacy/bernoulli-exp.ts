import { expNegBounds } from './exp-bounds.ts';
import { WORD_RANGE } from './random.ts';
import type { RandomSource } from './random.ts';

/** An exponent ≥ 0 that depends on an integer: exactly, and as a double. */
export interface Exponent {
  /** The exponent as num/den, num ≥ 0, den ≥ 1. */
  exactly(x: number): { readonly num: bigint; readonly den: bigint };
  /** The exponent r to within 2⁻⁴⁰·(1 + r), or NaN. */
  nearly(x: number): number;
}

/**
 * How near to the double, in words, a first word is left undecided.
 *
 * Let p = exp(−r), U = 0.w₁w₂w₃… in base 2³² and x the double for 2³²·p. U lies on [w₁, w₁ + 1) · 2⁻³², so with
 * |x − 2³²·p| ≤ 1 a word below x − 2 has U < p and one above x + 1 has U ≥ p. The error is far smaller than 1: the
 * exponent moves p by at most exp(−r)·2⁻⁴⁰·(1 + r) ≤ 2⁻⁴⁰, and Math.exp adds 2⁻⁴⁰·p when its relative error is at most
 * that. ECMAScript promises nothing of Math.exp; engines give 2⁻⁵², and the tests hold it to the assumption. Together it
 * is below 2⁻³⁹, which is 2⁻⁷ words.
 *
 * The rest of the 4 is for the exact arithmetic at 32 bits, whose bounds lie up to 2 apart: where the double decides,
 * those decide too, so a sampler reads the same words whether its doubles are used or not.
 */
export const GUARD = 4;

const { exp } = Math;

const WORD_BITS = 32n;

/** Whether the uniform real U that begins with this word is below exp(−num/den). Reads on in U until that is sure. */
function beginsBelowExp(random: RandomSource, word: number, num: bigint, den: bigint): boolean {
  let bits = WORD_BITS;
  let start = BigInt(word);
  for (;;) {
    // U lies on [start, start + 1) · 2^−bits.
    const [low, high] = expNegBounds(num, den, bits);
    if (start < low) return true;
    if (start >= high) return false;
    for (const end = 2n * bits; bits < end; bits += WORD_BITS) start = (start << WORD_BITS) | BigInt(random.word());
  }
}

/**
 * A trial that is true with probability exactly exp(−r), r being the exponent at x.
 *
 * One uniform real is compared with exp(−r), as many words of it as it takes. The double for exp(−r) is a filter: it
 * decides where its error cannot matter, which is all but 2⁻²⁹ of the first words. Everything else is decided for the
 * same real by exact bounds of exp(−r), so no double ever bends the law.
 *
 * @param guard `GUARD`; in tests `Infinity`, with which the doubles decide nothing and every trial ends the same way.
 */
export function bernoulliExp(exponent: Exponent, guard: number): (random: RandomSource, x: number) => boolean {
  return (random, x) => {
    const word = random.word();
    const near = exp(-exponent.nearly(x)) * WORD_RANGE;
    if (word < near - guard) return true;
    if (word > near + guard) return false;
    const { num, den } = exponent.exactly(x);
    return beginsBelowExp(random, word, num, den);
  };
}
