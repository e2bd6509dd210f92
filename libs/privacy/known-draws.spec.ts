import { createHash } from 'node:crypto';
import { discreteGaussian } from './discrete-gaussian.ts';
import { discreteLaplace } from './discrete-laplace.ts';
import type { IntegerSampler } from './discrete-laplace.ts';
import { seededRandom } from './testing.ts';

// The expected draws come from a separate implementation of the same algorithms in Python's integers, over the
// ChaCha20 keystream of OpenSSL's command line: the key is the SHA-256 of the test's name.
function firstDraws(name: string, sampler: IntegerSampler): { head: string; digest: string } {
  const random = seededRandom(name);
  const draws = Array.from({ length: 1000 }, () => sampler(random).toString());
  return {
    head: draws.slice(0, 8).join(' '),
    digest: createHash('sha256').update(draws.join(',')).digest('hex'),
  };
}

describe('the first 1,000 draws under a fixed key', () => {
  it.each([
    [1n, 4n, '0 0 0 0 0 0 0 0', '822c34ea62ca127bbc8e5f821339e1c7b1f68de8bd53bec83e1aab082a9666d1'],
    [1n, 1n, '-1 1 1 -1 2 1 0 0', '78b95533d05533ef4b1fead7714e6afe0cb5fcc3063c40966282751adba6dbac'],
    [7n, 3n, '-1 2 -1 2 -1 -2 -3 -2', '5e75df823816cb64ee35cab404e472249025679241fb3e968306116daaf2d2eb'],
    [100n, 1n, '4 7 0 6 -5 6 -5 -8', 'b36cb29745e1ede6972e875c32b2f579cb52bd53df268bc85af87f3094b10394'],
    [500n, 1n, '-5 6 15 -51 -2 10 -53 -8', '454e735c8619c1da07cf3dc2ff2edf302dbe451f24caf9ae1747b1f69ace24cf'],
    [
      10_000n,
      1n,
      '-80 -90 -15 162 21 294 -185 -35',
      'df6946c82bd1af8257042718c48d0dd6051f6e5e1b7d4def3dc1ea6516ee329c',
    ],
    // Too large for Numbers, so the BigInt way is taken.
    [
      62_500_000_000n,
      1n,
      '375842 128923 -69300 -339718 -213255 -354214 -129497 -182912',
      '452c78093908632dd44d7b77c5e6826afccef2931114c7d63c44678822af9f88',
    ],
    [
      100n << 20n,
      1n << 20n,
      '11 19 -10 -27 2 -7 2 2',
      '39f5cbc76f9841826dfad5075c625b2750cc8bf7d869c16985bf866ab3ef3d2f',
    ],
  ])('are these for the discrete Gaussian of σ² = %s/%s', (num, den, head, digest) => {
    expect(firstDraws(`discrete gaussian ${num}/${den}`, discreteGaussian({ num, den }))).toEqual({ head, digest });
  });

  it('are these for the discrete Laplace of scale 11', () => {
    expect(firstDraws('discrete laplace 11', discreteLaplace(11n))).toEqual({
      head: '-10 13 -14 -12 30 -37 13 0',
      digest: '11da452c57c1718e05b7584281636700bb4b518d0f2041c66559238f77a7e32c',
    });
  });
});

describe('the samplers', () => {
  it.each([0n, -1n])('refuse a Laplace scale of %s', (scale) => {
    expect(() => discreteLaplace(scale)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });

  it.each([
    [0n, 1n],
    [-1n, 1n],
    [1n, 0n],
    [1n, -1n],
    [10n ** 12n + 1n, 1n],
    [1n, 10n ** 12n + 1n],
  ])('refuse σ² = %s/%s', (num, den) => {
    expect(() => discreteGaussian({ num, den })).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });

  it('meet neighbouring integers, odd and even, on either side of zero', () => {
    const sampler = discreteGaussian({ num: 25n, den: 1n });
    const random = seededRandom('support');
    const seen = new Set(Array.from({ length: 20_000 }, () => sampler(random)));
    // ±3σ. The rarest, ±15, has probability 9·10⁻⁴: missing in 20,000 draws with odds of 2·10⁻⁸.
    for (let x = -15n; x <= 15n; x += 1n) expect(seen).toContain(x);
  });
});
