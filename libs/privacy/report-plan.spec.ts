import fc from 'fast-check';
import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import { curveSensitivitySquared } from './curve-release.ts';
import { sensitivitySquared } from './marginal.ts';
import { previewPlan } from './plan-preview.ts';
import { toNumber } from './rational.ts';
import { leastNanoRho, planSizeOf, reportPlan } from './report-plan.ts';
import type { ReportPart, ReportShape } from './report-plan.ts';
import { SHARES } from './report-shares.ts';
import type { PartName, PlanSize } from './report-shares.ts';
import { priceVector } from './vector-release.ts';
import { priceNanoRho } from './zcdp.ts';

const SHAPE: ReportShape = { days: 30, weeks: 5, channels: 5, buyingDays: 30, reachDays: 30, bounds: DEFAULT_BOUNDS };
const SIZES = ['S', 'M', 'L'] as const;
const FULL = 12_000_000n;
const refusal = expect.objectContaining({ code: 'privacy-parameter' });

const squaredOf = (part: ReportPart): bigint =>
  part.kind === 'vector'
    ? sensitivitySquared(part.plan.marginal, part.plan.bounds)
    : curveSensitivitySquared(part.plan);

const priceOf = (part: ReportPart): bigint =>
  part.kind === 'vector' ? priceVector(part.plan) : priceNanoRho(squaredOf(part), part.plan.sigma2);

/** σ of a part by the formula Δ/√(2ρ·share), members or euros; of curves as if a member added 1 to one number. */
const GOLDEN: Readonly<Record<PlanSize, readonly (readonly [PartName, number, bigint])[]>> = {
  S: [
    ['buyers/week', 48.1, 5n],
    ['buyers/channel', 48.1, 5n],
    ['sales/week', 750, 20_250_000n],
    ['sales/channel', 694, 20_250_000n],
    ['sales/total', 694, 20_250_000n],
    ['firstBuyers/curve', 26.4, 2_249_987n],
    ['firstBuyers/week', 26.4, 1n],
    ['reach/curves', 32.3, 6n * 2_249_987n],
    ['newToBrand/week', 18.6, 1n],
    ['frequency', 45.6, 1n],
    ['overlap', 45.6, 1n],
  ],
  M: [
    ['buyers/day', 49.8, 5n],
    ['buyers/week×channel', 43.9, 5n],
    ['buyers/channel', 65.9, 5n],
    ['sales/day', 765, 20_250_000n],
    ['sales/week×channel', 709, 20_250_000n],
    ['sales/channel', 938, 20_250_000n],
    ['sales/total', 1083, 20_250_000n],
    ['firstBuyers/curve', 30.4, 2_249_987n],
    ['firstBuyers/week×channel', 30.4, 1n],
    ['reach/curves', 45.6, 6n * 2_249_987n],
    ['newToBrand/week', 18.6, 1n],
    ['frequency', 40.8, 1n],
    ['overlap', 40.8, 1n],
  ],
  L: [
    ['buyers/day', 56.6, 5n],
    ['buyers/day×channel', 44.8, 5n],
    ['buyers/week×channel', 63.3, 5n],
    ['buyers/channel', 73.1, 5n],
    ['sales/day', 677, 20_250_000n],
    ['sales/week×channel', 677, 20_250_000n],
    ['sales/channel', 1236, 20_250_000n],
    ['sales/total', 1514, 20_250_000n],
    ['firstBuyers/curve', 32.3, 2_249_987n],
    ['firstBuyers/week×channel', 32.3, 1n],
    ['reach/curves', 45.6, 6n * 2_249_987n],
    ['newToBrand/week', 18.6, 1n],
    ['frequency', 37.3, 1n],
    ['overlap', 37.3, 1n],
  ],
};

describe.each(SIZES)('plan %s of ρ = 0.012', (size) => {
  const plan = reportPlan(size, FULL, SHAPE);

  it('has σ and Δ² of the golden table, to its last digit', () => {
    expect(plan.parts.map(({ name }) => name)).toEqual(GOLDEN[size].map(([name]) => name));
    for (const [i, [name, sigma, squared]] of GOLDEN[size].entries()) {
      const part = plan.parts[i]!;
      expect([name, squaredOf(part)]).toEqual([name, squared]);
      const unit = name.startsWith('sales') ? 100 : part.kind === 'curves' ? Math.sqrt(Number(squared)) : 1;
      const printed = sigma >= 100 ? 0.5 : 0.05;
      expect(Math.abs(Math.sqrt(toNumber(part.plan.sigma2)) / unit - sigma)).toBeLessThanOrEqual(printed);
    }
  });

  it('withholds a cell of members below about 19 + 3.09 σ', () => {
    const { parts } = previewPlan(plan);
    const own = parts.filter(({ name, threshold }) => threshold?.gate.part === name);
    expect(own.length).toBeGreaterThanOrEqual(6);
    for (const { sigma, threshold } of own)
      expect(Math.abs(Number(threshold!.tau) - (Math.ceil(19 + 3.09 * sigma) + 1))).toBeLessThanOrEqual(1);
  });

  it('gives away the whole loss, each part a share, and none twice', () => {
    const shares = SHARES[size];
    expect(shares.reduce((sum, { basisPoints }) => sum + basisPoints, 0n)).toBe(10_000n);
    expect(new Set(shares.map(({ name }) => name)).size).toBe(shares.length);
    expect(plan.nanoRho).toBe(FULL);
  });
});

