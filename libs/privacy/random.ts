import { randomFillSync } from 'node:crypto';

/** A stream of independent words, each uniform on 0 … 2³²−1. */
export interface RandomSource {
  /** The next word: an integer, 0 ≤ word < 2³². A word is given once and never again. */
  word(): number;
}

/** Words are below 2³². */
export const WORD_RANGE = 2 ** 32;

const WORD_BYTES = 4;
const POOL_BYTES = 16_384;

/**
 * Serves words from a pool that `fill` renews when it is used up.
 *
 * Each word is zeroed in the pool as it is given, so a later reader of this process's memory does not find the noise
 * of past releases. When `fill` throws, nothing is served and the next call fills again.
 *
 * @param fill writes every byte of the buffer it is given, uniform and independent.
 */
export function pooledRandom(fill: (pool: Uint8Array) => void, poolBytes = POOL_BYTES): RandomSource {
  const pool = new Uint8Array(poolBytes - (poolBytes % WORD_BYTES));
  // Little-endian on every machine, so that a fixed stream gives fixed words.
  const words = new DataView(pool.buffer);
  let next = pool.length;
  return {
    word() {
      if (next >= pool.length) {
        fill(pool);
        next = 0;
      }
      const word = words.getUint32(next, true);
      words.setUint32(next, 0);
      next += WORD_BYTES;
      return word;
    },
  };
}

/**
 * The operating system's cryptographic generator, read through a pool of its own.
 * @throws Error when the operating system gives no randomness.
 */
export function systemRandom(): RandomSource {
  return pooledRandom((pool) => {
    randomFillSync(pool);
  });
}
