import fc from 'fast-check';
import { returnOnAdSpend, showRatio } from './ratio-display.ts';
import type { RatioParts, Withheld } from './ratio-display.ts';
import { shareOf } from './ratio.ts';
import type { NoisyRatio } from './ratio.ts';

const WITHHELD: Withheld = { verdict: 'SUPPRESSED' };
/** A quotient of 10 over an exact denominator whose relative half width is `relative`. */
const ofWidth = (relative: number): RatioParts => ({
  numerator: { value: 1000, variance: ((1000 * relative) / 1.96) ** 2 },
  denominator: { value: 100, variance: 0 },
});

const around10 = (relative: number): number[] =>
  [10 * (1 - relative), 10 * (1 + relative)].map((x) => expect.closeTo(x, 9));

describe('showRatio', () => {
  it.each([
    [0.01, 'SHOWN'],
    [0.2499, 'SHOWN'],
    [0.2501, 'IMPRECISE'],
    [0.4999, 'IMPRECISE'],
    [0.5001, 'WIDE'],
    [0.9999, 'WIDE'],
    [1.0001, 'NOT_ESTIMABLE'],
  ])('of a relative half width of %d is %s', (relative, verdict) => {
    expect(showRatio(ofWidth(relative)).verdict).toBe(verdict);
  });

  it('gives number and interval, or the interval alone, or neither', () => {
    expect(showRatio(ofWidth(0.1))).toEqual({ verdict: 'SHOWN', value: 10, interval95: around10(0.1) });
    expect(showRatio(ofWidth(0.3))).toEqual({ verdict: 'IMPRECISE', value: 10, interval95: around10(0.3) });
    expect(showRatio(ofWidth(0.6))).toEqual({ verdict: 'WIDE', interval95: around10(0.6) });
    expect(Object.keys(showRatio(ofWidth(2)))).toEqual(['verdict', 'needs']);
  });

  it('measures a negative number by its size', () => {
    const { numerator, denominator } = ofWidth(0.1);
    const negative = { ...numerator, value: -1000 };
    expect(showRatio({ numerator: negative, denominator })).toMatchObject({ verdict: 'SHOWN', value: -10 });
  });

  it('uses the covariance: a share is narrower than a quotient of independent counts', () => {
    const [part, rest] = [
      { value: 140, variance: 300 },
      { value: 35, variance: 300 },
    ];
    const share = shareOf(part, rest);
    expect(showRatio(share).verdict).toBe('SHOWN');
    expect(showRatio({ ...share, covariance: 0 }).verdict).toBe('IMPRECISE');
  });

  it('never shows a ratio of which a part is withheld', () => {
    const part = { value: 1e6, variance: 1 };
    for (const parts of [
      { numerator: WITHHELD, denominator: part },
      { numerator: part, denominator: WITHHELD },
      { numerator: WITHHELD, denominator: WITHHELD },
    ])
      expect(showRatio({ ...parts, tau: 50 })).toEqual({ verdict: 'SUPPRESSED' });
  });

  it('never shows a ratio whose denominator is below its threshold', () => {
    const parts = { numerator: { value: 50, variance: 1 }, denominator: { value: 99, variance: 1 } };
    expect(showRatio({ ...parts, tau: 99 }).verdict).toBe('SHOWN');
    expect(showRatio({ ...parts, tau: 100 }).verdict).toBe('NOT_ESTIMABLE');
  });

  it('says the same about every denominator below its threshold', () => {
    const numerator = { value: 30, variance: 400 };
    const all = [80, 79, 40, 1, 0, -1, -500].map((value) =>
      showRatio({ numerator, denominator: { value, variance: 400 }, covariance: 200, tau: 81 }),
    );
    expect(new Set(all.map((shown) => JSON.stringify(shown))).size).toBe(1);
    expect(all[0]!.verdict).toBe('NOT_ESTIMABLE');
  });

  it('is not estimable while the denominator may be 0', () => {
    expect(
      showRatio({ numerator: { value: 1e6, variance: 1 }, denominator: { value: 19, variance: 100 } }).verdict,
    ).toBe('NOT_ESTIMABLE');
  });

  it('is not estimable for a numerator of 0, however exact', () => {
    expect(showRatio({ numerator: { value: 0, variance: 1 }, denominator: { value: 1e6, variance: 1 } }).verdict).toBe(
      'NOT_ESTIMABLE',
    );
  });

  it.each([0, -1, NaN, Infinity])('refuses a threshold of %d', (tau) => {
    expect(() => showRatio({ ...ofWidth(0.1), tau })).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});

const needsOf = (parts: RatioParts) => {
  const shown = showRatio(parts);
  return shown.verdict === 'NOT_ESTIMABLE' ? shown.needs : undefined;
};

const scaled = ({ numerator, denominator, covariance }: NoisyRatio, values: number, variances: number): RatioParts => ({
  numerator: { value: numerator.value * values, variance: numerator.variance * variances },
  denominator: { value: denominator.value * values, variance: denominator.variance * variances },
  covariance: covariance * variances,
});

describe('what a ratio needs', () => {
  /** Numbers clear of their own noise whose ratio is not estimable all the same. */
  const anyPoorRatio: fc.Arbitrary<NoisyRatio> = fc
    .record({
      a: fc.double({ min: 1.01, max: 4, noNaN: true }),
      b: fc.double({ min: 1.01, max: 4, noNaN: true }),
      sigmaA: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      sigmaB: fc.double({ min: 0.1, max: 1000, noNaN: true }),
      correlation: fc.double({ min: -0.9, max: 0.9, noNaN: true }),
      sign: fc.constantFrom(1, -1),
    })
    .map(({ a, b, sigmaA, sigmaB, correlation, sign }) => ({
      numerator: { value: sign * a * sigmaA, variance: sigmaA ** 2 },
      denominator: { value: b * sigmaB, variance: sigmaB ** 2 },
      covariance: correlation * sigmaA * sigmaB,
    }))
    .filter((ratio) => showRatio(ratio).verdict === 'NOT_ESTIMABLE');

  it('is just enough, by a higher price, by more members or by more weeks', () => {
    fc.assert(
      fc.property(anyPoorRatio, (ratio) => {
        const { rho, members, weeks } = needsOf(ratio)!;
        for (const [grown, expected] of [
          [1.001, 'IMPRECISE'],
          [0.999, 'WIDE'],
        ] as const) {
          expect(showRatio(scaled(ratio, 1, 1 / (rho * grown))).verdict).toBe(expected);
          expect(showRatio(scaled(ratio, members * grown, 1)).verdict).toBe(expected);
          expect(showRatio(scaled(ratio, weeks * grown, weeks * grown)).verdict).toBe(expected);
        }
      }),
      { seed: 91, numRuns: 500 },
    );
  });

  it('is a denominator at which the ratio to an exact number is printed', () => {
    const poor = { numerator: { value: 80, variance: 0 }, denominator: { value: 12, variance: 100 } };
    const { denominator } = needsOf(poor)!;
    const at = (value: number) => showRatio({ ...poor, denominator: { value, variance: 100 } }).verdict;
    expect([at(denominator * 1.001), at(denominator * 0.999)]).toEqual(['IMPRECISE', 'WIDE']);
    expect(needsOf({ ...poor, tau: 500 })!.denominator).toBe(500);
  });

  it('counts a number within its own noise as its noise, so that it stays finite', () => {
    const [none, little, sigma] = [0, 0.5, 10].map((value) =>
      needsOf({ numerator: { value, variance: 100 }, denominator: { value, variance: 100 } }),
    );
    expect(none).toEqual(sigma);
    expect(little).toEqual(sigma);
    expect(sigma!.rho).toBeGreaterThan(1);
  });

  it('is never less than what there is', () => {
    const small = { numerator: { value: 400, variance: 1 }, denominator: { value: 900, variance: 1 }, tau: 1000 };
    expect(needsOf(small)).toEqual({ rho: 1, members: 1, weeks: 1, denominator: 1000 });
  });

  it('is nothing of ρ for an exact 0', () => {
    const zero = { numerator: { value: 0, variance: 0 }, denominator: { value: 900, variance: 1 } };
    expect(needsOf(zero)).toMatchObject({ rho: 1, members: 1, weeks: 1 });
  });
});

describe('returnOnAdSpend', () => {
  it('is sales over what was spent', () => {
    expect(returnOnAdSpend({ value: 30_000, variance: 2500 }, 12_000)).toEqual({
      verdict: 'SHOWN',
      value: 2.5,
      interval95: [expect.closeTo((30_000 - 98) / 12_000, 12), expect.closeTo((30_000 + 98) / 12_000, 12)],
    });
  });

  it('has a verdict of its own when nothing was spent, also for withheld sales', () => {
    expect(returnOnAdSpend({ value: 30_000, variance: 2500 }, 0)).toEqual({ verdict: 'NO_SPEND' });
    expect(returnOnAdSpend(WITHHELD, 0)).toEqual({ verdict: 'NO_SPEND' });
  });

  it('is withheld with the sales', () => {
    expect(returnOnAdSpend(WITHHELD, 100)).toEqual({ verdict: 'SUPPRESSED' });
  });

  it.each([-1, NaN, Infinity])('refuses a spend of %d', (spend) => {
    expect(() => returnOnAdSpend({ value: 1, variance: 1 }, spend)).toThrow(
      expect.objectContaining({ code: 'privacy-parameter' }),
    );
  });
});
