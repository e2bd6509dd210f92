import { pooledRandom, systemRandom } from './random.ts';
import type { RandomSource } from './random.ts';
import { chaCha20Random, scriptedRandom, seededRandom } from './testing.ts';

const words = (count: number, random: { word(): number }) => Array.from({ length: count }, () => random.word());

describe('pooledRandom', () => {
  it('gives the words of the pool in order, little-endian, and fills again when it is used up', () => {
    let fills = 0;
    const random = pooledRandom((pool) => {
      fills += 1;
      pool.forEach((_, i) => (pool[i] = fills * 16 + i));
    }, 8);
    expect(words(3, random)).toEqual([0x13121110, 0x17161514, 0x23222120]);
  });

  it('wipes each word from the pool as it is given, and only that word', () => {
    let seen = new Uint8Array();
    const random = pooledRandom((pool) => {
      pool.fill(0xff);
      seen = pool as Uint8Array<ArrayBuffer>;
    }, 12);
    random.word();
    expect([...seen]).toEqual([0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
    random.word();
    random.word();
    expect([...seen].every((byte) => byte === 0)).toBe(true);
  });

  it('serves nothing while the pool cannot be filled', () => {
    let broken = true;
    const random = pooledRandom((pool) => {
      if (broken) throw new Error('no randomness');
      pool.fill(7);
    }, 4);
    expect(() => random.word()).toThrow('no randomness');
    expect(() => random.word()).toThrow('no randomness');
    broken = false;
    expect(random.word()).toBe(0x07070707);
  });
});

/** How many blocks of 16 bytes, read from the sources in equal parts, are equal to another. */
function repeatedBlocks(sources: readonly RandomSource[], blocks: number): number {
  const halves = new BigUint64Array(2 * blocks);
  const read = new Uint32Array(halves.buffer);
  read.forEach((_, i) => (read[i] = sources[Math.floor((i * sources.length) / read.length)]!.word()));
  // Equal blocks have equal first halves, which are few.
  const firsts = halves.filter((_, i) => i % 2 === 0).toSorted();
  const suspects = new Set(firsts.filter((first, i) => i > 0 && first === firsts[i - 1]));
  const seen = new Set<string>();
  let repeated = 0;
  for (let i = 0; i < halves.length && suspects.size > 0; i += 2) {
    if (!suspects.has(halves[i]!)) continue;
    const block = `${halves[i]} ${halves[i + 1]}`;
    if (seen.has(block)) repeated += 1;
    seen.add(block);
  }
  return repeated;
}

/** A generator that starts over after 200 pools of 64 blocks each. */
function forgetful(): RandomSource {
  let fills = 0;
  return pooledRandom((pool) => {
    const stream = seededRandom(`pool ${fills % 200}`);
    fills += 1;
    pool.forEach((_, i) => (pool[i] = stream.word() % 256));
  }, 1_024);
}

describe('systemRandom', () => {
  it('gives integers below 2³²', () => {
    for (const word of words(10_000, systemRandom()))
      expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true);
  });

  // 16 MiB are 2²⁰ blocks: two equal ones of 16 bytes have odds of 2·10⁻²⁷.
  it('never repeats a block of 16 bytes in 16 MiB, within a source or between two', () => {
    expect(repeatedBlocks([systemRandom(), systemRandom()], 2 ** 20)).toBe(0);
  });

  it('would be seen to repeat one', () => {
    expect(repeatedBlocks([forgetful()], 200 * 64)).toBe(0);
    expect(repeatedBlocks([forgetful()], 200 * 64 + 1)).toBe(1);
  });
});

describe('the deterministic streams of the tests', () => {
  it('are the ChaCha20 keystream of RFC 8439, appendix A.1, test vector 1', () => {
    expect(words(4, chaCha20Random(new Uint8Array(32)))).toEqual([0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653]);
  });

  it('are the same for the same seed and differ for another', () => {
    expect(words(8, seededRandom('a'))).toEqual(words(8, seededRandom('a')));
    expect(words(8, seededRandom('a'))).not.toEqual(words(8, seededRandom('b')));
  });

  it('stop when a script is used up', () => {
    const random = scriptedRandom([5]);
    expect(random.word()).toBe(5);
    expect(() => random.word()).toThrow(RangeError);
  });
});
