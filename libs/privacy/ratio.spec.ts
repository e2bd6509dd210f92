import fc from 'fast-check';
import { fiellerSet, liftSet, shareOf } from './ratio.ts';
import type { FiellerSet, NoisyRatio } from './ratio.ts';

function contains(set: FiellerSet, r: number): boolean {
  if (set.shape === 'LINE') return true;
  if (set.shape === 'TWO_RAYS') return r <= set.gap[0] || r >= set.gap[1];
  return set.interval[0] <= r && r <= set.interval[1];
}

/** The finite numbers of a set. */
const endsOf = (set: FiellerSet): readonly number[] =>
  (set.shape === 'INTERVAL' ? set.interval : set.shape === 'TWO_RAYS' ? set.gap : []).filter(Number.isFinite);

/** (a − r·b)² − 1.96²·Var(a − r·b): at most 0 for every r that is not refuted. */
const excess = ({ numerator: a, denominator: b, covariance }: NoisyRatio, r: number): number =>
  (a.value - r * b.value) ** 2 - 1.96 ** 2 * (a.variance - 2 * r * covariance + r * r * b.variance);

/** The size of the terms of `excess`, against which its rounding is to be held. */
const scaleOf = ({ numerator: a, denominator: b, covariance }: NoisyRatio, r: number): number =>
  (Math.abs(a.value) + Math.abs(r * b.value)) ** 2 +
  4 * (a.variance + 2 * Math.abs(r * covariance) + r * r * b.variance);

/** Without the magnitudes whose squares underflow: no release has them. */
const moderate = (x: number): number => (Math.abs(x) < 1e-3 ? 0 : x);
const value = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.double({ min: -1e4, max: 1e4, noNaN: true }).map(moderate),
);
const deviation = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 100 }),
  fc.double({ min: 0.01, max: 5e3, noNaN: true }),
);

const anyRatio: fc.Arbitrary<NoisyRatio> = fc
  .record({
    a: value,
    b: value,
    sa: deviation,
    sb: deviation,
    correlation: fc.double({ min: -1, max: 1, noNaN: true }),
  })
  .filter(({ b, sb }) => b !== 0 || sb !== 0)
  .map(({ a, b, sa, sb, correlation }) => ({
    numerator: { value: a, variance: sa * sa },
    denominator: { value: b, variance: sb * sb },
    covariance: correlation * sa * sb,
  }));

/** All magnitudes and both signs, and the neighbourhood of the ends. */
function scanned(set: FiellerSet): number[] {
  const magnitudes = Array.from({ length: 121 }, (_, i) => 10 ** ((i - 60) / 10));
  const near = endsOf(set).flatMap((end) => [end * 1.001, end * 0.999, end + 1e-3, end - 1e-3]);
  return [0, ...magnitudes, ...magnitudes.map((x) => -x), ...near];
}

