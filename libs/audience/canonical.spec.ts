import fc from 'fast-check';
import type { AudienceDefinition, Rule } from './ast.ts';
import { canonicalAudience, definitionHash } from './canonical.ts';
import type { CanonicalAudience } from './canonical.ts';
import { LIMITS } from './limits.ts';
import { parseDefinition } from './parse.ts';
import { resolveDefinition } from './resolve.ts';
import { definitionArbitrary } from './testing.ts';
import { SHOP_AS_OF, SHOP_CATALOGUE, SHOP_IDS, matches, shopMembers } from './testing-shop.ts';

const define = (rule: unknown): AudienceDefinition => parseDefinition({ version: 'audience/1', country: 'FR', rule });

const canonicalOf = (definition: AudienceDefinition): CanonicalAudience =>
  canonicalAudience(resolveDefinition(definition, SHOP_CATALOGUE, SHOP_AS_OF));

const hashOf = (rule: unknown): string => canonicalOf(define(rule)).hash;

const DAYS = ['2025-01-05', '2025-03-31'] as const;
/** Leaves room for rewritings that add levels. */
const shallow = definitionArbitrary(SHOP_IDS, { depth: 3, lookbackDays: 80, days: DAYS });

type Choices = () => number;

/** Whole numbers below 2³¹ (the high bits of Knuth's 64-bit linear congruential generator), the same for the same seed. */
function choicesFrom(seed: number): Choices {
  let state = BigInt(seed);
  return () => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 33n);
  };
}

const W = { lastDays: 30 };
const purchased = (products: object, window: object = W) => ({ purchased: { products, window } });
const A = purchased({ brands: ['acme'] });
const B = purchased({ categories: ['tea'] });
const C = { region: { in: ['north'] } };
const D = { spend: { products: { brands: ['bolt'] }, window: W, minCents: 500 } };

