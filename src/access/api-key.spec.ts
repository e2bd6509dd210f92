import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { generateKey, keyHint, parseKey, sameSecret } from './api-key.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'.split('');

describe('API key text', () => {
  it.each(['live', 'test'] as const)('reads back what it generated: %s', (mode) => {
    const { text, ...key } = generateKey(mode);
    expect(text).toMatch(/^crk_(live|test)_[0-9A-Za-z]{8}_[0-9A-Za-z]{49}$/);
    expect(parseKey(text)).toEqual(key);
  });

  it('agrees with a key worked out by hand', () => {
    // CRC-32 (IEEE) of the body, by another implementation, is 647278240 = 43·62^4 + 49·62^3 + 56·62^2 + 39·62 + 38.
    const body = `crk_live_AbCd1234_${'0'.repeat(43)}`;
    const secretHash = createHash('sha256').update('0'.repeat(43)).digest();
    expect(parseKey(`${body}0hnudb`)).toBeUndefined();
    expect(parseKey(`${body}0hnudc`)).toEqual({ mode: 'live', publicId: 'AbCd1234', secretHash });
  });

  it('keeps the public id and changes the secret on rotation', () => {
    const first = generateKey('live');
    const second = generateKey('live', first.publicId);
    expect(second.publicId).toBe(first.publicId);
    expect(sameSecret(first.secretHash, second.secretHash)).toBe(false);
  });

  it('refuses every key with one character replaced, whichever and by whatever', () => {
    fc.assert(
      fc.property(fc.nat(66), fc.constantFrom(...ALPHABET), (position, character) => {
        const { text } = generateKey('live');
        const altered = text.slice(0, position) + character + text.slice(position + 1);
        expect(parseKey(altered) === undefined).toBe(altered !== text);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every key with two neighbours swapped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 18, max: 65 }), (position) => {
        const { text } = generateKey('test');
        const [a = '', b = ''] = [text[position], text[position + 1]];
        const swapped = text.slice(0, position) + b + a + text.slice(position + 2);
        expect(parseKey(swapped) === undefined).toBe(a !== b);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses any other text', () => {
    const other = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...ALPHABET, '_'), minLength: 60, maxLength: 70 }).map((tail) => `crk_${tail}`),
      fc.constantFrom('', 'crk_', 'crk_live_', `${generateKey('live').text}\n`, ` ${generateKey('live').text}`),
      fc.constant(generateKey('live').text).map((text) => text.replace('live', 'prod')),
      fc.constant(generateKey('live').text).map((text) => text.toUpperCase()),
    );
    fc.assert(
      fc.property(other, (text) => expect(parseKey(text)).toBeUndefined()),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it('reads 50,000 characters of junk in under 50 ms', () => {
    const start = performance.now();
    for (const junk of ['crk_live_'.repeat(5_600), `crk_live_${'A'.repeat(50_000)}`])
      expect(parseKey(junk)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(50);
  });

  it('uses all 62 characters about equally', () => {
    // 500 keys give 21,500 secret characters; the first digit of 43 is not uniform (2^256 < 62^43), so it is left out.
    // Pearson's statistic over 61 degrees of freedom exceeds 131 with a chance below 1e-6.
    const counts = new Map<string, number>();
    for (let i = 0; i < 500; i++) {
      for (const character of generateKey('live').text.slice(19, 61))
        counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = (500 * 42) / 62;
    const statistic = ALPHABET.reduce((sum, c) => sum + ((counts.get(c) ?? 0) - expected) ** 2 / expected, 0);
    expect(statistic).toBeLessThan(131);
  });

  it('hints at a key without its secret', () => {
    const { text, publicId } = generateKey('live');
    expect(text.startsWith(`${keyHint('live', publicId)}_`)).toBe(true);
    expect(keyHint('live', publicId)).toHaveLength(17);
  });

  it('compares digests of different length as different', () => {
    expect(sameSecret(Buffer.alloc(32), Buffer.alloc(31))).toBe(false);
    expect(sameSecret(Buffer.alloc(32, 1), Buffer.alloc(32, 1))).toBe(true);
  });
});
