import { RawCount } from '#core';
import { releaseCount, systemRandom } from '#privacy';
import type { RandomSource, Rational } from '#privacy';
import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { discreteLaplace } from '../../libs/privacy/discrete-laplace.ts';
import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import { referenceGaussian } from '../../libs/privacy/reference.ts';
import { audienceSizePlan } from '../../src/releases/precision.ts';
import type { Bench, Figure } from './bench.ts';
import { cpuMs, interleaved, median } from './measure.ts';

const VARIANCES: readonly Rational[] = [
  { num: 1n, den: 4n },
  { num: 1n, den: 1n },
  { num: 7n, den: 3n },
  { num: 100n, den: 1n },
  { num: 500n, den: 1n },
  { num: 10_000n, den: 1n },
  // Money in cents: a deviation of 750 € and one of about 1,500 €, the square of the latter with large terms.
  { num: 75_000n ** 2n, den: 1n },
  { num: 22_500_000_000_000_000_007n, den: 1_000_000_007n },
];

const LAPLACE_SCALE = 100n;
const SAMPLES = 100_000;
const REFERENCE_SAMPLES = 5_000;
const RELEASES = 5_000;
const ROUNDS = { rounds: 9, warmUps: 2 };

/** Draws per CPU second, by name, measured in turn. */
async function rates(
  samplers: Readonly<Record<string, IntegerSampler>>,
  size: number,
  random: RandomSource,
): Promise<readonly Figure[]> {
  const measures = Object.entries(samplers).map(
    ([name, sample]) => [name, () => cpuMs(() => repeat(size, () => sample(random)))] as const,
  );
  const times = await interleaved(Object.fromEntries(measures), ROUNDS);
  return Object.entries(times).map(([name, ms]) => ({ name, value: (1_000 * size) / median(ms) }));
}

const named = (prefix: string, sampler: (sigma2: Rational) => IntegerSampler): Record<string, IntegerSampler> =>
  Object.fromEntries(
    VARIANCES.map((sigma2) => {
      const variance = sigma2.den === 1n ? sigma2.num : `${sigma2.num}/${sigma2.den}`;
      return [`${prefix} σ²=${variance}`, sampler(sigma2)];
    }),
  );

const worst = (figures: readonly Figure[]): number => Math.min(...figures.map(({ value }) => value));

async function run(): Promise<Figure[]> {
  const random = systemRandom();
  const gaussians = await rates(named('samplesPerSecond', discreteGaussian), SAMPLES, random);
  const laplace = await rates({ laplacePerSecond: discreteLaplace(LAPLACE_SCALE) }, SAMPLES, random);
  const references = await rates(named('reference', referenceGaussian), REFERENCE_SAMPLES, random);

  const plan = audienceSizePlan('standard');
  const exact = new RawCount(5_000n);
  const release = () => cpuMs(() => repeat(RELEASES, () => releaseCount(exact, plan, random)));
  const { releases } = await interleaved({ releases: release }, ROUNDS);
  return [
    {
      name: 'samplesPerSecond',
      value: worst(gaussians),
      hold: { atLeast: 1_000_000 },
      note: 'worst of the eight below; per CPU second, operating-system randomness',
    },
    ...gaussians,
    {
      name: 'laplacePerSecond',
      value: worst(laplace),
      hold: { atLeast: 1_000_000 },
      note: `discrete Laplace of scale ${LAPLACE_SCALE}`,
    },
    {
      name: 'referencePerSecond',
      value: worst(references),
      note: 'worst of the same eight by the plain BigInt algorithm that the sampler is tested against',
    },
    {
      name: 'releaseCountMicros',
      value: (1_000 * median(releases)) / RELEASES,
      note: 'CPU of one whole noised count: threshold, draw, interval',
    },
  ];
}

function repeat(times: number, work: () => unknown): void {
  for (let index = 0; index < times; index++) work();
}

export const sampler: Bench = {
  name: 'sampler',
  about: 'Exact discrete Gaussian and Laplace noise, one draw at a time.',
  run,
};
