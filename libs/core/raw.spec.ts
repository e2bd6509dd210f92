import { inspect } from 'node:util';
import { RawCount, RawVector, openRaw, openRawVector } from './raw.ts';

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

describe('RawVector', () => {
  const given = [4711n, -12_345n];
  const vector = new RawVector(given);
  const looseVector = vector as unknown as number;

  it('gives its values to openRawVector only, and its length to anybody', () => {
    given[0] = 0n;
    expect(openRawVector(vector)).toEqual([4711n, -12_345n]);
    expect(vector).toHaveLength(2);
  });

  it.each([
    ['JSON', () => JSON.stringify({ vector })],
    ['template text', () => `${looseVector}`],
    ['addition', () => looseVector + 1],
    ['comparison', () => looseVector > 1000],
  ])('refuses %s', (_, leak) => {
    expect(leak).toThrow(TypeError);
  });

  it.each([
    ['Object.assign', Object.assign({}, vector)],
    ['structuredClone', structuredClone(vector)],
    ['Object.entries', Object.entries(vector)],
    ['the console', vector],
  ])('shows nothing of the values through %s', (_, copy) => {
    expect(inspect(copy, { showHidden: true, depth: 5 })).not.toMatch(/4711|12345/);
  });

  it('prints as hidden', () => {
    expect(inspect(vector)).toBe('RawVector(2 hidden)');
  });
});
