import { noiseSource } from './noise-source.ts';

const constant = { word: (): number => 0 };

describe('the source of the noise', () => {
  it('is what a test injects outside production', () => {
    expect(noiseSource(false, constant)).toBe(constant);
  });

  it('refuses an injected source in production, whatever it is', () => {
    expect(() => noiseSource(true, constant)).toThrow('a random source is injected, must be the operating');
  });

  it.each([true, false])('is the operating system’s when nothing is injected, production %s', (production) => {
    const source = noiseSource(production, undefined);
    const words = Array.from({ length: 64 }, () => source.word());
    // 64 equal words of 32 uniform bits: odds 2^-2016.
    expect(new Set(words).size).toBeGreaterThan(1);
  });
});
