import { RawCount } from '#core';
import { releaseCount, systemRandom } from '#privacy';
import type { Rational } from '#privacy';
import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
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
];

const SAMPLES = 100_000;
const RELEASES = 5_000;
const ROUNDS = { rounds: 9, warmUps: 2 };

async function run(): Promise<Figure[]> {
  const random = systemRandom();
  const draws = VARIANCES.map((sigma2) => {
    const sample = discreteGaussian(sigma2);
    const variance = sigma2.den === 1n ? sigma2.num : `${sigma2.num}/${sigma2.den}`;
    return [`samplesPerSecond σ²=${variance}`, () => cpuMs(() => repeat(SAMPLES, () => sample(random)))] as const;
  });
  const times = await interleaved(Object.fromEntries(draws), ROUNDS);
  const rates = Object.entries(times).map(([name, ms]) => ({ name, rate: (1_000 * SAMPLES) / median(ms) }));

  const plan = audienceSizePlan('standard');
  const exact = new RawCount(5_000n);
  const release = () => cpuMs(() => repeat(RELEASES, () => releaseCount(exact, plan, random)));
  const { releases } = await interleaved({ releases: release }, ROUNDS);
  return [
    {
      name: 'samplesPerSecond',
      value: Math.min(...rates.map(({ rate }) => rate)),
      hold: { atLeast: 1_000_000 },
      note: 'worst of the six below; per CPU second, operating-system randomness',
    },
    ...rates.map(({ name, rate }) => ({ name, value: rate })),
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
  about: 'Exact discrete Gaussian noise, one draw at a time.',
  run,
};
