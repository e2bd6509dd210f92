import { epsilonOf } from '../../libs/privacy/zcdp.ts';
import { binomialTail, clopperPearson } from './binomial-bounds.ts';
import { brandAtWork } from './brand-at-work.ts';
import type { BrandOrders, Transcript } from './brand-at-work.ts';
import { distanceFromLaw, lowerBounds } from './epsilon-lower-bound.ts';

/** Answers about each of two databases, and as many as catch a gross fault. */
const RUNS = 3_000;
const FAULTY_RUNS = 300;
/** Members of the larger database, of whom 25 are not in the smaller one. */
const MEMBERS = 2_000;
const APART = 25;

/** The price of a count at σ = 25 for one member. Twenty-five together lose 25² times as much: ρ = 0.5, or μ = 1. */
const FINE_NANO_RHO = 800_000n;
const RHO_APART = (Number(FINE_NANO_RHO) / 1e9) * APART ** 2;

const RULES = {
  // Every five members, from nobody to far more than there are.
  thresholds: Array.from({ length: 600 }, (_, index) => 5 * index),
  delta: 1e-5,
  alpha: 1e-6,
} as const;

/** How far shares of so many right answers stray from the law with odds of α at most. */
const STRAY = Math.sqrt(Math.log(2 / RULES.alpha) / (2 * RUNS));

/** A brand that asks distinct questions over HTTP, each of which counts every member by what they spent. */
const brand = (members: number, seed: string, more: Partial<BrandOrders> = {}): Promise<Transcript> =>
  brandAtWork({ members, seed, questions: RUNS, width: 10, precision: 'fine', slotMs: 0, ...more });

const values = ({ answers }: Transcript): number[] => answers.map(({ value }) => value);

// The noise of each database comes from a seed, and the verdicts look at answers without their order, so they are the
// same in every run. Unseeded, each of the tests that hold the claim would flag a right service with odds of one in a
// million at most.
describe('a brand that asks 3,000 times about each of two databases', () => {
  let larger: Transcript;
  let smaller: Transcript;

  beforeAll(async () => {
    [larger, smaller] = await Promise.all([brand(MEMBERS, 'larger'), brand(MEMBERS - APART, 'smaller')]);
  }, 300_000);

  it('is charged for each answer, and gets none twice', () => {
    for (const { answers, charged } of [larger, smaller]) {
      expect(charged).toBe(RUNS * Number(FINE_NANO_RHO));
      expect(new Set(answers.map(({ nanoRho }) => nanoRho))).toEqual(new Set([Number(FINE_NANO_RHO)]));
      expect(new Set(answers.map(({ releaseId }) => releaseId)).size).toBe(RUNS);
      expect(answers.filter(({ replayed }) => replayed)).toEqual([]);
    }
  });

  it('learns no more than the ledger says', () => {
    const nanoRho = BigInt(larger.charged / RUNS);
    const found = lowerBounds(values(larger), values(smaller), nanoRho, RULES);
    expect(found.epsilon).toBeLessThanOrEqual(epsilonOf(RHO_APART, RULES.delta));
    expect(found.members).toBeLessThanOrEqual(BigInt(APART));
  });

  it('reads the exact law of the noise around the exact counts', () => {
    expect(distanceFromLaw(values(larger), BigInt(MEMBERS), FINE_NANO_RHO)).toBeLessThan(STRAY);
    expect(distanceFromLaw(values(smaller), BigInt(MEMBERS - APART), FINE_NANO_RHO)).toBeLessThan(STRAY);
  });

  describe('is seen to learn more', () => {
    it('where a quarter of the loss is charged', () => {
      const found = lowerBounds(values(larger), values(smaller), FINE_NANO_RHO / 4n, RULES);
      expect(found.members).toBeGreaterThan(BigInt(APART));
      expect(distanceFromLaw(values(larger), BigInt(MEMBERS), FINE_NANO_RHO / 4n)).toBeGreaterThan(STRAY);
    });

    it.each([
      ['the members apart count twice', 'twice'],
      ['the noise is off', 'silent'],
    ] as const)(
      'where %s',
      async (_, fault) => {
        const more = { questions: FAULTY_RUNS, fault, twiceAbove: MEMBERS - APART };
        const faulty = await brand(MEMBERS, fault, more);
        const found = lowerBounds(values(faulty), values(smaller), FINE_NANO_RHO, RULES);
        expect(found.members).toBeGreaterThan(BigInt(APART));
      },
      90_000,
    );
  });
});

describe('the bounds it rests on', () => {
  it('are those of Clopper and Pearson', () => {
    const { lower, upper } = clopperPearson(10, 0.025);
    expect(lower(0)).toBe(0);
    expect(upper(10)).toBe(1);
    // In closed form without a success, and without a failure.
    expect(upper(0)).toBeCloseTo(1 - 0.025 ** 0.1, 12);
    expect(lower(10)).toBeCloseTo(0.025 ** 0.1, 12);
    // Their table for 95 % and 3 of 10.
    expect(lower(3)).toBeCloseTo(0.0667, 4);
    expect(upper(3)).toBeCloseTo(0.6525, 4);
    expect(binomialTail(3, 10, lower(3))).toBeCloseTo(0.025, 12);
  });

  // Far out, where single terms of the law are below the smallest double.
  it.each([
    [3_000, 3_000],
    [1_500, 3_000],
    [1, 3_000],
  ])('leave α on their far side: %i of %i', (k, n) => {
    const { lower, upper } = clopperPearson(n, 1e-9);
    expect(binomialTail(k, n, lower(k)) / 1e-9).toBeCloseTo(1, 6);
    expect(lower(k)).toBeLessThan(k / n);
    expect(upper(k)).toBeGreaterThanOrEqual(k / n);
    expect(upper(n - k)).toBeCloseTo(1 - lower(k), 12);
  });
});
