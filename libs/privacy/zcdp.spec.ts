import fc from 'fast-check';
import { deltaOf, epsilonOf, priceNanoRho, publishedEpsilon, rhoOf } from './zcdp.ts';

const positive = (max: bigint) => fc.bigInt({ min: 1n, max });
const refused = expect.objectContaining({ code: 'privacy-parameter' });

describe('epsilonOf', () => {
  // 12 significant digits, from the same formula in 60-digit arithmetic.
  it.each([
    [5e-5, 1e-9, 0.0519211031748],
    [0.012, 1e-9, 0.8909373168],
    [0.02, 1e-9, 1.1632873263],
    [0.12, 1e-9, 2.99226586115],
    [0.5, 1e-9, 6.47407002073],
    [1, 1e-9, 9.52146367179],
    [6, 1e-9, 27.2986326038],
    [0.1, 1e-6, 2.14193892839],
    [0.025, 1e-6, 1.01407425473],
  ])('of ρ = %d at δ = %d is %d to 12 digits', (rho, delta, epsilon) => {
    expect(Number(epsilonOf(rho, delta).toPrecision(12))).toBe(epsilon);
  });

  it.each([
    [0.0001, '0.0537 0.0681 0.0744 0.0801'],
    [0.001, '0.1829 0.2262 0.2451 0.2628'],
    [0.005, '0.4299 0.5236 0.5649 0.6035'],
    [0.01, '0.6217 0.7523 0.8102 0.8643'],
    [0.02, '0.8999 1.0823 1.1633 1.2392'],
    [0.05, '1.4716 1.7553 1.8817 2.0003'],
    [0.1, '2.1419 2.5384 2.7155 2.8818'],
    [0.25, '3.5423 4.1601 4.4367 4.6969'],
    [0.5, '5.2215 6.0862 6.4741 6.8393'],
    [1, '7.7662 8.9772 9.5215 10.0343'],
    [2, '11.6886 13.3861 14.1501 14.8707'],
    [5, '20.5519 23.2083 24.4060 25.5363'],
  ])('of ρ = %d at δ = 1e-6, 1e-8, 1e-9, 1e-10 is %s', (rho, row) => {
    expect([1e-6, 1e-8, 1e-9, 1e-10].map((delta) => epsilonOf(rho, delta).toFixed(4)).join(' ')).toBe(row);
  });

  it('is zero for no loss, and where the loss is inside δ', () => {
    expect(epsilonOf(0, 1e-9)).toBe(0);
    expect(epsilonOf(1e-12, 0.5)).toBe(0);
  });

  it('is never above the textbook bound ρ + 2√(ρ ln 1/δ)', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1000, noNaN: true }), fc.integer({ min: 1, max: 15 }), (rho, digits) => {
        const textbook = rho + 2 * Math.sqrt(rho * digits * Math.LN10);
        return epsilonOf(rho, 10 ** -digits) <= textbook * (1 + 1e-12);
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  it('rises with ρ and with the strictness of δ', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 100, noNaN: true }),
        fc.double({ min: 1e-9, max: 10, noNaN: true }),
        (rho, more) => {
          expect(epsilonOf(rho + more, 1e-9)).toBeGreaterThanOrEqual(epsilonOf(rho, 1e-9));
          expect(epsilonOf(rho, 1e-10)).toBeGreaterThanOrEqual(epsilonOf(rho, 1e-9));
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });

  it('states an ε whose δ is no more than was asked', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 100, noNaN: true }),
        fc.double({ min: 1e-15, max: 0.9, noNaN: true }),
        (rho, delta) => {
          expect(deltaOf(rho, epsilonOf(rho, delta))).toBeLessThanOrEqual(delta * (1 + 1e-12));
        },
      ),
      { seed: 43, numRuns: 300 },
    );
  });

  it.each([-1, NaN, Infinity])('refuses ρ = %d', (rho) => {
    expect(() => epsilonOf(rho, 1e-9)).toThrow(refused);
  });

  it.each([0, 1, -1, 2, NaN])('refuses δ = %d', (delta) => {
    expect(() => epsilonOf(1, delta)).toThrow(refused);
  });
});

describe('deltaOf', () => {
  it('agrees with the reference implementation of the paper', () => {
    expect(deltaOf(0.025, 1)).toBeCloseTo(1.33613190640322e-6, 17);
  });

  it('is a probability, 0 for no loss', () => {
    expect(deltaOf(0, 0)).toBe(0);
    expect(deltaOf(10, 0)).toBe(1);
  });

  it.each([-1, NaN, Infinity])('refuses ε = %d', (epsilon) => {
    expect(() => deltaOf(1, epsilon)).toThrow(refused);
  });
});

