import fc from 'fast-check';
import { MarkError, least, plus, reaches, shortOf, signedMark, verifiedMark } from './high-water-mark.ts';
import type { MarkContent } from './high-water-mark.ts';

const KEY = Buffer.alloc(32, 7);
const WRITTEN_AT = Date.parse('2026-11-20T12:00:00.123Z');

const amount = fc.bigInt({ min: 0n, max: 10n ** 19n });
const totals = fc.record({ charges: amount, nanoRho: amount, quectoTheta: amount });
const scopeId = fc.oneof(
  fc.constantFrom('global:FR', 'brand:brd_1', 'agency:agy_1', '__proto__', ''),
  fc.string({ unit: 'grapheme' }),
);
const contents: fc.Arbitrary<MarkContent> = fc.record({
  ledgerId: fc.string(),
  totals: fc.array(fc.tuple(scopeId, totals), { maxLength: 6 }).map((entries) => new Map(entries)),
  writtenAt: fc.nat({ max: 4_102_444_800_000 }),
  exchanged: fc.boolean(),
  replaces: fc.array(fc.string(), { maxLength: 3 }),
});

const SAMPLE: MarkContent = {
  ledgerId: 'led_1',
  totals: new Map([
    ['global:FR', { charges: 12n, nanoRho: 600_000n, quectoTheta: 3n }],
    ['brand:brd_1', { charges: 2n, nanoRho: 100_000n, quectoTheta: 0n }],
  ]),
  writtenAt: WRITTEN_AT,
  exchanged: false,
  replaces: ['a.mark'],
};

function isRefused(text: string): boolean {
  try {
    verifiedMark(text, KEY);
    return false;
  } catch (error) {
    return error instanceof MarkError;
  }
}

describe('a signed mark', () => {
  it('says what it was given, whatever the amounts and the names', () => {
    const property = fc.property(contents, (content) => {
      expect(verifiedMark(signedMark(content, KEY), KEY)).toEqual(content);
    });
    fc.assert(property, { numRuns: 300, seed: 20_261_120 });
  });

  it('is refused when any character of it is another', () => {
    const text = signedMark(SAMPLE, KEY);
    const survivors = Array.from(text).flatMap((character, at) => {
      const altered = text.slice(0, at) + (character === '1' ? '2' : '1') + text.slice(at + 1);
      return isRefused(altered) ? [] : [altered];
    });
    expect(survivors).toEqual([]);
    expect(isRefused(text)).toBe(false);
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20), 'not JSON'],
    ['empty', () => '', 'not JSON'],
    ['a list', () => '[]', 'not of the form'],
    ['without a signature', (text: string) => text.replace(/,"hmac":"[^"]*"/, ''), 'signature'],
    ['signed by nothing', (text: string) => text.replace(/"hmac":"[^"]*"/, '"hmac":""'), 'signature'],
    ['signed by a number', (text: string) => text.replace(/"hmac":"[^"]*"/, '"hmac":1'), 'signature'],
  ])('is refused when it is %s', (_, alter, complaint) => {
    expect(() => verifiedMark(alter(signedMark(SAMPLE, KEY)), KEY)).toThrow(complaint);
  });

  it('is refused under another key', () => {
    const text = signedMark(SAMPLE, KEY);
    expect(() => verifiedMark(text, Buffer.alloc(32, 8))).toThrow('signed under another service secret');
  });
});

describe('totals', () => {
  it('that are filled up to others reach them, and no more', () => {
    const property = fc.property(totals, totals, (some, other) => {
      const filled = plus(some, shortOf(some, other));
      expect(reaches(filled, other) && reaches(filled, some)).toBe(true);
      for (const part of ['charges', 'nanoRho', 'quectoTheta'] as const) {
        expect([some[part], other[part]]).toContain(filled[part]);
      }
    });
    fc.assert(property, { numRuns: 200, seed: 20_261_120 });
  });

  it('that reach several reach each, and each part is one of theirs', () => {
    const property = fc.property(fc.array(totals, { minLength: 1, maxLength: 4 }), (all) => {
      const joined = least(all);
      expect(all.every((one) => reaches(joined, one))).toBe(true);
      for (const part of ['charges', 'nanoRho', 'quectoTheta'] as const) {
        expect(all.map((one) => one[part])).toContain(joined[part]);
      }
    });
    fc.assert(property, { numRuns: 200, seed: 20_261_120 });
  });
});
