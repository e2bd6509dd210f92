import { inspect } from 'node:util';
import fc from 'fast-check';
import { DomainError, RawCount } from '#core';
import { previewCount, releaseCount } from './count-release.ts';
import type { CountPlan } from './count-release.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { systemRandom } from './random.ts';
import { scriptedRandom, seededRandom } from './testing.ts';

const STANDARD: CountPlan = { sigma2: { num: 10_000n, den: 1n }, k: 1000n, beta: 1e-6, sensitivity: 1n };
const anyPlan: fc.Arbitrary<CountPlan> = fc.record({
  sigma2: fc.record({ num: fc.bigInt({ min: 1n, max: 40_000n }), den: fc.bigInt({ min: 1n, max: 9n }) }),
  k: fc.bigInt({ min: 1n, max: 2000n }),
  beta: fc.constantFrom(1e-6, 1e-3, 0.1),
  sensitivity: fc.bigInt({ min: 1n, max: 5n }),
});

describe('previewCount', () => {
  it('of the standard audience size: one read, σ 100, ± 196, shown from 1,475', () => {
    expect(previewCount(STANDARD)).toEqual({
      nanoRho: 50_000n,
      sigma: 100,
      interval95HalfWidth: 196n,
      tau: 1475n,
      shown95: 1639n,
    });
  });

  it('prices by the square of the sensitivity', () => {
    expect(previewCount({ ...STANDARD, sensitivity: 3n }).nanoRho).toBe(450_000n);
  });
});

describe('releaseCount', () => {
  it('adds one draw of the sampler to the count and says the interval', () => {
    const draw = discreteGaussian(STANDARD.sigma2)(seededRandom('one'));
    expect(releaseCount(new RawCount(50_000n), STANDARD, seededRandom('one'))).toEqual({
      verdict: 'RELEASED',
      value: 50_000n + draw,
      interval95: [50_000n + draw - 196n, 50_000n + draw + 196n],
    });
  });

  it('decides on the noisy value: shown exactly when it reaches τ, for any count and plan', () => {
    fc.assert(
      fc.property(anyPlan, fc.bigInt({ min: -800n, max: 800n }), fc.string(), (plan, offset, seed) => {
        const { tau } = previewCount(plan);
        const exact = tau + offset < 0n ? 0n : tau + offset;
        const noisy = exact + discreteGaussian(plan.sigma2)(seededRandom(seed));
        const release = releaseCount(new RawCount(exact), plan, seededRandom(seed));
        const { interval95HalfWidth: h } = previewCount(plan);
        const shown = { verdict: 'RELEASED', value: noisy, interval95: [noisy - h, noisy + h] };
        expect(release).toEqual(noisy >= tau ? shown : { verdict: 'SUPPRESSED' });
      }),
      { seed: 71, numRuns: 300 },
    );
  });

  it('shows a noisy value of exactly τ and withholds one less', () => {
    const draw = discreteGaussian(STANDARD.sigma2)(seededRandom('edge'));
    const release = (noisy: bigint) => releaseCount(new RawCount(noisy - draw), STANDARD, seededRandom('edge'));
    expect(release(1475n)).toMatchObject({ verdict: 'RELEASED', value: 1475n });
    expect(release(1474n)).toEqual({ verdict: 'SUPPRESSED' });
  });

  it('carries nothing in a suppressed answer: no field, no symbol, no hidden value, the same object every time', () => {
    const [a, b] = [new RawCount(0n), new RawCount(700n)].map((raw) => releaseCount(raw, STANDARD, systemRandom()));
    expect(Reflect.ownKeys(a!)).toEqual(['verdict']);
    expect(inspect(a, { showHidden: true })).toBe("{ verdict: 'SUPPRESSED' }");
    expect(a).toBe(b);
    expect(Object.isFrozen(a)).toBe(true);
  });

  it('draws the noise in both branches', () => {
    // A source without a word cannot serve a release, however far the count is from the threshold.
    for (const count of [0n, 10n ** 9n])
      expect(() => releaseCount(new RawCount(count), STANDARD, scriptedRandom([]))).toThrow(RangeError);
    const after = [0n, 10n ** 9n].map((count) => {
      const random = seededRandom('both');
      releaseCount(new RawCount(count), STANDARD, random);
      return random.word();
    });
    expect(after[0]).toBe(after[1]);
  });

  it('gives a released answer that nobody can alter', () => {
    const release = releaseCount(new RawCount(10_000n), STANDARD, seededRandom('frozen'));
    expect(Object.isFrozen(release)).toBe(true);
    expect(release.verdict === 'RELEASED' && Object.isFrozen(release.interval95)).toBe(true);
  });

  it.each([
    ['σ² = 0', { sigma2: { num: 0n, den: 1n } }],
    ['σ² < 0', { sigma2: { num: -1n, den: 1n } }],
    ['σ² over nothing', { sigma2: { num: 1n, den: 0n } }],
    ['k = 0', { k: 0n }],
    ['β = 0', { beta: 0 }],
    ['β = ½', { beta: 0.5 }],
    ['β = NaN', { beta: NaN }],
    ['no sensitivity', { sensitivity: 0n }],
  ])('refuses %s, in the preview and in the release, and names no count', (_, fault) => {
    const plan = { ...STANDARD, ...fault };
    const refusal = expect.objectContaining({ code: 'privacy-parameter' });
    expect(() => previewCount(plan)).toThrow(refusal);
    let caught: unknown;
    try {
      releaseCount(new RawCount(4711n), plan, systemRandom());
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(DomainError);
    expect(inspect(caught, { depth: 5 })).not.toContain('4711n');
  });
});
