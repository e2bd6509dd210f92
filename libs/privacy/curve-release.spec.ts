import { inspect } from 'node:util';
import fc from 'fast-check';
import { RawVector } from '#core';
import { curveSensitivitySquared, previewCurves, releaseCurveDay } from './curve-release.ts';
import type { CurvePlan } from './curve-release.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { columnNormSquared, squareRootColumn } from './sqrt-matrix.ts';
import { scriptedRandom, seededRandom } from './testing.ts';

const planOf = (horizon: number, curves = 1n): CurvePlan => ({
  horizon,
  curves,
  sigma2: { num: 10n ** 8n, den: 3n },
});

/** The daily increments of one curve, and all that is released of it with the noise of this seed. */
function releaseAll(increments: readonly bigint[], plan: CurvePlan, seed: string): readonly bigint[] {
  return increments.map((_, i) =>
    releaseCurveDay(new RawVector(increments.slice(0, i + 1)), plan, seededRandom(`${seed} ${i}`)),
  );
}

/** A day, counted from 0, or none, for each curve of the plan. */
type Contribution = readonly (number | undefined)[];

const without = (days: number): bigint[] => Array.from({ length: days }, () => 0n);

/** ‖released with the member − released without him‖² over all days of all curves, for the same noise. */
function distanceSquared(others: readonly bigint[][], members: readonly Contribution[], plan: CurvePlan): bigint {
  let sum = 0n;
  for (const [c, increments] of others.entries()) {
    const joined = [...increments];
    for (const member of members) {
      const day = member[c];
      if (day !== undefined) joined[day]! += 1n;
    }
    const before = releaseAll(increments, plan, `curve ${c}`);
    const after = releaseAll(joined, plan, `curve ${c}`);
    for (const [i, value] of after.entries()) sum += (value - before[i]!) ** 2n;
  }
  return sum;
}

/** Curves of a few days, with a contribution of one member to some of them. */
const anyCase = fc.integer({ min: 1, max: 8 }).chain((horizon) =>
  fc.integer({ min: 1, max: 6 }).chain((curves) =>
    fc.record({
      plan: fc.constant(planOf(horizon, BigInt(curves))),
      others: fc.array(fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: horizon, maxLength: horizon }), {
        minLength: curves,
        maxLength: curves,
      }),
      member: fc.array(fc.option(fc.integer({ min: 0, max: horizon - 1 }), { nil: undefined }), {
        minLength: curves,
        maxLength: curves,
      }),
    }),
  ),
);

describe('what one member can change', () => {
  it('is at most the declared sensitivity, for any other members, curves and days', () => {
    fc.assert(
      fc.property(anyCase, ({ plan, others, member }) => {
        expect(distanceSquared(others, [member], plan)).toBeLessThanOrEqual(curveSensitivitySquared(plan));
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  it.each([
    [30, 1n],
    [30, 6n],
    [90, 6n],
  ])('is the declared sensitivity when he comes on the first of %d days in all %s curves', (horizon, curves) => {
    const others = Array.from({ length: Number(curves) }, () => without(horizon));
    const first = others.map(() => 0);
    const plan = planOf(horizon, curves);
    expect(distanceSquared(others, [first], plan)).toBe(curveSensitivitySquared(plan));
    expect(curveSensitivitySquared(plan)).toBe(curves * columnNormSquared(horizon));
  });

  // The negative control: the same member on two days is beyond what the price pays for.
  it.each([2, 8, 30])('is more when he is counted on two of %d days', (horizon) => {
    for (const second of [0, 1, horizon - 1]) {
      const change = distanceSquared([without(horizon)], [[0], [second]], planOf(horizon));
      expect(change).toBeGreaterThan(columnNormSquared(horizon));
    }
  });

  it('is more when the curves are priced as one', () => {
    const change = distanceSquared([without(8), without(8)], [[0, 0]], planOf(8, 2n));
    expect(change).toBeGreaterThan(curveSensitivitySquared(planOf(8, 1n)));
  });
});

describe('releaseCurveDay', () => {
  it('adds one draw of the sampler to a row of K times the increments', () => {
    const plan = planOf(30);
    const draw = discreteGaussian(plan.sigma2)(seededRandom('row'));
    const released = releaseCurveDay(new RawVector([500n, 40n, 3n]), plan, seededRandom('row'));
    expect(released).toBe(384n * 500n + 512n * 40n + 1024n * 3n + draw);
  });

  it('responds to a day as K does: integers, nothing before the day, the same along the diagonals', () => {
    const [horizon, column] = [12, squareRootColumn(12)];
    const plan = planOf(horizon);
    const quiet = releaseAll(without(horizon), plan, 'K');
    for (let day = 0; day < horizon; day += 1) {
      const increments = without(horizon);
      increments[day] = 1n;
      const response = releaseAll(increments, plan, 'K').map((value, i) => value - quiet[i]!);
      expect(response).toEqual(quiet.map((_, i) => (i < day ? 0n : column[i - day])));
    }
  });

  it.each([
    ['day 0', 0, planOf(30)],
    ['a day after the flight', 31, planOf(30)],
    ['a flight that is too long', 1, planOf(367)],
    ['σ² = 0', 1, { ...planOf(30), sigma2: { num: 0n, den: 1n } }],
  ])('refuses %s, draws nothing and names no count', (_, days, plan) => {
    const increments = new RawVector(Array.from({ length: days }, () => 4711n));
    let caught: unknown;
    try {
      releaseCurveDay(increments, plan, scriptedRandom([]));
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'privacy-parameter' });
    expect(inspect(caught, { depth: 5 })).not.toContain('4711');
  });

  it('draws noise for a day without members', () => {
    expect(() => releaseCurveDay(new RawVector([0n]), planOf(30), scriptedRandom([]))).toThrow(RangeError);
  });
});

describe('previewCurves', () => {
  it('prices six curves of 30 days', () => {
    const { sensitivitySquared, nanoRho, standardErrors } = previewCurves({
      horizon: 30,
      curves: 6n,
      // Δ²/2ρ for ρ = 0.00024.
      sigma2: { num: 13_499_922n * 1_000_000_000n, den: 480_000n },
    });
    expect(sensitivitySquared).toBe(13_499_922n);
    expect(nanoRho).toBe(240_000n);
    expect(standardErrors).toHaveLength(30);
    // 2.146 σ₁ for √6 / √(2ρ) = 111.8 members.
    expect(standardErrors.at(-1)).toBeCloseTo(239.96, 1);
  });

  it.each([0n, -1n])('refuses %s curves', (curves) => {
    expect(() => previewCurves(planOf(30, curves))).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});