describe('fiellerSet', () => {
  it('is exactly the quotients that the two numbers do not refute', () => {
    const shapes = new Map<string, number>();
    fc.assert(
      fc.property(anyRatio, (ratio) => {
        const set = fiellerSet(ratio);
        shapes.set(set.shape, (shapes.get(set.shape) ?? 0) + 1);
        const misplaced = scanned(set).filter((r) => {
          const distance = excess(ratio, r);
          return Math.abs(distance) > 1e-9 * scaleOf(ratio, r) && contains(set, r) !== distance < 0;
        });
        expect(misplaced).toEqual([]);
      }),
      { seed: 81, numRuns: 2000 },
    );
    // Every shape was among them.
    for (const shape of ['INTERVAL', 'TWO_RAYS', 'LINE']) expect(shapes.get(shape)).toBeGreaterThan(50);
  });

  it('has ends that are just not refuted', () => {
    fc.assert(
      fc.property(anyRatio, (ratio) => {
        const set = fiellerSet(ratio);
        for (const end of endsOf(set))
          expect(Math.abs(excess(ratio, end))).toBeLessThanOrEqual(1e-9 * scaleOf(ratio, end));
      }),
      { seed: 82, numRuns: 1000 },
    );
  });

  it('is bounded exactly when the denominator is more than 1.96 standard errors from 0, and then has the quotient in it', () => {
    fc.assert(
      fc.property(anyRatio, (ratio) => {
        const { numerator: a, denominator: b } = ratio;
        const set = fiellerSet(ratio);
        expect(set.shape === 'INTERVAL').toBe(b.value ** 2 > 1.96 ** 2 * b.variance);
        if (set.shape !== 'INTERVAL') return;
        const quotient = a.value / b.value;
        const rounding = 1e-9 * (Math.abs(quotient) + set.interval[1] - set.interval[0]);
        expect(set.interval[0]).toBeLessThanOrEqual(quotient + rounding);
        expect(set.interval[1]).toBeGreaterThanOrEqual(quotient - rounding);
      }),
      { seed: 83, numRuns: 1000 },
    );
  });

  it('mirrors with the numerator to the last bit, so neither end loses digits', () => {
    fc.assert(
      fc.property(anyRatio, (ratio) => {
        const { numerator, denominator, covariance } = ratio;
        // Around 0 the set is its own mirror image, and which end is computed from which is arbitrary.
        fc.pre(numerator.value * denominator.value !== 0 || covariance !== 0);
        const set = fiellerSet(ratio);
        const mirrored = fiellerSet({
          ...ratio,
          numerator: { value: -numerator.value, variance: numerator.variance },
          covariance: -covariance,
        });
        expect(mirrored.shape).toBe(set.shape);
        expect(endsOf(mirrored).every((end, i) => end === -endsOf(set).toReversed()[i]!)).toBe(true);
      }),
      { seed: 84, numRuns: 1000 },
    );
  });

  // The textbook form: g = 1.96²·v_b/b², the centre (r − g·v_ab/v_b)/(1 − g), the half width beside it.
  it.each([
    ['a share of new buyers', 1166, 345.96, 4320, 691.92, 345.96],
    ['a basket in cents', 58_000, 21_400 ** 2, 67, 196, 0],
    ['correlated the other way', -40, 25, 55, 100, -30],
  ])('is the textbook interval for %s', (_, a, va, b, vb, vab) => {
    const set = fiellerSet({
      numerator: { value: a, variance: va },
      denominator: { value: b, variance: vb },
      covariance: vab,
    });
    const [r, g] = [a / b, (1.96 ** 2 * vb) / b ** 2];
    const centre = (r - (g * vab) / vb) / (1 - g);
    const half = ((1.96 / b) * Math.sqrt(va - 2 * r * vab + r * r * vb - g * (va - vab ** 2 / vb))) / (1 - g);
    expect(set).toEqual({
      shape: 'INTERVAL',
      interval: [expect.closeTo(centre - half, 9), expect.closeTo(centre + half, 9)],
    });
  });

  it('is the plain interval over a denominator without noise', () => {
    const sales = { value: 1000, variance: 2500 };
    expect(fiellerSet({ numerator: sales, denominator: { value: 200, variance: 0 }, covariance: 0 })).toEqual({
      shape: 'INTERVAL',
      interval: [expect.closeTo((1000 - 98) / 200, 12), expect.closeTo((1000 + 98) / 200, 12)],
    });
  });

  it('is everything when no quotient is refuted', () => {
    const denominator = { value: 1, variance: 1 };
    for (const numerator of [denominator, { value: 0, variance: 0 }])
      expect(fiellerSet({ numerator, denominator, covariance: 0 })).toEqual({ shape: 'LINE' });
  });

  it('leaves out a gap around 0 when only the denominator may be 0', () => {
    const [numerator, denominator] = [
      { value: 10, variance: 1 },
      { value: 0, variance: 1 },
    ];
    const end = Math.sqrt(100 / 1.96 ** 2 - 1);
    expect(fiellerSet({ numerator, denominator, covariance: 0 })).toEqual({
      shape: 'TWO_RAYS',
      gap: [expect.closeTo(-end, 12), expect.closeTo(end, 12)],
    });
  });

  it('is one ray where the denominator is exactly 1.96 standard errors from 0', () => {
    const [numerator, covariance] = [{ value: 7, variance: 0 }, 0];
    const set = (b: number) => fiellerSet({ numerator, denominator: { value: b, variance: 1 }, covariance });
    expect(set(1.96)).toEqual({ shape: 'TWO_RAYS', gap: [-Infinity, expect.closeTo(7 / 3.92, 12)] });
    expect(set(-1.96)).toEqual({ shape: 'TWO_RAYS', gap: [expect.closeTo(-7 / 3.92, 12), Infinity] });
  });

  it.each([
    ['an exact denominator of 0', { denominator: { value: 0, variance: 0 } }],
    ['a covariance beyond the variances', { covariance: 3 }],
    ['a covariance that is no number', { covariance: NaN }],
    ['a negative variance', { numerator: { value: 1, variance: -1 } }],
    ['an infinite value', { denominator: { value: Infinity, variance: 1 } }],
  ])('refuses %s', (_, fault) => {
    const ratio = {
      numerator: { value: 4, variance: 2 },
      denominator: { value: 9, variance: 2 },
      covariance: 0,
      ...fault,
    };
    expect(() => fiellerSet(ratio)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});

it('shareOf puts the part into the denominator with all of its noise', () => {
  expect(shareOf({ value: 27, variance: 3 }, { value: 73, variance: 4 })).toEqual({
    numerator: { value: 27, variance: 3 },
    denominator: { value: 100, variance: 7 },
    covariance: 3,
  });
});

describe('liftSet', () => {
  it('is the ratio of the arms less 1', () => {
    expect(liftSet({ value: 110, variance: 1 }, { value: 100, variance: 0 })).toEqual({
      shape: 'INTERVAL',
      interval: [expect.closeTo(0.0804, 12), expect.closeTo(0.1196, 12)],
    });
    const [treated, control] = [
      { value: 10, variance: 1 },
      { value: 0, variance: 1 },
    ];
    const end = Math.sqrt(100 / 1.96 ** 2 - 1);
    expect(liftSet(treated, control)).toEqual({
      shape: 'TWO_RAYS',
      gap: [expect.closeTo(-end - 1, 12), expect.closeTo(end - 1, 12)],
    });
    expect(liftSet({ value: 1, variance: 1 }, { value: 1, variance: 1 })).toEqual({ shape: 'LINE' });
  });
});