describe('reportPlan', () => {
  const anyShape: fc.Arbitrary<ReportShape> = fc.record({
    days: fc.integer({ min: 1, max: 120 }),
    weeks: fc.integer({ min: 1, max: 18 }),
    channels: fc.integer({ min: 1, max: 12 }),
    buyingDays: fc.integer({ min: 1, max: 120 }),
    reachDays: fc.integer({ min: 1, max: 90 }),
    bounds: fc.record({
      rows: fc.bigInt({ min: 1n, max: 10n }),
      rowCents: fc.bigInt({ min: 1n, max: 10_000n }),
      memberCents: fc.bigInt({ min: 1n, max: 20_000n }),
      rowUnits: fc.constant(10n),
      memberUnits: fc.constant(15n),
    }),
  });

  it('costs exactly the sum of its parts, each at most its share, all at most what was given', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIZES), anyShape, fc.bigInt({ min: 0n, max: 10n ** 9n }), (size, shape, more) => {
        const given = leastNanoRho(size, shape) + more;
        const plan = reportPlan(size, given, shape);
        let sum = 0n;
        for (const [i, part] of plan.parts.entries()) {
          expect(priceOf(part)).toBe(part.nanoRho);
          expect(part.nanoRho * 10_000n).toBeLessThanOrEqual(given * SHARES[size][i]!.basisPoints);
          sum += part.nanoRho;
        }
        expect(plan.nanoRho).toBe(sum);
        expect(given - sum).toBeGreaterThanOrEqual(0n);
        expect(given - sum).toBeLessThan(BigInt(plan.parts.length));
      }),
      { seed: 241, numRuns: 150 },
    );
  });

  it('is refused for one nano-ρ less than the least', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIZES), anyShape, (size, shape) => {
        expect(() => reportPlan(size, leastNanoRho(size, shape) - 1n, shape)).toThrow(refusal);
      }),
      { seed: 242, numRuns: 100 },
    );
  });

  it('counts the coordinates of every vector from the keys of the campaign', () => {
    const shape: ReportShape = { ...SHAPE, days: 40, weeks: 7, channels: 3, buyingDays: 44, reachDays: 30 };
    const counts = Object.fromEntries(
      SIZES.flatMap((size) =>
        reportPlan(size, FULL, shape).parts.map((part) => [
          part.name,
          part.kind === 'vector' ? part.plan.marginal.coordinates : [part.plan.curves, part.plan.horizon],
        ]),
      ),
    );
    expect(counts).toEqual({
      'buyers/day': 40,
      'buyers/day×channel': 120,
      'buyers/week': 7,
      'buyers/week×channel': 21,
      'buyers/channel': 3,
      'sales/day': 40,
      'sales/week': 7,
      'sales/week×channel': 21,
      'sales/channel': 3,
      'sales/total': 1,
      'firstBuyers/curve': [1n, 44],
      'firstBuyers/week': 7,
      'firstBuyers/week×channel': 21,
      'reach/curves': [4n, 30],
      'newToBrand/week': 21,
      frequency: 10,
      overlap: 7,
    });
  });

  it('tells the overlap of five groups of channels at most', () => {
    const overlap = reportPlan('M', FULL, { ...SHAPE, channels: 9 }).parts.find(({ name }) => name === 'overlap');
    expect(overlap?.plan).toMatchObject({ marginal: { coordinates: 31 } });
  });

  it.each([0n, -1n, 1n, 10_000n])('refuses %s nano-ρ', (nanoRho) => {
    expect(() => reportPlan('S', nanoRho, SHAPE)).toThrow(refusal);
  });

  it.each([
    ['no days', { days: 0 }],
    ['no channels', { channels: 0 }],
    ['half a week', { weeks: 0.5 }],
    ['curves of no days', { reachDays: 0 }],
    ['no bound on money', { bounds: { ...DEFAULT_BOUNDS, memberCents: 0n } }],
  ])('refuses a campaign of %s', (_, fault) => {
    expect(() => reportPlan('M', FULL, { ...SHAPE, ...fault })).toThrow(refusal);
  });
});

describe('planSizeOf', () => {
  it.each([
    [-400n, 'S'],
    [149_999n, 'S'],
    [150_000n, 'M'],
    [599_999n, 'M'],
    [600_000n, 'L'],
    [50_000_000n, 'L'],
  ] as const)('of a released size of %s is %s', (value, size) => {
    expect(planSizeOf({ verdict: 'RELEASED', value, interval95: [value - 196n, value + 196n] })).toBe(size);
  });

  it('of a size that could not be shown is S', () => {
    expect(planSizeOf({ verdict: 'SUPPRESSED' })).toBe('S');
  });
});
