import { RawCount } from '#core';
import { previewCount, releaseCount } from '#privacy';
import type { CountPlan, RandomSource } from '#privacy';
import { tailProbability } from '../../libs/privacy/tails.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { deltaOf } from '../../libs/privacy/zcdp.ts';

const planOf = (num: bigint, den: bigint): CountPlan => ({ sigma2: { num, den }, k: 2n, beta: 0.2, sensitivity: 1n });

/** The released value; −∞ stands for the verdict SUPPRESSED, which is an answer like any other. */
function outcome(exact: bigint, plan: CountPlan, random: RandomSource): number {
  const release = releaseCount(new RawCount(exact), plan, random);
  return release.verdict === 'RELEASED' ? Number(release.value) : -Infinity;
}

const outcomes = (exact: bigint, plan: CountPlan, seed: string, size: number): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: size }, () => outcome(exact, plan, random));
};

const share = (values: readonly number[], t: number): number =>
  values.filter((value) => value >= t).length / values.length;

const shownOf = (values: readonly number[]): number => values.filter((value) => value > -Infinity).length;

// 20,000 seeded releases: the deviation of the share is 0.15 points, so the band is ± 3.9 deviations and a right
// mechanism under another seed leaves it with odds of 10⁻⁴.
describe('the printed 95 % interval', () => {
  it('covers the exact count in 94.4 … 95.6 % of 20,000 releases at σ = 100', () => {
    const plan: CountPlan = { sigma2: { num: 10_000n, den: 1n }, k: 1000n, beta: 1e-6, sensitivity: 1n };
    const exact = 80_000n;
    const random = seededRandom('coverage');
    let covered = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const release = releaseCount(new RawCount(exact), plan, random);
      if (release.verdict === 'SUPPRESSED') continue;
      if (release.interval95[0] <= exact && exact <= release.interval95[1]) covered += 1;
    }
    expect(covered / 20_000).toBeGreaterThan(0.944);
    expect(covered / 20_000).toBeLessThan(0.956);
  });
});

describe('the minimum cohort', () => {
  const plan: CountPlan = { sigma2: { num: 25n, den: 1n }, k: 20n, beta: 1e-2, sensitivity: 1n };
  const { tau, shown95 } = previewCount(plan);

  // 4.5 deviations of a binomial share either way: odds of 7·10⁻⁶ under another seed. A threshold one lower would show
  // k − 1 members in 1.06 % instead of 0.61 %, which is 11 deviations.
  it('shows k − 1 members as often as the exact law says, at most β (40,000 releases)', () => {
    const size = 40_000;
    const probability = tailProbability(plan.sigma2, tau - 19n);
    const shown = shownOf(outcomes(19n, plan, 'k - 1', size));
    expect(probability).toBeLessThanOrEqual(plan.beta);
    expect(Math.abs(shown - size * probability)).toBeLessThan(4.5 * Math.sqrt(size * probability * (1 - probability)));
  });

  // One-sided: 4.5 deviations below 95 %, odds of 3·10⁻⁶ under another seed.
  it('shows a cohort of shown95 members in at least 95 % (20,000 releases)', () => {
    const size = 20_000;
    const shown = shownOf(outcomes(shown95, plan, 'shown95', size));
    expect(shown).toBeGreaterThan(size * 0.95 - 4.5 * Math.sqrt(size * 0.95 * 0.05));
  });
});

// An audit from outside. For neighbouring databases, every event {answer ≥ t} or its complement and every ε, (ε, δ(ρ,ε))
// says Pr[event] ≤ e^ε·Pr′[event] + δ. The two shares are measured and moved apart by Hoeffding's bound, which fails
// with odds below 10⁻⁹ a share: a right mechanism is flagged with odds below 10⁻⁶ in all.
describe('the guarantee, audited on neighbouring counts', () => {
  const SIZE = 50_000;
  const SLACK = Math.sqrt(Math.log(1e9) / (2 * SIZE));
  const EPSILONS = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4];

  /** The largest measured excess over the claim of ρ; above zero, the claim is refuted. */
  function worstExcess(a: readonly number[], b: readonly number[], rho: number): number {
    const excess = (p: number, q: number): number =>
      Math.max(...EPSILONS.map((epsilon) => p - SLACK - Math.exp(epsilon) * (q + SLACK) - deltaOf(rho, epsilon)));
    return Math.max(
      ...[...new Set([...a, ...b])].flatMap((t) => {
        const [p, q] = [share(a, t), share(b, t)];
        return [excess(p, q), excess(q, p), excess(1 - p, 1 - q), excess(1 - q, 1 - p)];
      }),
    );
  }

  const claimed = Number(previewCount(planOf(1n, 1n)).nanoRho) / 1e9;

  it.each([
    ['well above the threshold', 1000n],
    ['at the threshold, where the verdict itself tells', 3n],
  ])('holds %s (50,000 answers a side)', (name, exact) => {
    const plan = planOf(1n, 1n);
    const [a, b] = [outcomes(exact, plan, `${name} a`, SIZE), outcomes(exact + 1n, plan, `${name} b`, SIZE)];
    expect(worstExcess(a, b, claimed)).toBeLessThanOrEqual(0);
  });

  it.each([
    ['a quarter of the variance it was priced for', 1n, 4n],
    ['hardly any noise', 1n, 100n],
  ])('is refuted for %s', (name, num, den) => {
    const plan = planOf(num, den);
    const [a, b] = [outcomes(1000n, plan, `${name} a`, SIZE), outcomes(1001n, plan, `${name} b`, SIZE)];
    expect(worstExcess(a, b, claimed)).toBeGreaterThan(0);
  });
});