describe('rhoOf', () => {
  it.each([
    [0.5, '0.003953'],
    [1, '0.014973'],
    [2, '0.056131'],
    [3, '0.120582'],
    [4, '0.206313'],
    [6, '0.435346'],
    [8, '0.732833'],
    [10, '1.090786'],
  ])('of ε = %d at δ = 1e-9 is %s', (epsilon, rho) => {
    expect(rhoOf(epsilon, 1e-9).toFixed(6)).toBe(rho);
  });

  it('agrees with the reference implementation of the paper', () => {
    expect(rhoOf(1, 1e-6).toFixed(7)).toBe('0.0243560');
  });

  it('is the inverse of epsilonOf', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 50, noNaN: true }), (epsilon) => {
        expect(epsilonOf(rhoOf(epsilon, 1e-9), 1e-9) / epsilon).toBeCloseTo(1, 9);
      }),
      { seed: 44 },
    );
  });
});

describe('priceNanoRho', () => {
  it.each([
    // [Δ², σ² numerator, denominator, price]: one standard audience size is 50,000 nano-ρ, coarse ¼, fine 16 of it.
    [1n, 10_000n, 1n, 50_000n],
    [1n, 40_000n, 1n, 12_500n],
    [1n, 625n, 1n, 800_000n],
    [1n, 3n, 1n, 166_666_667n],
    [1n, 1n, 4n, 2_000_000_000n],
    [5n, 7n, 3n, 1_071_428_572n],
    [1n, 10n ** 12n, 1n, 1n],
  ])('of Δ² = %s at σ² = %s/%s is %s', (sensitivitySquared, num, den, price) => {
    expect(priceNanoRho(sensitivitySquared, { num, den })).toBe(price);
  });

  const sigma2 = fc.record({ num: positive(10n ** 12n), den: positive(10n ** 9n) });

  it('is the exact price rounded up, by less than one', () => {
    fc.assert(
      fc.property(positive(10n ** 12n), sigma2, (squared, { num, den }) => {
        const scaled = priceNanoRho(squared, { num, den }) * 2n * num;
        const exact = 10n ** 9n * squared * den;
        return scaled >= exact && scaled - exact < 2n * num;
      }),
      { seed: 45 },
    );
  });

  it('charges two releases at least what it charges both at once', () => {
    fc.assert(
      fc.property(positive(10n ** 9n), positive(10n ** 9n), sigma2, (a, b, noise) => {
        return priceNanoRho(a, noise) + priceNanoRho(b, noise) >= priceNanoRho(a + b, noise);
      }),
      { seed: 46 },
    );
  });

  it('does not depend on how σ² is written', () => {
    fc.assert(
      fc.property(sigma2, fc.bigInt({ min: 1n, max: 1000n }), ({ num, den }, factor) => {
        return priceNanoRho(1n, { num, den }) === priceNanoRho(1n, { num: num * factor, den: den * factor });
      }),
      { seed: 47 },
    );
  });

  it('refuses a sensitivity or a variance that is not positive', () => {
    expect(() => priceNanoRho(0n, { num: 1n, den: 1n })).toThrow(refused);
    expect(() => priceNanoRho(1n, { num: 0n, den: 1n })).toThrow(refused);
  });
});

describe('publishedEpsilon', () => {
  it.each([
    [0n, 0],
    [1n, 0.01],
    [50_000n, 0.06],
    [20_000_000n, 1.17],
    [120_000_000n, 3],
    [1_000_000_000n, 9.53],
    [6_000_000_000n, 27.3],
  ])('of %s nano-ρ is %d', (nanoRho, epsilon) => {
    expect(publishedEpsilon(nanoRho)).toBe(epsilon);
  });

  it('takes another δ', () => {
    expect(publishedEpsilon(25_000_000n, 1e-6)).toBe(1.02);
  });

  it('is never below the exact ε, nor above it by more than a step', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 11n }), (nanoRho) => {
        const over = publishedEpsilon(nanoRho) - epsilonOf(Number(nanoRho) / 1e9, 1e-9);
        return over > 0 && over < 0.0100011;
      }),
      { seed: 48, numRuns: 300 },
    );
  });

  it('refuses a negative amount', () => {
    expect(() => publishedEpsilon(-1n)).toThrow(refused);
  });
});