describe('rewritings that keep the meaning keep the hash:', () => {
  it.each<[string, unknown, unknown]>([
    ['order of children', { all: [A, B, C] }, { all: [C, A, B] }],
    ['nesting', { all: [A, { all: [B, C] }] }, { all: [{ all: [A, B] }, C] }],
    ['a group of one', A, { any: [{ all: [A] }] }],
    ['a repeated child', { any: [A, B] }, { any: [A, B, A] }],
    ['double negation', A, { none: [{ none: [A] }] }],
    ['De Morgan', { none: [A, B] }, { all: [{ none: [A] }, { none: [B] }] }],
    ['De Morgan, the other way', { none: [{ all: [A, B] }] }, { any: [{ none: [A] }, { none: [B] }] }],
    ['distribution', { all: [A, { any: [B, C] }] }, { any: [{ all: [A, B] }, { all: [A, C] }] }],
    ['absorption', A, { any: [A, { all: [A, B] }] }],
    ['a choice that decides nothing', A, { any: [{ all: [A, D] }, { all: [A, { none: [D] }] }] }],
    ['atLeast 1', { any: [A, B, C] }, { atLeast: { n: 1, of: [A, B, C] } }],
    ['atLeast all', { all: [A, B, C] }, { atLeast: { n: 3, of: [A, B, C] } }],
    [
      'atLeast spelled out',
      { atLeast: { n: 2, of: [A, B, C] } },
      { any: [{ all: [A, B] }, { all: [B, C] }, { all: [A, C] }] },
    ],
    [
      'atLeast negated',
      { none: [{ atLeast: { n: 2, of: [A, B, C] } }] },
      { atLeast: { n: 2, of: [{ none: [A] }, { none: [B] }, { none: [C] }] } },
    ],
    ['notPurchased', { notPurchased: A.purchased }, { none: [A] }],
    ['purchased as a frequency', A, { frequency: { ...A.purchased, min: 1 } }],
    ['notPurchased as a frequency', { none: [A] }, { frequency: { ...A.purchased, max: 0 } }],
    [
      'bounds split under all',
      { frequency: { ...A.purchased, min: 2, max: 5 } },
      { all: [{ frequency: { ...A.purchased, min: 2 } }, { none: [{ frequency: { ...A.purchased, min: 6 } }] }] },
    ],
    ['ids split under any', purchased({ brands: ['acme', 'bolt'] }), { any: [A, purchased({ brands: ['bolt'] })] }],
    [
      'ids repeated and shuffled',
      purchased({ brands: ['acme', 'bolt'] }),
      purchased({ brands: ['bolt', 'acme', 'bolt'] }),
    ],
    [
      'ids that overlap',
      purchased({ gtins: ['3000000000011', '3000000000012', '3000000000013'] }),
      {
        any: [
          purchased({ gtins: ['3000000000011', '3000000000012'] }),
          purchased({ gtins: ['3000000000012', '3000000000013'] }),
        ],
      },
    ],
    [
      'a category node and its leaves',
      purchased({ categories: ['dairy'] }),
      purchased({ categories: ['yoghurt', 'milk'] }),
    ],
    ['regions split under any', { region: { in: ['north', 'east'] } }, { any: [C, { region: { in: ['east'] } }] }],
    [
      'regions intersected',
      C,
      { all: [{ region: { in: ['north', 'east'] } }, { region: { in: ['north', 'south'] } }] },
    ],
    ['every channel', { purchased: { ...A.purchased, channels: ['online', 'store'] } }, A],
    [
      'channels split under any',
      { channel: { in: ['store', 'online'], window: W } },
      { any: [{ channel: { in: ['store'], window: W } }, { channel: { in: ['online'], window: W } }] },
    ],
    [
      'equal days',
      purchased({ brands: ['acme'] }, { lastMonths: 1 }),
      purchased({ brands: ['acme'] }, { from: '2025-03-01', to: '2025-03-31' }),
    ],
    [
      'days before the history',
      purchased({ brands: ['acme'] }, { lastDays: 500 }),
      purchased({ brands: ['acme'] }, { lastDays: 700 }),
    ],
    [
      'recency from its parts',
      { recency: { products: { brands: ['acme'] }, minDaysAgo: 10, maxDaysAgo: 29 } },
      { all: [A, { notPurchased: { products: { brands: ['acme'] }, window: { lastDays: 10 } } }] },
    ],
    [
      'lapsed from its parts',
      { lapsed: { products: { brands: ['acme'] }, activeWindow: W, sinceDays: 10 } },
      { recency: { products: { brands: ['acme'] }, minDaysAgo: 10, maxDaysAgo: 29 } },
    ],
    [
      'newToBrand from its parts',
      { newToBrand: { brands: ['acme'], window: W, lookbackDays: 20 } },
      {
        all: [
          A,
          { notPurchased: { products: { brands: ['acme'] }, window: { from: '2025-02-10', to: '2025-03-01' } } },
        ],
      },
    ],
  ])('%s', (_, one, other) => {
    expect(hashOf(one)).toBe(hashOf(other));
  });

  it('any of them at any depth', () => {
    fc.assert(
      fc.property(shallow, fc.nat().map(choicesFrom), (definition, choices) => {
        const rewritten = { ...definition, rule: rewrite(definition.rule, choices, LIMITS.depth) };
        expect(canonicalOf(rewritten).hash).toBe(canonicalOf(definition).hash);
        expect(definitionHash(rewritten)).toBe(definitionHash(definition));
      }),
      { seed: 21, numRuns: 1000 },
    );
  });

  it('order, nesting, repeats, negation and absorption also beyond the size of a truth table', () => {
    const leaves = Array.from({ length: 16 }, (_, index) => purchased({ brands: ['acme'] }, { lastDays: index + 1 }));
    const [low, high] = [leaves.slice(0, 8), leaves.slice(8)];
    const written = { all: [{ any: low }, { atLeast: { n: 3, of: high } }] };
    const otherwise = {
      all: [
        { none: [{ atLeast: { n: 6, of: negated(high) } }] },
        { none: [{ all: negated(low) }] },
        { any: [{ any: low }, { all: [leaves[0], leaves[9]] }, leaves[3]] },
      ],
    };
    expect(hashOf(written)).toBe(hashOf(otherwise));
    expect(hashOf(written)).not.toBe(hashOf({ any: written.all }));
  });
});

const not = (rule: Rule): Rule => ({ none: [rule] });

function childrenOf(rule: Rule): readonly Rule[] {
  if ('all' in rule) return rule.all;
  if ('any' in rule) return rule.any;
  if ('none' in rule) return rule.none;
  return 'atLeast' in rule ? rule.atLeast.of : [];
}

const negated = (rules: readonly unknown[]) => rules.toReversed().map((rule) => ({ none: [rule] }));

const depthOf = (rule: Rule): number => 1 + Math.max(0, ...childrenOf(rule).map(depthOf));

