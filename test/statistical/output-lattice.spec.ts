import { RawCount } from '#core';
import { releaseCount } from '#privacy';
import type { RandomSource } from '#privacy';
import { discreteGaussian } from '../../libs/privacy/discrete-gaussian.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { chiSquaredPValue } from './chi-squared.ts';

/** Noise added to an exact integer. */
type Mechanism = (exact: bigint, random: RandomSource) => bigint;

const gaussian = (sigma2: bigint): Mechanism => {
  const sampler = discreteGaussian({ num: sigma2, den: 1n });
  return (exact, random) => exact + sampler(random);
};

const released: Mechanism = (exact, random) => {
  const plan = { sigma2: { num: 10_000n, den: 1n }, k: 1_000n, beta: 1e-6, sensitivity: 1n };
  const release = releaseCount(new RawCount(exact), plan, random);
  if (release.verdict === 'SUPPRESSED') throw new RangeError('a million members are shown');
  return release.value;
};

/** Noise of the same spread that is doubled after it is drawn: the last bit of the answer is the input's. */
const doubled = (sigma2: bigint): Mechanism => {
  const half = gaussian(sigma2 / 4n);
  return (exact, random) => exact + 2n * half(0n, random);
};

const answers = (mechanism: Mechanism, exact: bigint, size: number): bigint[] => {
  const random = seededRandom(`answers to ${exact}`);
  return Array.from({ length: size }, () => mechanism(exact, random));
};

const MODULI = [2n, 5n, 10n, 100n];

/** For each modulus, the p-value of χ² of the remainders against the uniform law. */
function remainderPValues(values: readonly bigint[]): readonly number[] {
  return MODULI.map((modulus) => {
    const counts = new Float64Array(Number(modulus));
    for (const value of values) counts[Number(((value % modulus) + modulus) % modulus)]! += 1;
    const expected = values.length / counts.length;
    const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    return chiSquaredPValue(statistic, counts.length - 1);
  });
}

// At σ = 100 the remainders of the noise differ from uniform by less than 10⁻⁸, far below what is seen here. Seeded; a
// right mechanism under another seed gives one of the 20 p-values below 10⁻⁴ with odds of 2·10⁻³.
describe('the remainders of the answers modulo 2, 5, 10 and 100 are uniform, whatever the input', () => {
  it.each([0n, 1n, 1_000_001n])('of %s with noise (10⁵ draws)', (exact) => {
    const values = answers(gaussian(10_000n), exact, 100_000);
    expect(Math.min(...remainderPValues(values))).toBeGreaterThan(1e-4);
  });

  it.each([1_000_000n, 1_000_001n])('of a released count of %s (4,000 releases)', (exact) => {
    expect(Math.min(...remainderPValues(answers(released, exact, 4_000)))).toBeGreaterThan(1e-4);
  });

  it('and would not be with noise that is doubled after it is drawn', () => {
    const [byTwo, byFive, byTen, byHundred] = remainderPValues(answers(doubled(10_000n), 1n, 4_000));
    expect(Math.max(byTwo!, byTen!, byHundred!)).toBeLessThan(1e-12);
    expect(byFive).toBeGreaterThan(1e-4);
  });
});

/** The integers within 3σ of both counts that one of them never gives. */
function missed(mechanism: Mechanism, sigma: bigint, size: number): readonly bigint[] {
  const count = 1_000n;
  const met = [count, count + 1n].map((exact) => new Set(answers(mechanism, exact, size)));
  const range = Array.from({ length: Number(6n * sigma) }, (_, i) => count + 1n - 3n * sigma + BigInt(i));
  return range.filter((x) => !met.every((seen) => seen.has(x)));
}

// The rarest, 15 members away, has probability 9·10⁻⁴: under another seed missing in 2·10⁴ draws with odds of 2·10⁻⁸.
describe('a count and its neighbour', () => {
  it('give the same integers, every one within 3σ (2·10⁴ draws at σ = 5)', () => {
    expect(missed(gaussian(25n), 5n, 20_000)).toEqual([]);
  });

  it('and would not with noise that is doubled after it is drawn', () => {
    expect(missed(doubled(25n), 5n, 20_000)).toHaveLength(30);
  });
});
