import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { discreteLaplace } from '../../libs/privacy/discrete-laplace.ts';
import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import { referenceGaussian, referenceLaplace } from '../../libs/privacy/reference.ts';
import { discreteGaussianLaw, discreteLaplaceLaw } from './exact-law.ts';
import type { TabledLaw } from './exact-law.ts';

/** A sampler and the law it must follow. */
export interface SamplerCase {
  readonly name: string;
  readonly sampler: IntegerSampler;
  readonly law: () => TabledLaw;
  /** Draws of the seeded test. */
  readonly size: number;
}

const MILLION = 1_000_000;

const gaussian = (num: bigint, den: bigint, size = MILLION): SamplerCase => ({
  name: `the discrete Gaussian of σ² = ${num}/${den}`,
  sampler: discreteGaussian({ num, den }),
  law: () => discreteGaussianLaw(Number(num) / Number(den)),
  size,
});

const laplace = (scale: bigint, size = MILLION): SamplerCase => ({
  name: `the discrete Laplace of scale ${scale}`,
  sampler: discreteLaplace(scale),
  law: () => discreteLaplaceLaw(Number(scale)),
  size,
});

/** The samplers of the product. The last two Gaussians are as money is released in, cents. */
export const SAMPLERS: readonly SamplerCase[] = [
  gaussian(1n, 4n),
  gaussian(1n, 1n),
  gaussian(7n, 3n),
  gaussian(100n, 1n),
  gaussian(500n, 1n),
  gaussian(10_000n, 1n),
  gaussian(75_000n ** 2n, 1n),
  gaussian(10n ** 18n + 9n, 10n ** 9n + 7n),
  laplace(1n),
  // As many as it takes to see exp(−1) rounded to 0.37, in the Gaussian's proposals too.
  laplace(11n, 4 * MILLION),
  laplace(5_000n),
];

/** The reference samplers, which are slow. */
export const REFERENCES: readonly SamplerCase[] = [
  {
    ...gaussian(7n, 3n, MILLION / 20),
    name: 'the reference Gaussian of σ² = 7/3',
    sampler: referenceGaussian({ num: 7n, den: 3n }),
  },
  {
    ...gaussian(75_000n ** 2n, 1n, MILLION / 20),
    name: 'the reference Gaussian of σ = 75,000',
    sampler: referenceGaussian({ num: 75_000n ** 2n, den: 1n }),
  },
  { ...laplace(11n, MILLION / 20), name: 'the reference Laplace of scale 11', sampler: referenceLaplace(11n) },
];
