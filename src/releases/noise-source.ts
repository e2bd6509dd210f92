import { systemRandom } from '#privacy';
import type { RandomSource } from '#privacy';

/** Injection token of the `RandomSource` that all noise of this process is drawn from. */
export const NOISE_SOURCE = Symbol('noise-source');

export type { RandomSource };

/**
 * Where the noise comes from: the operating system's generator. A test may put a seeded stream in its place, so that
 * its verdict is the same in every run.
 *
 * @throws Error in production when a stream is injected: whoever knows it knows the noise.
 */
export function noiseSource(production: boolean, injected: RandomSource | undefined): RandomSource {
  if (injected === undefined) return systemRandom();
  if (production) throw new Error('a random source is injected, must be the operating system’s in production');
  return injected;
}
