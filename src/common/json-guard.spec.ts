import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { DomainError } from '#core';
import { JSON_LIMITS, guardJsonText, parseGuardedJson } from './json-guard.ts';

/** The refusal of a text: its rule and pointer. */
function refusalOf(run: () => unknown): { rule: string; pointer: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'json-invalid') throw error;
    const fault = error.text.errors?.[0];
    return { rule: fault?.code ?? '', pointer: fault?.pointer ?? '?' };
  }
  throw new Error('not refused');
}

/** What is taken, or the DomainError; anything else that is thrown fails the test. */
function taking(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** As many objects as keys, one key each. */
const objects = (keys: number): string => `[${Array.from({ length: keys }, (_, i) => `{"k${i}":1}`).join(',')}]`;

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + '1' + close.repeat(depth);

/** Values the guard must take: wide and deep, but within the limits, with keys no prototype has. */
const acceptable = fc
  .jsonValue({ maxDepth: 15, stringUnit: 'binary' })
  .filter((value) => !/\\u0000|\\ud[89a-f]|__proto__|prototype/i.test(JSON.stringify(value)));

describe('JSON guard', () => {
  it('takes every value within the limits and gives what JSON.parse gives', () => {
    fc.assert(
      fc.property(acceptable, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseGuardedJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500, seed: 20_260_301 },
    );
  });

  it('takes no text that JSON.parse refuses, and refuses by DomainError only', () => {
    const mutated = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '.', ' ', 'u', '\u0001'),
      )
      .map(
        ([text, at, sign]) => text.slice(0, at % (text.length + 1)) + sign + text.slice((at % (text.length + 1)) + 1),
      );
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ unit: 'binary' }), fc.string()), (text) => {
        const taken = taking(() => guardJsonText(text));
        expect(taken instanceof DomainError || isDeepStrictEqual(taken, JSON.parse(text))).toBe(true);
      }),
      { numRuns: 3_000, seed: 20_260_302 },
    );
  });

  it('throws nothing but DomainError for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const taken = taking(() => parseGuardedJson(bytes));
        expect(
          taken instanceof DomainError || isDeepStrictEqual(taken, JSON.parse(Buffer.from(bytes).toString())),
        ).toBe(true);
      }),
      { numRuns: 3_000, seed: 20_260_303 },
    );
  });

  it.each([
    ['NUL, escaped', String.raw`{"a":[1,"x\u0000"]}`, 'nul-character', '/a/1'],
    ['NUL in a key', String.raw`{"a":{"b\u0000":1}}`, 'nul-character', '/a'],
    ['a lone high surrogate', String.raw`{"a":"\ud800"}`, 'lone-surrogate', '/a'],
    ['a lone low surrogate', String.raw`["\udc00x"]`, 'lone-surrogate', '/0'],
    ['surrogates in the wrong order', String.raw`["\udc00\ud800"]`, 'lone-surrogate', '/0'],
    ['__proto__', '{"a":{"__proto__":{}}}', 'forbidden-key', '/a'],
    ['__proto__, escaped', String.raw`{"\u005f_proto__":1}`, 'forbidden-key', ''],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}', 'forbidden-key', '/constructor'],
    ['a key twice', '{"a":1,"b":2,"a":3}', 'duplicate-key', ''],
    ['a key twice, spelled otherwise', String.raw`{"k":{"a":1,"\u0061":2}}`, 'duplicate-key', '/k'],
    ['a number beyond a double', '{"n":[0,1e309]}', 'number-range', '/n/1'],
    ['a byte order mark', '\uFEFF{}', 'byte-order-mark', ''],
    ['NaN', '{"n":NaN}', 'syntax', '/n'],
    ['Infinity', '[-Infinity]', 'syntax', '/0'],
    ['a leading zero', '[01]', 'syntax', '/0'],
    ['a trailing comma', '{"a":1,}', 'syntax', '/a'],
    ['a comment', '{}//', 'syntax', ''],
    ['two roots', '{}{}', 'syntax', ''],
    ['nothing', '', 'syntax', ''],
    ['a bare control character', '["\n"]', 'syntax', '/0'],
    ['an unknown escape', String.raw`["\x41"]`, 'syntax', '/0'],
    ['a key to be escaped in the pointer', '{"a/b~c":{"d":1e999}}', 'number-range', '/a~1b~0c/d'],
  ])('refuses %s and points at it', (_, text, rule, pointer) => {
    expect(refusalOf(() => guardJsonText(text))).toEqual({ rule, pointer });
  });

  it('takes "constructor" and "prototype" where they reach nothing', () => {
    const text = '{"constructor":"x","prototype":{"constructor":{"a":1}}}';
    expect(guardJsonText(text)).toEqual(JSON.parse(text));
  });

  it.each([
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['an overlong NUL', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a cut sequence', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
  ])('refuses bytes that are %s', (_, bytes) => {
    expect(['encoding', 'syntax']).toContain(refusalOf(() => parseGuardedJson(bytes)).rule);
  });

  it.each([
    ['{"a":', '}'],
    ['[', ']'],
    ['{"a":[', ']}'],
  ])('takes %s…%s to the limit of depth and not one deeper', (open, close) => {
    const step = open.length > 5 ? 2 : 1;
    const fits = nested(JSON_LIMITS.depthMax / step, open, close);
    expect(guardJsonText(fits)).toEqual(JSON.parse(fits));
    expect(refusalOf(() => guardJsonText(nested(JSON_LIMITS.depthMax / step + 1, open, close))).rule).toBe('depth');
  });

  it('counts the keys of all objects together', () => {
    expect(guardJsonText(objects(1_000))).toHaveLength(1_000);
    expect(refusalOf(() => guardJsonText(objects(1_001)))).toEqual({ rule: 'too-many-keys', pointer: '' });
  });

  it('keeps a pointer short, however long the keys', () => {
    const { pointer } = refusalOf(() => guardJsonText(`{"${'k'.repeat(50_000)}":{"a":1e999}}`));
    expect(pointer.length).toBeLessThanOrEqual(512);
  });

  it.each([
    ['arrays', '['.repeat(32_000)],
    ['objects', '{"a":'.repeat(13_000)],
    ['quotes', `["${'\\"'.repeat(32_000)}`],
    ['digits', `[${'1'.repeat(64_000)}x`],
    ['blanks', ' '.repeat(65_000)],
  ])('takes under 50 ms of CPU for 64 kB of %s', (_, text) => {
    const before = process.cpuUsage();
    expect(() => guardJsonText(text)).toThrow(DomainError);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1_000).toBeLessThan(50);
  });
});
