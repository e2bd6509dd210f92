import { WORD_RANGE } from './random.ts';
import type { RandomSource } from './random.ts';

const WORD_BITS = 32n;
const ONE_WORD = BigInt(WORD_RANGE);

/**
 * An integer exactly uniform on 0 … n−1, from one accepted 32-bit word.
 *
 * Words below 2³² mod n are refused; the number of words left is divisible by n, so every residue is met equally often.
 *
 * @param n integer, 1 ≤ n < 2³². Not checked: the callers are the samplers of this folder.
 */
export function uniformBelowWord(random: RandomSource, n: number): number {
  let word = random.word();
  if (word < n) {
    // Only a word below n can lie below 2³² mod n, so the remainder is rarely needed. −n is 2³²−n in 32 bits.
    const refused = (-n >>> 0) % (n >>> 0);
    while (word < refused) word = random.word();
  }
  return (word >>> 0) % (n >>> 0);
}

/**
 * An integer exactly uniform on 0 … n−1, for n of any size: as {@link uniformBelowWord} on as many words as n needs.
 * @param n ≥ 1. @throws RangeError when it is not.
 */
export function uniformBelow(random: RandomSource, n: bigint): bigint {
  if (n < 1n) throw new RangeError('uniformBelow: n must be at least 1');
  if (n < ONE_WORD) return BigInt(uniformBelowWord(random, Number(n)));
  let words = 1;
  let range = ONE_WORD;
  for (; range < n; words += 1) range <<= WORD_BITS;
  const refused = range % n;
  for (;;) {
    let value = 0n;
    for (let i = 0; i < words; i += 1) value = (value << WORD_BITS) | BigInt(random.word());
    if (value >= refused) return value % n;
  }
}
