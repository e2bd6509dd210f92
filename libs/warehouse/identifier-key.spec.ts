import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { IdentifierKey } from './identifier-key.ts';

const pepper = Buffer.alloc(32, 0x0b);
const digest = createHash('sha256').update('9130000000012').digest();

describe('IdentifierKey', () => {
  it('keys with HMAC-SHA-256', () => {
    // By the definition of RFC 2104 §2: the key padded to a block of 64 bytes, once under 0x36, once under 0x5c.
    const block = Buffer.concat([pepper, Buffer.alloc(32)]);
    const xor = (byte: number) => Buffer.from(block.map((value) => value ^ byte));
    const inner = createHash('sha256').update(xor(0x36)).update(digest).digest();
    const outer = createHash('sha256').update(xor(0x5c)).update(inner).digest();
    expect(new IdentifierKey(pepper, 1).hid(digest)).toEqual(outer);
  });

  it('gives another identifier, and another check, under another pepper', () => {
    const [one, two] = [new IdentifierKey(pepper, 1), new IdentifierKey(Buffer.alloc(32, 0x0c), 1)];
    expect(one.hid(digest)).not.toEqual(two.hid(digest));
    expect(one.check()).not.toBe(two.check());
  });

  it('keeps its own copy of the pepper and never shows it', () => {
    const mine = Buffer.from(pepper);
    const key = new IdentifierKey(mine, 3);
    const before = key.hid(digest);
    mine.fill(0);
    expect(key.hid(digest)).toEqual(before);
    expect(inspect(key, { showHidden: true, depth: 5 })).toBe('IdentifierKey(version 3)');
    expect(JSON.stringify(key)).toBe('{"version":3}');
  });

  it.each([
    ['a short pepper', () => new IdentifierKey(Buffer.alloc(31), 1)],
    ['version 0', () => new IdentifierKey(pepper, 0)],
    ['a fractional version', () => new IdentifierKey(pepper, 1.5)],
    ['a digest of another length', () => new IdentifierKey(pepper, 1).hid(digest.subarray(1))],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(RangeError);
  });
});