/** The same meaning written otherwise in at most `room` levels. */
function rewrite(rule: Rule, choices: Choices, room: number): Rule {
  const spare = room - depthOf(rule);
  const wrap = spare >= 1 ? choices() % 6 : 0;
  if (wrap === 1) return { all: [rewrite(rule, choices, room - 1)] };
  if (wrap === 2) return { any: [rewrite(rule, choices, room - 1)] };
  if (wrap === 3 && spare >= 2) return not(not(rewrite(rule, choices, room - 2)));
  const turn = choices() % 2 === 0;
  if ('purchased' in rule && spare >= 1 && turn) return not({ notPurchased: rule.purchased });
  if ('notPurchased' in rule && spare >= 1 && turn) return not({ purchased: rule.notPurchased });

  const dual = spare >= 2 && turn;
  const children = childrenOf(rule).map(
    (child) => [choices(), rewrite(child, choices, room - (dual ? 3 : 1))] as const,
  );
  const shuffled = children.toSorted(([a], [b]) => a - b).map(([, child]) => child);
  return regroup(rule, shuffled, choices() % 3 === 0 ? shuffled.slice(0, 1) : [], dual);
}

/** The group over new children, or its dual by De Morgan; repeats change nothing but a count. */
function regroup(rule: Rule, children: readonly Rule[], repeats: readonly Rule[], dual: boolean): Rule {
  const repeated = [...children, ...repeats];
  if ('all' in rule) return dual ? not({ any: repeated.map(not) }) : { all: repeated };
  if ('any' in rule) return dual ? not({ all: repeated.map(not) }) : { any: repeated };
  if ('none' in rule) return dual ? { all: repeated.map(not) } : { none: repeated };
  if (!('atLeast' in rule)) return rule;
  const { n } = rule.atLeast;
  return dual
    ? not({ atLeast: { n: children.length - n + 1, of: children.map(not) } })
    : { atLeast: { n, of: children } };
}

describe('rules that differ in meaning', () => {
  it('have different hashes: 10,000 random pairs that some member tells apart', () => {
    const random = new Float64Array(1 << 16).map(
      (_, index) => Math.abs(Math.sin(index * 12.9898 + 1) * 43758.5453) % 1,
    );
    let at = 0;
    const members = shopMembers(200, () => random[at++ % random.length]!);
    const toldApart = (one: AudienceDefinition, other: AudienceDefinition): boolean =>
      members.some((member) => matches(one, member) !== matches(other, member));
    const small = definitionArbitrary(SHOP_IDS, { depth: 3, children: 2, lookbackDays: 80, days: DAYS });
    const pairs = fc.tuple(small, small, fc.boolean(), fc.nat().map(choicesFrom));
    let told = 0;
    fc.assert(
      fc.property(pairs, ([one, other, near, choices]) => {
        const second = near ? { ...one, rule: mutate(one.rule, choices) } : other;
        fc.pre(toldApart(one, second));
        told += 1;
        expect(canonicalOf(one).hash).not.toBe(canonicalOf(second).hash);
        expect(definitionHash(one)).not.toBe(definitionHash(second));
      }),
      { seed: 22, numRuns: 10_000, maxSkipsPerRun: 10 },
    );
    expect(told).toBe(10_000);
  });

  it('have different hashes across countries', () => {
    const resolved = resolveDefinition(define(A), SHOP_CATALOGUE, SHOP_AS_OF);
    expect(canonicalAudience({ ...resolved, country: 'ES' }).hash).not.toBe(canonicalAudience(resolved).hash);
    expect(definitionHash({ ...define(A), country: 'ES' })).not.toBe(definitionHash(define(A)));
  });

  it.each<[string, unknown, unknown]>([
    ['one basket more', { frequency: { ...A.purchased, min: 2 } }, { frequency: { ...A.purchased, min: 3 } }],
    ['baskets and cents', { frequency: { ...A.purchased, min: 3 } }, { spend: { ...A.purchased, minCents: 3 } }],
    ['one cent more', D, { spend: { ...D.spend, minCents: 501 } }],
    ['one day more', A, purchased({ brands: ['acme'] }, { lastDays: 31 })],
    ['brand and category against either', purchased({ brands: ['acme'], categories: ['tea'] }), { any: [A, B] }],
    ['brand within category against both', purchased({ brands: ['acme'], categories: ['tea'] }), { all: [A, B] }],
    ['counting a repeated child', { atLeast: { n: 2, of: [A, A, B] } }, { atLeast: { n: 2, of: [A, B, B] } }],
    [
      'two baskets of either against two of one',
      { frequency: { products: { brands: ['acme', 'bolt'] }, window: W, min: 2 } },
      {
        any: [
          { frequency: { products: { brands: ['acme'] }, window: W, min: 2 } },
          { frequency: { products: { brands: ['bolt'] }, window: W, min: 2 } },
        ],
      },
    ],
    ['region and tier', { region: { in: ['north'] } }, { tier: { in: ['gold'] } }],
  ])('even by %s', (_, one, other) => {
    expect(hashOf(one)).not.toBe(hashOf(other));
  });

  it('is seen where only the reading day tells them apart', () => {
    const months = define(purchased({ brands: ['acme'] }, { lastMonths: 1 }));
    const days = define(purchased({ brands: ['acme'] }, { lastDays: 31 }));
    expect(canonicalOf(months).hash).toBe(canonicalOf(days).hash);
    expect(definitionHash(months)).not.toBe(definitionHash(days));
  });

  it('names references by id and version', () => {
    const to = (letter: string, version?: number) =>
      define({ audienceRef: { id: `aud_${letter.repeat(26)}`, ...(version === undefined ? {} : { version }) } });
    const hashes = [to('a'), to('b'), to('a', 1), to('a', 2)].map(definitionHash);
    expect(new Set(hashes).size).toBe(4);
    expect(definitionHash(define({ none: [{ none: [to('a').rule] }] }))).toBe(hashes[0]);
  });
});

