import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import type { RandomSource } from '../../libs/privacy/random.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';

/** What one draw gives, and the words it takes. */
function record(sampler: IntegerSampler, source: RandomSource): { noise: bigint; words: number[] } {
  const words: number[] = [];
  const noise = sampler({
    word() {
      const word = source.word();
      words.push(word);
      return word;
    },
  });
  return { noise, words };
}

/** Words from which the sampler draws 0, again and again: noise that is switched off. */
export function silentRandom(sampler: IntegerSampler): RandomSource {
  for (let attempt = 0; ; attempt += 1) {
    const { noise, words } = record(sampler, seededRandom(`silent ${attempt}`));
    if (noise !== 0n) continue;
    let next = 0;
    return { word: () => words[next++ % words.length] ?? 0 };
  }
}

/**
 * A generator that keeps the processor busy before each draw, in proportion to what will be drawn: the time of a
 * careless sampler (Jin, McMurtry, Rubinstein, Ohrimenko 2022), many times over.
 */
export function tellingRandom(
  sampler: IntegerSampler,
  source: RandomSource,
  millisecondsPerUnit: number,
): RandomSource {
  let ahead: number[] = [];
  return {
    word() {
      if (ahead.length === 0) {
        const { noise, words } = record(sampler, source);
        const end = performance.now() + Math.abs(Number(noise)) * millisecondsPerUnit;
        while (performance.now() < end);
        ahead = words;
      }
      return ahead.shift() ?? 0;
    },
  };
}
