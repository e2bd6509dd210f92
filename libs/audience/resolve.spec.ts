import fc from 'fast-check';
import { DomainError } from '#core';
import type { AudienceDefinition, Rule } from './ast.ts';
import type { ResolvedAtom, ResolvedProducts } from './atoms.ts';
import { evaluate } from './expr.ts';
import { parseDefinition } from './parse.ts';
import { NO_REFERENCES, loadReferences } from './references.ts';
import { resolveDefinition } from './resolve.ts';
import type { ResolvedAudience } from './resolve.ts';
import { definitionArbitrary } from './testing.ts';
import { SHOP_AS_OF, SHOP_CATALOGUE, SHOP_IDS, matches, shopMembers } from './testing-shop.ts';
import type { ShopMember } from './testing-shop.ts';
import { dayText } from './windows.ts';

const define = (rule: unknown): AudienceDefinition => parseDefinition({ version: 'audience/1', country: 'FR', rule });
const resolve = (rule: unknown): ResolvedAudience => resolveDefinition(define(rule), SHOP_CATALOGUE, SHOP_AS_OF);
const everybody = (products: object, window: object) => ({ frequency: { products, window, min: 0 } });
const bought = (products: object, window: object = { lastDays: 30 }) => ({ purchased: { products, window } });

function refusal(act: () => unknown): DomainError {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const faults = ({ text }: DomainError) => text.errors?.map(({ pointer, code }) => `${pointer} ${code}`);

/** The one atom of a rule that is a single leaf. */
function atomOf({ rule }: ResolvedAudience): ResolvedAtom {
  if (rule.op === 'all' && rule.of[0]?.op === 'atom') return rule.of[0].atom;
  if (rule.op === 'atom') return rule.atom;
  throw new Error(`is ${rule.op}, must be an atom`);
}

const daysOf = (resolved: ResolvedAudience): readonly string[] => {
  const found = atomOf(resolved);
  return found.kind === 'purchases' ? [dayText(found.window.from), dayText(found.window.to)] : [];
};

describe('a resolved rule', () => {
  it('holds for the members whom the definition, word by word, describes', () => {
    const choices = fc.sample(fc.array(fc.nat({ max: 999 }), { minLength: 5000, maxLength: 5000 }), {
      seed: 11,
      numRuns: 1,
    })[0]!;
    let at = 0;
    const members = shopMembers(60, () => choices[at++ % choices.length]! / 1000);
    const days = ['2024-12-20', '2025-03-31'] as const;
    fc.assert(
      fc.property(definitionArbitrary(SHOP_IDS, { lookbackDays: 120, days }), (definition) => {
        const { rule } = resolveDefinition(definition, SHOP_CATALOGUE, SHOP_AS_OF);
        for (const member of members) {
          expect(evaluate(rule, (found) => atomHolds(found, member))).toBe(matches(definition, member));
        }
      }),
      { seed: 12, numRuns: 1000 },
    );
  });

  it('counts no line before the history', () => {
    expect(daysOf(resolve(bought({ brands: ['acme'] }, { lastDays: 400 })))).toEqual(['2025-01-02', '2025-03-31']);
  });

  it('takes GTINs of other brands or categories than named as no product at all', () => {
    const { rule } = resolve(bought({ gtins: ['3000000000011'], brands: ['bolt'] }));
    expect(rule).toEqual({ op: 'constant', value: false });
  });

  it('takes a window before the history as days without lines', () => {
    const window = { from: '2024-01-01', to: '2024-02-01' };
    const frequency = { products: { brands: ['acme'] }, window, max: 3 };
    expect(resolve({ frequency }).rule).toEqual({ op: 'constant', value: true });
    expect(resolve({ frequency: { ...frequency, min: 1 } }).rule).toEqual({ op: 'constant', value: false });
  });
});

function idOf(kind: 'region' | 'tier' | 'store', code: string): number {
  const answer = SHOP_CATALOGUE[kind](code);
  return answer.status === 'found' ? answer.value : -1;
}

/** Truth of a resolved atom, straight from its description. */
function atomHolds(found: ResolvedAtom, member: ShopMember): boolean {
  if (found.kind === 'attribute') return found.ids.includes(idOf(found.attribute, member[found.attribute]));
  const { products, channels, stores, window, min = -Infinity, max = Infinity } = found;
  const lines = member.lines.filter((line) => {
    if (line.day < window.from || line.day > window.to || !isOf(products, line.gtin)) return false;
    return (channels?.includes(line.channel) ?? true) && (stores?.includes(idOf('store', line.store)) ?? true);
  });
  const cents = lines.reduce((sum, { netCents }) => sum + netCents, 0);
  const value = found.measure === 'cents' ? cents : new Set(lines.map(({ basket }) => basket)).size;
  return min <= value && value <= max;
}

function isOf(products: ResolvedProducts | undefined, gtin: string): boolean {
  const product = SHOP_CATALOGUE.product(gtin);
  if (products === undefined || product.status !== 'found') return products === undefined;
  const { productId, brandId, categoryId } = product.value;
  const { brands, categories } = products.products === undefined ? products : products.storedUnder;
  return (
    (products.products?.includes(productId) ?? true) &&
    (brands?.includes(brandId) ?? true) &&
    (categories?.includes(categoryId) ?? true)
  );
}

describe('LOOKBACK_TRUNCATED', () => {
  it.each([
    [bought({ brands: ['acme'] }, { lastDays: 89 }), []],
    [bought({ brands: ['acme'] }, { lastDays: 90 }), [['/rule/purchased/window', 89]]],
    [{ recency: { products: { brands: ['acme'] }, maxDaysAgo: 200 } }, [['/rule/recency/maxDaysAgo', 89]]],
    [{ recency: { products: { brands: ['acme'] }, minDaysAgo: 10 } }, []],
    [{ newToBrand: { brands: ['acme'], window: { lastDays: 30 } } }, [['/rule/newToBrand/lookbackDays', 59]]],
    [
      { newToBrand: { brands: ['acme'], window: { lastDays: 89 }, lookbackDays: 10 } },
      [['/rule/newToBrand/lookbackDays', 0]],
    ],
    [
      { all: [{ channel: { in: ['store'], window: { from: '2024-01-01', to: '2025-01-02' } } }] },
      [['/rule/all/0/channel/window', 1]],
    ],
  ])('tells the days that remain of %j', (rule, expected) => {
    const { warnings } = resolve(rule);
    expect(warnings.map(({ pointer, effectiveDays }) => [pointer, effectiveDays])).toEqual(expected);
  });
});

describe('resolveDefinition refuses', () => {
  it('a window that ends after the last complete day', () => {
    const error = refusal(() => resolve(bought({ brands: ['acme'] }, { from: '2025-03-01', to: '2025-04-01' })));
    expect(error.code).toBe('audience-invalid');
    expect(error.text.errors).toEqual([
      {
        pointer: '/rule/purchased/window/to',
        code: 'in-future',
        message: 'is 2025-04-01, must be 2025-03-31 or earlier, the last day with complete data',
      },
    ]);
  });

  it('a definition of another country', () => {
    const definition = { ...define({ region: { in: ['north'] } }), country: 'ES' as const };
    const error = refusal(() => resolveDefinition(definition, SHOP_CATALOGUE, SHOP_AS_OF));
    expect(faults(error)).toEqual(['/country country-mismatch']);
  });

  it('unknown regions, tiers and stores, all at once', () => {
    const rule = {
      all: [
        { region: { in: ['north', 'west'] } },
        { tier: { in: ['iron'] } },
        { store: { in: ['s9'], window: { lastDays: 1 } } },
      ],
    };
    const error = refusal(() => resolve(rule));
    expect(error.code).toBe('audience-invalid');
    expect(faults(error)).toEqual([
      '/rule/all/0/region/in/1 unknown-code',
      '/rule/all/1/tier/in/0 unknown-code',
      '/rule/all/2/store/in/0 unknown-code',
    ]);
  });

  it.each([
    ['gtins', '3999999999999', '3000000009999'],
    ['brands', 'rival', 'nobody'],
    ['categories', 'cosmetics', 'nothing'],
  ])('%s of others and %s that do not exist in the same words', (list, foreign, unknown) => {
    const [first, second] = [foreign, unknown].map((code) =>
      refusal(() => resolve({ any: [{ region: { in: ['north'] } }, bought({ [list]: [code] })] })),
    );
    expect(first?.code).toBe('product-out-of-scope');
    expect(faults(first!)).toEqual([`/rule/any/1/purchased/products/${list}/0 product-out-of-scope`]);
    expect(JSON.stringify(first?.text).replaceAll(foreign, unknown)).toBe(JSON.stringify(second?.text));
  });

  it('at most twenty products by name', () => {
    const gtins = Array.from({ length: 60 }, (_, index) => String(40_000_000 + index));
    expect(refusal(() => resolve(bought({ gtins }))).text.errors).toHaveLength(20);
  });

  it('products out of scope beside other faults as one invalid definition', () => {
    const error = refusal(() => resolve({ all: [bought({ brands: ['rival'] }), { region: { in: ['west'] } }] }));
    expect(error.code).toBe('audience-invalid');
    expect(faults(error)?.toSorted()).toEqual([
      '/rule/all/0/purchased/products/brands/0 product-out-of-scope',
      '/rule/all/1/region/in/0 unknown-code',
    ]);
  });

  it('checks the codes and the window of a leaf that holds for everybody', () => {
    expect(resolve(everybody({ brands: [SHOP_IDS.brands[0]] }, { lastDays: 30 })).rule).toEqual({
      op: 'constant',
      value: true,
    });
    expect(refusal(() => resolve(everybody({ brands: ['rival'] }, { lastDays: 30 }))).code).toBe(
      'product-out-of-scope',
    );
    const future = { from: '2030-01-01', to: '2031-01-01' };
    expect(faults(refusal(() => resolve(everybody({ brands: [SHOP_IDS.brands[0]] }, future))))).toEqual([
      '/rule/frequency/window/to in-future',
    ]);
  });
});

const id = (letter: string): string => `aud_${letter.repeat(26)}`;

describe('references', () => {
  const to = (letter: string, version?: number) => ({
    audienceRef: { id: id(letter), ...(version === undefined ? {} : { version }) },
  });
  const north: Rule = { region: { in: ['north'] } };

  async function expanded(rule: unknown, saved: Readonly<Record<string, unknown>>, self?: string) {
    const definition = define(rule);
    const load = async ({ id: asked }: { id: string }) => {
      const found = Object.entries(saved).find(([letter]) => id(letter) === asked);
      return found === undefined ? undefined : define(found[1]);
    };
    const references = await loadReferences(definition, load, self);
    return resolveDefinition(definition, SHOP_CATALOGUE, SHOP_AS_OF, references);
  }

  const refused = async (...args: Parameters<typeof expanded>): Promise<DomainError> => {
    const error: unknown = await expanded(...args).catch((thrown: unknown) => thrown);
    if (error instanceof DomainError) return error;
    throw new Error('was not refused');
  };

  it('mean the rules they name, through any number of steps', async () => {
    const { rule } = await expanded({ none: [to('a')] }, { a: { any: [to('b', 2), to('c')] }, b: north, c: north });
    expect(rule).toMatchObject({ op: 'not', of: { of: [{ op: 'any', of: [{ op: 'atom' }, { op: 'atom' }] }] } });
  });

  it.each([
    ['itself', { a: to('a') }, undefined],
    ['itself through another', { a: { all: [north, to('b')] }, b: { none: [to('a', 3)] } }, undefined],
    ['the audience that is being defined', { a: { all: [north, to('z')] }, z: north }, id('z')],
  ])('are refused where an audience refers to %s', async (_, saved, self) => {
    const error = await refused({ all: [to('a')] }, saved, self);
    expect(error.code).toBe('audience-cycle');
    expect(error.text.errors?.[0]?.pointer).toBe('/rule/all/0/audienceRef');
  });

  it('may name one audience twice', async () => {
    await expect(expanded({ any: [to('a'), to('b')] }, { a: to('b'), b: north })).resolves.toBeDefined();
  });

  it('that name nothing are refused at their place', async () => {
    const error = await refused({ any: [north, to('a', 7)] }, {});
    expect(error.text.errors).toEqual([
      {
        pointer: '/rule/any/1/audienceRef',
        code: 'unknown-audience',
        message: `is version 7 of ${id('a')}, must be a saved audience of this brand`,
      },
    ]);
  });

  it('keep the limits on depth and leaves for what they stand for, and faults at their own place', async () => {
    const deep = { all: [{ any: [{ all: [{ any: [north] }] }] }] };
    expect(faults(await refused({ all: [to('a')] }, { a: deep }))).toEqual(['/rule/all/0/audienceRef too-deep']);
    const wide = { any: Array.from({ length: 26 }, () => north) };
    expect(faults(await refused({ all: [to('a'), to('b')] }, { a: wide, b: wide }))).toEqual([
      '/rule/all/1/audienceRef too-many',
    ]);
    const gone = { all: [{ region: { in: ['west'] } }] };
    expect(faults(await refused({ any: [to('a')] }, { a: gone }))).toEqual(['/rule/any/0/audienceRef unknown-code']);
  });

  it('are not followed where none are given', () => {
    const error = refusal(() => resolveDefinition(define(to('a')), SHOP_CATALOGUE, SHOP_AS_OF, NO_REFERENCES));
    expect(faults(error)).toEqual(['/rule/audienceRef unknown-audience']);
  });
});
