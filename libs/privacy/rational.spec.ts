import fc from 'fast-check';
import { ceilingOfQuotient, integerSquareRoot, toNumber } from './rational.ts';

describe('integerSquareRoot', () => {
  it.each([0n, 1n, 2n, 3n, 4n, 15n, 16n, 17n, 10n ** 40n - 1n, 10n ** 40n])('of %s is the floor of the root', (n) => {
    const root = integerSquareRoot(n);
    expect(root * root <= n && n < (root + 1n) ** 2n).toBe(true);
  });

  it('is the floor of the root of any integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 200n }), (n) => {
        const root = integerSquareRoot(n);
        return root * root <= n && n < (root + 1n) ** 2n;
      }),
      { seed: 11 },
    );
  });
});

describe('ceilingOfQuotient', () => {
  it('is the smallest integer at least the quotient', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 20n }), (num, den) => {
        const ceiling = ceilingOfQuotient(num, den);
        return ceiling * den >= num && (ceiling - 1n) * den < num;
      }),
      { seed: 12 },
    );
  });
});

describe('toNumber', () => {
  it.each([
    [{ num: 1n, den: 4n }, 0.25],
    [{ num: 7n, den: 3n }, 7 / 3],
    [{ num: 100n << 40n, den: 1n << 40n }, 100],
  ])('of %o is the nearest double', (value, expected) => {
    expect(toNumber(value)).toBe(expected);
  });
});
