import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import type { Flaw } from './attack.ts';
import { MINIMUM_COHORT } from './attacked-service.ts';
import { SIGMA } from './bounds.ts';

const sampler = discreteGaussian({ num: BigInt(SIGMA ** 2), den: 1n });

const stream = seededRandom('noise of the flaws');

const noiseOf = (seed: string): number => Number(sampler(seededRandom(seed)));

/** The noise follows from the definition, so that a repetition needs no store: the next state of the data gets it too. */
export const noiseOfDefinition: Flaw = {
  name: 'noise that follows from the definition',
  tell: (exact, rule) => exact + noiseOf(JSON.stringify(rule)),
};

/** A generator that was copied: every answer gets the same noise. */
export const oneNoiseForAll: Flaw = {
  name: 'one noise for all answers',
  tell: (exact) => exact + noiseOf('the only one'),
};

/** σ where σ² belongs: a tenth of the noise that is charged for. */
export const tooLittleNoise: Flaw = {
  name: 'a tenth of the noise',
  tell: (exact) => exact + Math.round(Number(sampler(stream)) / 10),
};

/** The size is noisy, the decision to show it is not. */
export const exactThreshold: Flaw = {
  name: 'a minimum cohort on the exact count',
  tell: (exact) => (exact >= MINIMUM_COHORT ? exact + Number(sampler(stream)) : null),
};