/** A small change somewhere in a rule, that most often changes its meaning. */
function mutate(rule: Rule, choices: Choices): Rule {
  const next = choices;
  const one = (children: readonly Rule[]): readonly Rule[] => {
    const target = next() % children.length;
    return children.map((child, index) => (index === target ? mutate(child, choices) : child));
  };
  if (next() % 6 === 0) return { none: [rule] };
  if ('all' in rule) return next() % 3 === 0 ? { any: rule.all } : { all: one(rule.all) };
  if ('any' in rule) return next() % 3 === 0 ? { all: rule.any } : { any: one(rule.any) };
  if ('none' in rule) return next() % 3 === 0 ? { any: rule.none } : { none: one(rule.none) };
  if ('atLeast' in rule) {
    const { n, of } = rule.atLeast;
    return { atLeast: { n: next() % 2 === 0 ? (n % of.length) + 1 : n, of: one(of) } };
  }
  const text = JSON.stringify(rule);
  const edits: readonly ((from: string) => string)[] = [
    (from) => from.replace(/("lastDays":)(\d+)/, (_, key: string, days: string) => `${key}${(Number(days) % 79) + 1}`),
    (from) => from.replace(/("(?:min|max)":)(\d+)/, (_, key: string, bound: string) => `${key}${Number(bound) + 1}`),
    (from) => from.replace(/("m..Cents":)(-?\d+)/, (_, key: string, cents: string) => `${key}${Number(cents) - 40}`),
    (from) => from.replaceAll('acme', 'bolt'),
    (from) => from.replace('"milk"', '"tea"'),
    (from) => from.replace('"north"', '"south"'),
    (from) => from.replace('"purchased"', '"notPurchased"'),
  ];
  return JSON.parse(edits[next() % edits.length]!(text)) as Rule;
}

describe('a canonical audience', () => {
  it.each([
    ['a contradiction', { all: [A, { none: [A] }] }, false],
    ['a tautology', { any: [B, { notPurchased: B.purchased }] }, true],
    ['regions that exclude each other', { all: [C, { region: { in: ['south'] } }] }, false],
    [
      'bounds that exclude each other',
      { all: [{ frequency: { ...A.purchased, min: 3 } }, { frequency: { ...A.purchased, min: 2, max: 2 } }] },
      false,
    ],
    ['a bound that everyone keeps', { frequency: { ...A.purchased, min: 0 } }, true],
  ])('says that %s is one', (_, rule, always) => {
    expect(canonicalOf(define(rule)).always).toBe(always);
  });

  it('says nothing of the kind about a rule that depends on the member', () => {
    expect(canonicalOf(define({ all: [A, B] }))).not.toHaveProperty('always');
  });

  it('gives equal JSON where it gives equal hashes', () => {
    const [one, other] = [{ all: [A, { none: [B] }] }, { none: [B, { none: [A] }] }].map((rule) =>
      canonicalOf(define(rule)),
    );
    expect(one).toEqual(other);
    expect(one?.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});
