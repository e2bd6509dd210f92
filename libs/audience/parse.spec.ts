import fc from 'fast-check';
import { DomainError } from '#core';
import type { FieldError } from '#core';
import { LIMITS } from './limits.ts';
import { parseDefinition } from './parse.ts';
import { definitionArbitrary } from './testing.ts';
import { SHOP_IDS } from './testing-shop.ts';

const define = (rule: unknown) => ({ version: 'audience/1', country: 'FR', rule });
const WINDOW = { lastDays: 30 };
const MILK = { categories: ['milk'] };
const LEAF = { purchased: { products: MILK, window: WINDOW } };

function faultsOf(input: unknown): readonly FieldError[] {
  try {
    parseDefinition(input);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'audience-invalid') return error.text.errors ?? [];
    throw error;
  }
  return [];
}

const pointersAndCodes = (input: unknown) => faultsOf(input).map(({ pointer, code }) => `${pointer} ${code}`);

const nested = (levels: number): unknown => (levels === 1 ? LEAF : { all: [nested(levels - 1)] });

describe('parseDefinition', () => {
  it('gives back what it reads, for every kind of node', () => {
    const days = ['2025-01-01', '2025-03-31'] as const;
    fc.assert(
      fc.property(definitionArbitrary(SHOP_IDS, { days }), (definition) => {
        expect(parseDefinition(JSON.parse(JSON.stringify(definition)))).toEqual(definition);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('fills in the default look-back of newToBrand', () => {
    const { rule } = parseDefinition(define({ newToBrand: { brands: ['acme'], window: WINDOW } }));
    expect(rule).toEqual({ newToBrand: { brands: ['acme'], window: WINDOW, lookbackDays: 365 } });
  });

  it('shares no object with the input', () => {
    const input = define({ region: { in: ['north'] } });
    const definition = parseDefinition(input);
    (input.rule as { region: { in: string[] } }).region.in.push('south');
    expect(definition.rule).toEqual({ region: { in: ['north'] } });
  });

  it.each<[string, unknown, readonly string[]]>([
    ['a text', 'audience/1', [' wrong-type']],
    ['nothing', null, [' wrong-type']],
    ['a list', [define(LEAF)], [' wrong-type']],
    ['no keys', {}, ['/version missing', '/country missing', '/rule missing']],
    ['another version', { ...define(LEAF), version: 'audience/2' }, ['/version unknown-version']],
    ['another country', { ...define(LEAF), country: 'XX' }, ['/country bad-format']],
    ['an unknown key', { ...define(LEAF), 'a/b~c': 1 }, ['/a~1b~0c unknown-key']],
    ['an empty node', define({}), ['/rule wrong-type']],
    ['a node with two keys', define({ ...LEAF, all: [LEAF] }), ['/rule wrong-type']],
    ['an unknown node', define({ xor: [LEAF] }), ['/rule/xor unknown-key']],
    ['an empty group', define({ all: [] }), ['/rule/all empty']],
    ['a group that is no list', define({ any: { 0: LEAF } }), ['/rule/any wrong-type']],
    ['atLeast over the count', define({ atLeast: { n: 2, of: [LEAF] } }), ['/rule/atLeast/n out-of-range']],
    ['atLeast of none', define({ atLeast: { n: 0, of: [LEAF] } }), ['/rule/atLeast/n out-of-range']],
    ['a missing window', define({ purchased: { products: MILK } }), ['/rule/purchased/window missing']],
    ['no products', define({ purchased: { products: {}, window: WINDOW } }), ['/rule/purchased/products empty']],
    [
      'an empty list of products',
      define({ purchased: { products: { gtins: [] }, window: WINDOW } }),
      ['/rule/purchased/products/gtins empty'],
    ],
    [
      'a bad GTIN',
      define({ purchased: { products: { gtins: ['12345678', '12a'] }, window: WINDOW } }),
      ['/rule/purchased/products/gtins/1 bad-format'],
    ],
    [
      'a window of two kinds',
      define({ store: { in: ['s1'], window: { lastDays: 3, lastMonths: 1 } } }),
      ['/rule/store/window/lastMonths unknown-key'],
    ],
    ['an empty window', define({ store: { in: ['s1'], window: {} } }), ['/rule/store/window missing']],
    [
      'a window without its end',
      define({ store: { in: ['s1'], window: { from: '2025-01-01' } } }),
      ['/rule/store/window/to missing'],
    ],
    [
      'a reversed window',
      define({ store: { in: ['s1'], window: { from: '2025-02-01', to: '2025-01-31' } } }),
      ['/rule/store/window reversed'],
    ],
    [
      'a day that does not exist',
      define({ store: { in: ['s1'], window: { from: '2025-02-29', to: '2025-03-31' } } }),
      ['/rule/store/window/from bad-format'],
    ],
    [
      'a look-back too long',
      define({ store: { in: ['s1'], window: { lastDays: 731 } } }),
      ['/rule/store/window/lastDays out-of-range'],
    ],
    [
      'a fraction of a day',
      define({ store: { in: ['s1'], window: { lastDays: 1.5 } } }),
      ['/rule/store/window/lastDays out-of-range'],
    ],
    [
      'an unknown channel',
      define({ channel: { in: ['store', 'phone'], window: WINDOW } }),
      ['/rule/channel/in/1 bad-format'],
    ],
    [
      'a frequency without a bound',
      define({ frequency: { products: MILK, window: WINDOW } }),
      ['/rule/frequency missing'],
    ],
    [
      'bounds the wrong way round',
      define({ spend: { products: MILK, window: WINDOW, minCents: 2, maxCents: 1 } }),
      ['/rule/spend/minCents reversed'],
    ],
    [
      'a recency beyond the history',
      define({ recency: { products: MILK, maxDaysAgo: 730 } }),
      ['/rule/recency/maxDaysAgo out-of-range'],
    ],
    [
      'a lapsed span as long as the active one',
      define({ lapsed: { products: MILK, activeWindow: { lastDays: 90 }, sinceDays: 90 } }),
      ['/rule/lapsed/activeWindow/lastDays not-earlier'],
    ],
    ['a reference that is no id', define({ audienceRef: { id: 'aud_1' } }), ['/rule/audienceRef/id bad-format']],
    ['one level too many', define(nested(LIMITS.depth + 1)), ['/rule/all/0/all/0/all/0/all/0/all too-deep']],
    [
      'too many codes in all',
      define({ purchased: { products: { brands: codes(300), categories: codes(201) }, window: WINDOW } }),
      ['/rule/purchased/products too-many'],
    ],
    [
      'too many codes in a list',
      define({ region: { in: codes(LIMITS.idsPerLeaf + 1) } }),
      ['/rule/region/in too-many'],
    ],
    [
      'too many children',
      define({ any: Array.from({ length: LIMITS.leaves + 1 }, () => LEAF) }),
      ['/rule/any too-many'],
    ],
    [
      'too many leaves',
      define({ any: [{ any: Array.from({ length: LIMITS.leaves }, () => LEAF) }, LEAF] }),
      ['/rule/any/1/purchased too-many'],
    ],
  ])('names the place and the fault of %s', (_, input, expected) => {
    expect(pointersAndCodes(input)).toEqual(expected);
  });

  it('takes the deepest and the widest rule that the limits allow', () => {
    expect(faultsOf(define(nested(LIMITS.depth)))).toEqual([]);
    expect(faultsOf(define({ all: Array.from({ length: LIMITS.leaves }, () => LEAF) }))).toEqual([]);
  });

  it('names all faults at once, each saying what it is and what it must be', () => {
    const faults = faultsOf({
      version: 1,
      country: 'fr',
      rule: { all: [{ region: { in: ['no rth'] } }, { spend: { products: { gtins: [5] }, minCents: '1' } }] },
    });
    expect(faults).toEqual([
      { pointer: '/version', code: 'unknown-version', message: 'is 1, must be "audience/1"' },
      { pointer: '/country', code: 'bad-format', message: expect.stringMatching(/^is "fr", must be one of "FR", /) },
      {
        pointer: '/rule/all/0/region/in/0',
        code: 'bad-format',
        message: 'is "no rth", must be a code of 1 to 64 letters, digits and _ . : -',
      },
      {
        pointer: '/rule/all/1/spend/products/gtins/0',
        code: 'wrong-type',
        message: 'is 5, must be a GTIN of 8 to 14 digits',
      },
      { pointer: '/rule/all/1/spend/window', code: 'missing', message: 'is missing, must be given' },
      {
        pointer: '/rule/all/1/spend/minCents',
        code: 'wrong-type',
        message: 'is "1", must be a whole number from -1000000000000 to 1000000000000',
      },
    ]);
  });

  it('names at most fifty faults', () => {
    expect(faultsOf(define({ region: { in: Array.from({ length: 500 }, () => '?') } }))).toHaveLength(LIMITS.faults);
    const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, 1]));
    expect(faultsOf(keys)).toHaveLength(LIMITS.faults);
  });
});

function codes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `c${index}`);
}

