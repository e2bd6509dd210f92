import type { IntegerSampler } from '../../libs/privacy/discrete-laplace.ts';
import type { RandomSource } from '../../libs/privacy/random.ts';
import { chiSquaredPValue } from './chi-squared.ts';
import { expectation } from './exact-law.ts';
import type { TabledLaw } from './exact-law.ts';

// In the tests' realm the global object is slow to reach, and these are called for every draw.
const { abs, max, min } = Math;
const number = Number;

/** Fewer expected draws than this in a cell, and it joins its neighbour: the χ² law is an approximation. */
const MIN_EXPECTED = 20;

/** What a sample says about a law it is supposed to follow. */
export interface Fit {
  /** p-value of Pearson's χ² over cells about σ/5 wide. */
  readonly chiSquared: number;
  /** Standard scores: each is normal with mean 0 and deviation 1 when the sample follows the law. */
  readonly scores: Readonly<Record<Statistic, number>>;
}

export type Statistic = 'mean' | 'variance' | 'absolute' | 'parity' | 'tail2' | 'tail3' | 'lag1';

interface Tally {
  readonly size: number;
  /** Draws of x at index x + reach; what lies beyond the table is counted at its end. */
  readonly counts: Float64Array;
  /** Σ of the products of neighbours in the stream. */
  readonly lagged: number;
}

function draw(law: TabledLaw, sampler: IntegerSampler, random: RandomSource, size: number): Tally {
  const counts = new Float64Array(law.probabilities.length);
  let lagged = 0;
  let previous = 0;
  for (let i = 0; i < size; i += 1) {
    const x = number(sampler(random));
    counts[min(max(x + law.reach, 0), counts.length - 1)]! += 1;
    lagged += x * previous;
    previous = x;
  }
  return { size, counts, lagged };
}

function pearson(law: TabledLaw, { size, counts }: Tally, width: number): number {
  const cells: { expected: number; observed: number }[] = [];
  let open = { expected: 0, observed: 0 };
  for (let i = 0; i < counts.length; i += 1) {
    open.expected += size * law.probabilities[i]!;
    open.observed += counts[i]!;
    if ((i + 1) % width === 0 && open.expected >= MIN_EXPECTED) {
      cells.push(open);
      open = { expected: 0, observed: 0 };
    }
  }
  // What is left of the upper tail joins the last full cell.
  cells.at(-1)!.expected += open.expected;
  cells.at(-1)!.observed += open.observed;
  const statistic = cells.reduce((sum, { expected, observed }) => sum + (observed - expected) ** 2 / expected, 0);
  return chiSquaredPValue(statistic, cells.length - 1);
}

/** The standard score of the sample mean of f(Z), with the exact mean and deviation of f under the law. */
function score(law: TabledLaw, { size, counts }: Tally, f: (x: number) => number): number {
  const mean = expectation(law, f);
  const variance = expectation(law, (x) => (f(x) - mean) ** 2);
  const observed = counts.reduce((sum, count, i) => sum + count * f(i - law.reach), 0) / size;
  return (observed - mean) / Math.sqrt(variance / size);
}

/** Draws `size` values and compares them with the law. */
export function fit(law: TabledLaw, sampler: IntegerSampler, random: RandomSource, size: number): Fit {
  const tally = draw(law, sampler, random, size);
  const variance = expectation(law, (x) => x * x);
  const sigma = Math.sqrt(variance);
  return {
    chiSquared: pearson(law, tally, Math.max(1, Math.floor(sigma / 5))),
    scores: {
      mean: score(law, tally, (x) => x),
      variance: score(law, tally, (x) => x * x),
      absolute: score(law, tally, abs),
      parity: score(law, tally, (x) => x & 1),
      tail2: score(law, tally, (x) => Number(abs(x) >= 2 * sigma)),
      tail3: score(law, tally, (x) => Number(abs(x) >= 3 * sigma)),
      lag1: tally.lagged / (variance * Math.sqrt(size - 1)),
    },
  };
}

/** What a fit has to keep: a χ² p-value above the one, scores nearer to 0 than the other. */
export interface Limits {
  readonly chiSquared: number;
  readonly score: number;
}

/** For seeded draws: a right sampler that reads its words otherwise fails with odds of 10⁻⁴ + 7 · 6.8·10⁻⁶. */
export const SEEDED: Limits = { chiSquared: 1e-4, score: 4.5 };

/** For draws that nobody can repeat: a right sampler fails with odds of 10⁻⁹ + 7 · 1.1·10⁻⁹. */
export const UNSEEDED: Limits = { chiSquared: 1e-9, score: 6.1 };

/** What a fit does not keep, each with its value; empty for a good fit. */
export function misfits({ chiSquared, scores }: Fit, limits: Limits): readonly string[] {
  const far = Object.entries(scores).filter(([, value]) => !(abs(value) < limits.score));
  return [
    ...(chiSquared > limits.chiSquared ? [] : [`χ² ${chiSquared.toExponential(1)}`]),
    ...far.map(([name, value]) => `${name} ${value.toFixed(1)}`),
  ];
}
