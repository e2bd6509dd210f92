import { createHash } from 'node:crypto';
import { discreteGaussian, guardedGaussian } from './discrete-gaussian.ts';
import { discreteLaplace, guardedLaplace } from './discrete-laplace.ts';
import type { IntegerSampler } from './discrete-laplace.ts';
import { referenceGaussian, referenceLaplace } from './reference.ts';
import { seededRandom } from './testing.ts';

// The expected draws come from separate implementations in Python: of the product's algorithm with a 120-digit exp, and
// of the reference's in Python's integers, both over the ChaCha20 keystream of OpenSSL. The key is the SHA-256 of the
// name. Each row: the first eight draws of the product's sampler, the digest of 1,000, the digest of the reference's.
const GAUSSIANS = [
  [
    1n,
    4n,
    '0 -1 0 0 0 -1 0 1',
    '70a446b1f069e663565e1dcc56078a2a30123540a205c49b2d5bdce4e5acffa1',
    '791b5ba39d3077fca4fdbed4db0a1150ba7f568cd7986b1bbbd51081b2247d79',
  ],
  [
    1n,
    1n,
    '0 1 1 0 -1 -1 -1 -2',
    '1e015b78549ae491b8cbed834eb5d37e3056464037fdde890ab5464058411811',
    '0e5324674839c81c2a79bcee95e4423407f9577efb56cc389ab587ee17e023e1',
  ],
  [
    7n,
    3n,
    '2 2 0 0 2 1 -2 0',
    'c677be706440daeb4f19871f0e4423dacf66c34cdd6223fa5cd1393d70d883b3',
    '0fc0f6a4c8827401a7e99970061b308006239338754a361bfc63bd44f12fbb26',
  ],
  [
    100n,
    1n,
    '6 -4 17 10 -11 -8 7 9',
    '5c278f179f2752c70c4853c42e209e80b4b4748c267b4fef39a5d7f0e60365eb',
    '1e053a01585e9498bc5cbf50fabe3ba8406cc6791c6e46fe0587a2e2d7970a0e',
  ],
  [
    500n,
    1n,
    '-49 49 -24 -6 47 19 14 -44',
    'b35a0d7bffc7666c2d981de6afac5af9337f7e9137e03f23b9eb3ca470684695',
    '51665a0ece3882a793ab6bca8cc29bb7edcd77547a1b6f8286d94a36a6cd1577',
  ],
  [
    10000n,
    1n,
    '80 -125 102 12 -15 148 26 -46',
    '52d21fd88ae859379769ce13e7f27630e0993297ba3dbdf240b7cbbf11078216',
    'df4f5b322f1e3f8e7ea26a87d761c25f54546ad550510a9eb2e87a5ed8ce0685',
  ],
  [
    5625000000n,
    1n,
    '-34243 1362 17765 -36311 -184255 55413 -49112 -59935',
    'fc0e1ac09b85c154182b28cebf6e0328395b0f59d55ede5555d2534e9b9a919a',
    '544d51c3c65bbb77117b515f5a3e9cb6a4e71ee5f4f8f131fd145fb601dbfddd',
  ],
  [
    1000000000000n,
    1n,
    '-1040578 205264 840665 -796954 1152783 -1702643 1975788 51318',
    '8ced7de7edfdc008b18e721d355af2f861102721b884f2b1f4f53db95fdf8b4d',
    'd1664f655754ecb04236cffca14a7bfea5059a20a5ae360157551f8d03390bb4',
  ],
  [
    104857600n,
    1048576n,
    '0 -3 1 -3 -2 -9 -3 -4',
    '379dee6c6f0ec4ef76d600cdc79fece50b1ab564bb6ee766c939cb99b41c66c7',
    '7a5a945ec63ba3fe9787bca2c088f29cd92a8572178ad6c640ed7bcba0178975',
  ],
  [
    1000000000000000009n,
    1000000007n,
    '-30325 8515 -76693 -23 5367 52973 5068 8472',
    'f1b53051df4f65f956f504292929f75d106bdbdc2fca97345e429de041a119de',
    'af7a9505072e315f6e17f169ea9ec226dca5db7f31dc4855f7fc65e78731bfc3',
  ],
] as const;

const LAPLACES = [
  [
    11n,
    '-4 5 -16 2 19 1 2 7',
    '5ace9a2956fd0cf6562a9405d1444cef2d37b2fbffcb013fba06ebd26a730323',
    'bea81959b2632d50ab2e9959a962d733d2970e6ca8f267ccb66d6f3edc18cde5',
  ],
  [
    4294967295n,
    '12322271765 -10191302854 604320626 -287278476 -3722709481 -5199875884 1832528274 -8574676649',
    '7b5c6d43b269b3cc3e326d5a51b1b13716128c79fda670377a213f1225a15bca',
    '5fce158bd7990733f6481a9bb76fe04fa6ce860e8e7045c478bedaf350aaaa6b',
  ],
] as const;

const firstDraws = (name: string, sampler: IntegerSampler): string[] => {
  const random = seededRandom(name);
  return Array.from({ length: 1000 }, () => sampler(random).toString());
};

const digest = (draws: readonly string[]): string => createHash('sha256').update(draws.join(',')).digest('hex');

describe('the first 1,000 draws under a fixed key', () => {
  it.each(GAUSSIANS)('are these for the discrete Gaussian of σ² = %s/%s', (num, den, head, fast, reference) => {
    const name = `discrete gaussian ${num}/${den}`;
    const draws = firstDraws(name, discreteGaussian({ num, den }));
    expect([draws.slice(0, 8).join(' '), digest(draws)]).toEqual([head, fast]);
    expect(digest(firstDraws(name, guardedGaussian({ num, den }, Infinity)))).toBe(fast);
    expect(digest(firstDraws(name, referenceGaussian({ num, den })))).toBe(reference);
  });

  it.each(LAPLACES)('are these for the discrete Laplace of scale %s', (scale, head, fast, reference) => {
    const name = `discrete laplace ${scale}`;
    const draws = firstDraws(name, discreteLaplace(scale));
    expect([draws.slice(0, 8).join(' '), digest(draws)]).toEqual([head, fast]);
    expect(digest(firstDraws(name, guardedLaplace(scale, Infinity)))).toBe(fast);
    expect(digest(firstDraws(name, referenceLaplace(scale)))).toBe(reference);
  });
});

describe('the samplers', () => {
  it.each([0n, -1n, 2n ** 32n])('refuse a Laplace scale of %s', (scale) => {
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
});
