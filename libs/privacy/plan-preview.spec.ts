import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import { previewPlan } from './plan-preview.ts';
import type { PartPreview } from './plan-preview.ts';
import { reportPlan } from './report-plan.ts';
import type { ReportShape } from './report-plan.ts';
import type { PartName } from './report-shares.ts';
import { halfWidth95 } from './tails.ts';
import { shown95, tau } from './threshold.ts';
import { epsilonOf } from './zcdp.ts';

const SHAPE: ReportShape = { days: 30, weeks: 5, channels: 5, buyingDays: 30, reachDays: 30, bounds: DEFAULT_BOUNDS };
const plan = reportPlan('M', 12_000_000n, SHAPE);
const preview = previewPlan(plan);
const partOf = (name: PartName) => preview.parts.find((part) => part.name === name)!;
const varianceOf = (name: PartName) => plan.parts.find((part) => part.name === name)!.plan.sigma2;

const withoutThreshold = (part: PartPreview) => ({ ...part, threshold: undefined });

describe('previewPlan', () => {
  it('of M at ρ = 0.012: ε 0.9, and what a day of buyers is worth', () => {
    expect([preview.size, preview.nanoRho, preview.epsilon]).toEqual(['M', 12_000_000n, 0.9]);
    expect(epsilonOf(0.012, 1e-9)).toBeLessThan(0.9);
    expect(partOf('buyers/day')).toEqual({
      name: 'buyers/day',
      nanoRho: 1_008_000n,
      sensitivitySquared: 5n,
      sigma: expect.closeTo(Math.sqrt(5 / (2 * 0.001008)), 9),
      interval95HalfWidth: 98n,
      cohortFor10pctError: expect.closeTo(498.01, 2),
      threshold: { gate: { part: 'buyers/day', by: 'same-place' }, tau: 174n, shown95: 256n },
    });
  });

  it('says of money the error in cents and the members that gate it', () => {
    const { sigma, interval95HalfWidth, threshold } = partOf('sales/day');
    expect(sigma).toBeCloseTo(4500 / Math.sqrt(2 * 0.012 * 0.144), 6);
    expect(interval95HalfWidth).toBe(halfWidth95(varianceOf('sales/day')));
    expect(threshold).toEqual(partOf('buyers/day').threshold);
  });

  it('gates the sales of the campaign by the sum of its first buyers, at the noise of that sum', () => {
    const { num, den } = varianceOf('firstBuyers/week×channel');
    const rule = { k: 20n, beta: 1e-3, sigma2: { num: 25n * num, den } };
    expect(partOf('sales/total').threshold).toEqual({
      gate: { part: 'firstBuyers/week×channel', by: 'total' },
      tau: tau(rule),
      shown95: shown95(rule),
    });
  });

  it('says of curves the error of the last day: 2.15 times that of one count with the same loss, and no threshold', () => {
    const curve = partOf('firstBuyers/curve');
    expect(curve.sigma / (1 / Math.sqrt(2 * 0.012 * 0.045))).toBeCloseTo(2.146, 3);
    expect(partOf('reach/curves').sigma / (1 / Math.sqrt(2 * 0.012 * 0.02))).toBeCloseTo(2.146 * Math.sqrt(6), 2);
    expect(Number(curve.interval95HalfWidth) / curve.sigma).toBeCloseTo(1.96, 1);
    expect(curve).not.toHaveProperty('threshold');
  });

  it.each(['S', 'M', 'L'] as const)(
    'names for every number of %s, other than a curve, members of the same plan',
    (size) => {
      const { parts } = previewPlan(reportPlan(size, 12_000_000n, SHAPE));
      const names = parts.map(({ name }) => name);
      const gated = parts.filter(({ name }) => !name.includes('curve'));
      const gates = gated.map(({ threshold }) => threshold?.gate.part ?? 'none');
      expect(names).toEqual(expect.arrayContaining(gates));
      expect(gates.filter((gate) => gate.startsWith('sales'))).toEqual([]);
    },
  );

  it('moves the thresholds with the rule and nothing else', () => {
    const strict = previewPlan(plan, { k: 100n, beta: 1e-6 });
    expect(strict.parts.map(withoutThreshold)).toEqual(preview.parts.map(withoutThreshold));
    const raised = strict.parts.map(
      ({ threshold }, i) => (threshold?.tau ?? 1n) > (preview.parts[i]!.threshold?.tau ?? 0n),
    );
    expect(new Set(raised)).toEqual(new Set([true]));
  });

  it('refuses a rule without a minimum cohort', () => {
    expect(() => previewPlan(plan, { k: 0n, beta: 1e-3 })).toThrow(
      expect.objectContaining({ code: 'privacy-parameter' }),
    );
  });
});
