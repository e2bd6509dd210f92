import { createCipheriv, createHash } from 'node:crypto';
import { pooledRandom } from './random.ts';
import type { RandomSource } from './random.ts';

const NONCE_BYTES = 16;

/**
 * The ChaCha20 keystream (RFC 8439) from block 0 with a zero nonce, as little-endian words. For tests only: whoever
 * knows the key knows the noise.
 * @param key 32 bytes.
 */
export function chaCha20Random(key: Uint8Array): RandomSource {
  const cipher = createCipheriv('chacha20', key, Buffer.alloc(NONCE_BYTES));
  return pooledRandom((pool) => {
    pool.set(cipher.update(Buffer.alloc(pool.length)));
  });
}

/** A stream that is the same for the same text, and unrelated for another. For tests only. */
export function seededRandom(seed: string): RandomSource {
  return chaCha20Random(createHash('sha256').update(seed).digest());
}

/** Gives exactly these words. @throws RangeError when they are used up. For tests only. */
export function scriptedRandom(words: readonly number[]): RandomSource {
  let next = 0;
  return {
    word() {
      const word = words[next];
      if (word === undefined) throw new RangeError('the script has no more words');
      next += 1;
      return word;
    },
  };
}
