import { inspect } from 'node:util';
import { RawCount, openRaw } from './raw.ts';

const raw = new RawCount(4711n);
const loose = raw as unknown as number;

describe('RawCount', () => {
  it('gives its value to openRaw only', () => {
    expect(openRaw(raw)).toBe(4711n);
  });

  it.each([
    ['JSON', () => JSON.stringify({ raw })],
    ['template text', () => `${loose}`],
    ['addition', () => loose + 1],
    ['comparison', () => loose > 1000],
    ['multiplication', () => loose * 2],
    ['string concatenation', () => 'n=' + loose],
  ])('refuses %s', (_, leak) => {
    expect(leak).toThrow(TypeError);
  });

  it.each([
    ['Object.assign', Object.assign({}, raw)],
    ['structuredClone', structuredClone(raw)],
    ['Object.entries', Object.entries(raw)],
  ])('shows nothing of the value through %s', (_, copy) => {
    expect(inspect(copy, { showHidden: true, depth: 5 })).not.toContain('4711');
  });

  it('prints as hidden', () => {
    expect(inspect(raw)).toBe('RawCount(hidden)');
    expect(inspect({ raw }, { showHidden: true })).not.toContain('4711');
  });

  it('is never negative', () => {
    expect(() => new RawCount(-1n)).toThrow(RangeError);
  });
});
