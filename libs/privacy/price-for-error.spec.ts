import fc from 'fast-check';
import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import { standardErrorOf } from './plan-preview.ts';
import { nanoRhoForError } from './price-for-error.ts';
import type { WantedError } from './price-for-error.ts';
import { leastNanoRho, reportPlan } from './report-plan.ts';
import type { ReportPart, ReportShape } from './report-plan.ts';
import { SHARES } from './report-shares.ts';
import type { PartName, PlanSize } from './report-shares.ts';

const SHAPE: ReportShape = { days: 30, weeks: 5, channels: 5, buyingDays: 30, reachDays: 30, bounds: DEFAULT_BOUNDS };
const refusal = expect.objectContaining({ code: 'privacy-parameter' });

const partOf = (size: PlanSize, name: PartName, nanoRho: bigint): ReportPart =>
  reportPlan(size, nanoRho, SHAPE).parts.find((part) => part.name === name)!;

const anyPart = fc
  .constantFrom<PlanSize>('S', 'M', 'L')
  .chain((size) => fc.tuple(fc.constant(size), fc.constantFrom(...SHARES[size].map(({ name }) => name))));

describe('nanoRhoForError', () => {
  it.each([
    ['L', 'buyers/day', { standardError: { num: 283n, den: 5n } }, 5 / (2 * 56.6 ** 2 * 0.065)],
    [
      'S',
      'sales/total',
      { relativeError: { num: 1n, den: 20n }, mean: 1_448_000n },
      4500 ** 2 / (2 * 72_400 ** 2 * 0.175),
    ],
    ['M', 'newToBrand/week', { standardError: { num: 1863n, den: 100n } }, 1 / (2 * 18.63 ** 2 * 0.12)],
    ['M', 'reach/curves', { standardError: { num: 240n, den: 1n } }, (6 * 2.146 ** 2) / (2 * 240 ** 2 * 0.02)],
  ] as const)('of %s, %s is Δ²/2e² over its share', (size, part, wanted, rho) => {
    // 2.146 has four digits; a share is paid in whole nano-ρ.
    expect(Number(nanoRhoForError(size, part, wanted, SHAPE)) / (rho * 1e9)).toBeCloseTo(
      1,
      part === 'reach/curves' ? 3 : 5,
    );
  });

  it('is the smallest price that reaches the error: one nano-ρ less does not', () => {
    fc.assert(
      fc.property(anyPart, fc.integer({ min: 300, max: 3000 }), fc.boolean(), ([size, name], share, relative) => {
        const usual = Math.round(standardErrorOf(partOf(size, name, 12_000_000n)) * 1000);
        const ratio = { num: BigInt(usual * share), den: 1_000_000n };
        const wanted: WantedError = relative
          ? { relativeError: { num: ratio.num, den: ratio.den * 77n }, mean: 77n }
          : { standardError: ratio };
        const error = (usual * share) / 1e6;
        const nanoRho = nanoRhoForError(size, name, wanted, SHAPE);
        expect(nanoRho).toBeGreaterThan(leastNanoRho(size, SHAPE));
        expect(standardErrorOf(partOf(size, name, nanoRho))).toBeLessThanOrEqual(error * (1 + 1e-12));
        expect(standardErrorOf(partOf(size, name, nanoRho - 1n))).toBeGreaterThan(error * (1 - 1e-12));
      }),
      { seed: 251, numRuns: 200 },
    );
  });

  it('is the inverse of the preview: the error of a price asks for that price, or less by the rounding of its part', () => {
    fc.assert(
      fc.property(anyPart, fc.bigInt({ min: 1_000_000n, max: 100_000_000n }), ([size, name], given) => {
        const part = partOf(size, name, given);
        fc.pre(part.kind === 'vector');
        // The root of σ² from above, to 12 digits.
        const standardError = { num: BigInt(Math.ceil(standardErrorOf(part) * (1 + 1e-12) * 1e9)), den: 10n ** 9n };
        const nanoRho = nanoRhoForError(size, name, { standardError }, SHAPE);
        const { basisPoints } = SHARES[size].find((share) => share.name === name)!;
        expect(nanoRho).toBeLessThanOrEqual(given);
        expect(Number(given - nanoRho)).toBeLessThanOrEqual(Number(10_000n / basisPoints) + 2 + 1e-7 * Number(given));
      }),
      { seed: 252, numRuns: 200 },
    );
  });

  it('costs four times as much for half the error', () => {
    fc.assert(
      fc.property(anyPart, fc.bigInt({ min: 2_000_000n, max: 50_000_000n }), ([size, name], given) => {
        const error = standardErrorOf(partOf(size, name, given));
        const price = (share: number): number => {
          const standardError = { num: BigInt(Math.round(error * share * 1e6)), den: 1_000_000n };
          return Number(nanoRhoForError(size, name, { standardError }, SHAPE));
        };
        expect(price(0.5) / price(1)).toBeCloseTo(4, 3);
      }),
      { seed: 253, numRuns: 100 },
    );
  });

  it('is never less than a report may be given, however large an error is wanted', () => {
    const wanted = { standardError: { num: 10n ** 12n, den: 1n } };
    expect(nanoRhoForError('S', 'buyers/week', wanted, SHAPE)).toBe(leastNanoRho('S', SHAPE));
  });

  it.each([
    ['a part that the plan lacks', 'S', 'buyers/day', { standardError: { num: 50n, den: 1n } }],
    ['no error at all', 'S', 'buyers/week', { standardError: { num: 0n, den: 1n } }],
    ['a negative error', 'S', 'buyers/week', { standardError: { num: -1n, den: 1n } }],
    ['an error over nothing', 'S', 'buyers/week', { standardError: { num: 1n, den: 0n } }],
    ['an expected value of 0', 'S', 'buyers/week', { relativeError: { num: 1n, den: 10n }, mean: 0n }],
    ['an error beyond reach', 'L', 'sales/total', { standardError: { num: 1n, den: 100n } }],
  ] as const)('refuses %s', (_, size, part, wanted) => {
    expect(() => nanoRhoForError(size, part, wanted, SHAPE)).toThrow(refusal);
  });
});
