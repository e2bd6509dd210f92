import fc from 'fast-check';
import { expNegBounds } from './exp-bounds.ts';

/** ⌊2³²⁰·exp(−num/den)⌋, from mpmath at 1,200 bits. */
const KNOWN: readonly (readonly [num: bigint, den: bigint, scaled: bigint])[] = [
  [1n, 1n, 0x5e2d58d8b3bcdf1abadec7829054f90dda9805aab56c77333024b9d0a507daedb16400bf472b4215n],
  [1n, 2n, 0x9b4597e37cb04ff3d675a35530cdd767e347bf8ad0e80abbce4ae958610143187944cf1032e9a4b0n],
  [1n, 1000000000000000000n, 0xffffffffffffffed8da22e2dbc545fc2c43e539d2b1ed4e15b0b85dc22df9a143f74bca6aa44a556n],
  [7n, 3n, 0x18d327a69b3be5a89091f41b3ea83993a6784a0d55521f55e4040f7c78e7a6638adeba449e86ebfen],
  [
    1000000000000000009n,
    100000000000000007n,
    0x2f9af36ac8f93d6535528d01cc5033259706ec4a5eca6c60e4464c3392adb8b6558d5fb0940c2n,
  ],
  [41n, 1n, 0x1cd480a1b7481fdd71d497919f17eb17cb83db58a3053445b7c919c66f7b5cf6a4n],
  [207n, 1n, 0x292155n],
  [
    42391158275216203514294433201n,
    9903520314283042199192993792n,
    0x38ad1688d16ef50b8010f7d9a2f4ba6792e13f2dc8e922fb30120694c2b232327266901896509d3n,
  ],
  [
    1180591620717411303423n,
    1180591620717411303424n,
    0x5e2d58d8b3bcdf1abc577ce5f323ec8a45867233867368fe6064f4ca1a506c44cfdf3033ebf3869an,
  ],
  [
    1180591620717411303425n,
    1180591620717411303424n,
    0x5e2d58d8b3bcdf1ab966121f2d8605916faf7bf771f0c135f1902cc3a7e84ee623c67ad2d62b1111n,
  ],
  [99999n, 100000n, 0x5e2d96911531b135adbac62f5beb4541646e94f1261c6dbea085012a0d53032f3819f85a713a1bd5n],
];

const exponents = fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 90n }), fc.bigInt({ min: 1n, max: 2n ** 90n }));
const precisions = fc.bigInt({ min: 1n, max: 600n });

describe('expNegBounds', () => {
  it.each(KNOWN)('of %s/%s lie around the known value and at most 2 apart, at 1 … 300 bits', (num, den, scaled) => {
    for (let bits = 1n; bits <= 300n; bits += 1n) {
      const [low, high] = expNegBounds(num, den, bits);
      // exp of a rational other than 0 is irrational: it lies strictly between these two.
      const below = scaled >> (320n - bits);
      expect(low <= below && below + 1n <= high && high - low <= 2n).toBe(true);
    }
  });

  it('lie at most 2 apart and agree between precisions, for exponents from 2⁻⁹⁰ to 2⁹⁰', () => {
    fc.assert(
      fc.property(exponents, precisions, precisions, ([num, den], bits, more) => {
        const [low, high] = expNegBounds(num, den, bits);
        const [finerLow, finerHigh] = expNegBounds(num, den, bits + more);
        expect(low >= 0n && low <= high && high - low <= 2n).toBe(true);
        // Both hold the same real, so they meet.
        expect(low << more <= finerHigh && finerLow <= high << more).toBe(true);
      }),
      { seed: 71, numRuns: 2_000 },
    );
  });

  it('turn sums of exponents into products', () => {
    const small = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.bigInt({ min: 1n, max: 10n ** 12n }));
    fc.assert(
      fc.property(small, small, precisions, ([a, b], [c, d], bits) => {
        const [first, second] = [expNegBounds(a, b, bits), expNegBounds(c, d, bits)];
        const [low, high] = expNegBounds(a * d + c * b, b * d, bits);
        expect(
          (first[0] * second[0]) >> bits <= high && low <= (first[1] * second[1] + (1n << bits) - 1n) >> bits,
        ).toBe(true);
      }),
      { seed: 72, numRuns: 1_000 },
    );
  });

  it('of 0 are exact, and of an enormous exponent come at once', () => {
    expect(expNegBounds(0n, 7n, 64n)).toEqual([2n ** 64n, 2n ** 64n]);
    expect(expNegBounds(10n ** 1000n, 1n, 64n)).toEqual([0n, 1n]);
  });
});