/** Values that break careless readers; each is put at every place of a definition. */
const HOSTILE: readonly unknown[] = [
  "'; DROP TABLE member; --",
  '" OR 1=1 --',
  '/* */ UNION SELECT 1',
  '${process.env.HOME}',
  '$p0',
  '@p0',
  '‘; DROP TABLE line; –',
  'ＳＥＬＥＣＴ',
  'a\u0000b',
  '\ud800',
  'x'.repeat(100_000),
  '__proto__',
  'constructor',
  JSON.parse('1e309'),
  JSON.parse('-1e309'),
  Number.NaN,
  2 ** 53,
  -1,
  0.5,
  10n ** 30n,
  Symbol('s'),
  () => 'f',
  true,
  null,
  [],
  [[[[[[[]]]]]]],
  {},
  new Date(0),
  new Map([['all', []]]),
  Array.from({ length: 100_000 }, () => ({})),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  JSON.parse(`${'{"all":['.repeat(2000)}${']}'.repeat(2000)}`),
];

describe('parseDefinition on hostile input', () => {
  const whole = define({
    all: [
      { purchased: { products: { gtins: ['12345678'], brands: ['b'] }, window: WINDOW, channels: ['store'] } },
      { frequency: { products: MILK, window: { lastMonths: 2 }, min: 1, max: 2 } },
      { spend: { products: MILK, window: { from: '2025-01-01', to: '2025-01-02' }, minCents: 1 } },
      { recency: { products: MILK, minDaysAgo: 1 } },
      { newToBrand: { brands: ['b'], window: WINDOW, lookbackDays: 9 } },
      { lapsed: { products: MILK, activeWindow: WINDOW, sinceDays: 9 } },
      { atLeast: { n: 1, of: [{ store: { in: ['s'], window: WINDOW } }] } },
      { audienceRef: { id: `aud_${'0'.repeat(26)}`, version: 1 } },
    ],
  });
  const places = placesOf(whole);

  it('refuses it with DomainError at every place, in messages of bounded length', () => {
    expect(faultsOf(whole)).toEqual([]);
    // The one word is a well-formed code; whole numbers are right in some places.
    const refusable = HOSTILE.filter((value) => value !== 'constructor' && !Number.isInteger(value));
    for (const place of places) {
      for (const value of refusable) {
        const faults = faultsOf(replaced(whole, place, value));
        expect(faults.length).toBeGreaterThan(0);
        expect(Math.max(...faults.map(({ message }) => message.length))).toBeLessThan(400);
      }
      for (const value of HOSTILE) expect(() => faultsOf(replaced(whole, place, value))).not.toThrow();
    }
  });

  it('refuses every hostile key at every object', () => {
    for (const place of places) {
      const target = place.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], whole);
      if (typeof target !== 'object' || Array.isArray(target)) continue;
      for (const key of ['__proto__', 'constructor', 'toString', '', "a'--", 'k'.repeat(100_000)]) {
        const odd = JSON.parse(`{${JSON.stringify(key)}:1,${JSON.stringify(target).slice(1)}`) as unknown;
        expect(faultsOf(replaced(whole, place, odd)).length).toBeGreaterThan(0);
      }
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('refuses or reads any JSON at all, and never fails otherwise', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (rule) => {
        expect(faultsOf(define(rule)).length).toBeGreaterThan(0);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

type Place = readonly string[];

function placesOf(value: unknown, place: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, part]) => placesOf(part, [...place, key]))];
}

function replaced(value: unknown, [key, ...rest]: Place, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((part, index) => (String(index) === key ? replaced(part, rest, by) : part));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, part]) => [name, name === key ? replaced(part, rest, by) : part]),
  );
}
