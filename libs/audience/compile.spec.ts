import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { DomainError, PURPOSES } from '#core';
import type { CountStatement, Dialect } from '#core';
import type { AudienceDefinition } from './ast.ts';
import { compileCount } from './compile.ts';
import type { CompileOptions } from './compile.ts';
import { parseDefinition } from './parse.ts';
import { resolveDefinition } from './resolve.ts';
import { catalogueOf, definitionArbitrary } from './testing.ts';
import { SHOP_AS_OF, SHOP_CATALOGUE, SHOP_IDS } from './testing-shop.ts';

const MEASUREMENT: Omit<CompileOptions, 'dialect'> = { purposes: ['audience_measurement'] };
const DIALECTS: readonly Dialect[] = ['duckdb', 'bigquery'];

const define = (rule: unknown): AudienceDefinition => parseDefinition({ version: 'audience/1', country: 'FR', rule });

const compile = (definition: AudienceDefinition, options: Partial<CompileOptions> = {}): CountStatement =>
  compileCount(resolveDefinition(definition, SHOP_CATALOGUE, { ...SHOP_AS_OF, historyFrom: '2023-04-01' }), {
    ...MEASUREMENT,
    dialect: 'duckdb',
    ...options,
  });

const sqlOf = (rule: unknown): string => compile(define(rule)).sql;

const ACME = { brands: ['acme'] };
const MILK = { categories: ['milk'] };
const YEAR = { lastMonths: 12 };
const MONTH = { lastDays: 30 };

/** Statements whose text is reviewed as text. */
const GOLDEN: Readonly<Record<string, unknown>> = {
  'category-twice-not-brand-in-regions': {
    all: [
      { frequency: { products: MILK, window: { lastMonths: 6 }, min: 2 } },
      { notPurchased: { products: ACME, window: YEAR } },
      { region: { in: ['north', 'south', 'east'] } },
    ],
  },
  'products-online-or-in-stores': {
    any: [
      { purchased: { products: { gtins: [...SHOP_IDS.gtins] }, window: MONTH, channels: ['online'] } },
      { store: { in: ['s1', 's2', 's3'], window: MONTH } },
      { channel: { in: ['store'], window: { lastDays: 1 } } },
    ],
  },
  'spend-with-and-without-zero': {
    all: [
      { spend: { products: ACME, window: YEAR, minCents: 5000, maxCents: 20_000 } },
      { spend: { products: MILK, window: MONTH, minCents: -100, maxCents: 1000 } },
      { none: [{ spend: { products: MILK, window: YEAR, maxCents: 500_000 } }] },
    ],
  },
  'frequency-bounds': {
    all: [
      { frequency: { products: ACME, window: YEAR, max: 3 } },
      { frequency: { products: MILK, window: YEAR, min: 2, max: 5 } },
      { frequency: { products: { categories: ['tea'] }, window: YEAR, min: 1, max: 4 } },
      { frequency: { products: { categories: ['yoghurt'] }, window: YEAR, max: 0 } },
    ],
  },
  'new-lapsed-recent': {
    any: [
      { newToBrand: { brands: ['acme'], window: MONTH } },
      { lapsed: { products: MILK, activeWindow: YEAR, sinceDays: 90 } },
      { recency: { products: ACME, minDaysAgo: 30, maxDaysAgo: 60 } },
    ],
  },
  'at-least-two-of-four': {
    atLeast: {
      n: 2,
      of: [
        { purchased: { products: ACME, window: YEAR } },
        { tier: { in: ['gold', 'blue'] } },
        { none: [{ region: { in: ['north'] } }] },
        { all: [{ purchased: { products: MILK, window: MONTH } }, { tier: { in: ['gold'] } }] },
      ],
    },
  },
  'brand-within-category': {
    all: [
      { purchased: { products: { brands: ['acme', 'bolt'], categories: ['dairy'] }, window: YEAR } },
      { spend: { products: { brands: ['bolt'], categories: ['tea'] }, window: YEAR, minCents: 1 } },
      { frequency: { products: { brands: ['acme'], categories: ['milk'] }, window: YEAR, min: 3 } },
    ],
  },
  'nested-groups': {
    none: [
      { all: [{ purchased: { products: MILK, window: MONTH } }, { any: [{ tier: { in: ['gold'] } }] }] },
      { any: [{ notPurchased: { products: ACME, window: YEAR } }, { region: { in: ['south'] } }] },
    ],
  },
  everybody: { frequency: { products: MILK, window: MONTH, min: 0 } },
  nobody: { all: [{ tier: { in: ['gold'] } }, { none: [{ tier: { in: ['gold'] } }] }] },
};

const text = ({ sql, parameters }: CountStatement): string =>
  `${sql}\n${parameters.map(({ name, type, value }) => `-- ${name} ${type} ${value}\n`).join('')}`;

describe('the statement', () => {
  it.each(Object.keys(GOLDEN).flatMap((name) => DIALECTS.map((dialect) => [name, dialect] as const)))(
    'of %s in %s is the reviewed one',
    (name, dialect) => {
      const tables = dialect === 'duckdb' ? {} : { tables: (table: string) => `\`haven.${table}\`` };
      const compiled = text(compile(define(GOLDEN[name]), { dialect, ...tables }));
      const file = new URL(`../../test/golden/${name}.${dialect}.sql`, import.meta.url);
      if (process.env['HAVEN_UPDATE_GOLDEN'] === '1') writeFileSync(file, compiled);
      expect(compiled).toBe(readFileSync(file, 'utf8'));
    },
  );
});

const WORDS = new Set(
  `SELECT COUNT DISTINCT SUM AS FROM WHERE AND OR NOT IN BETWEEN GROUP BY HAVING CASE WHEN THEN ELSE END TRUE FALSE 0 1
   EXISTS l members member m line brand_day member_id country region_id tier day basket_id store_id channel product_id
   category_id brand_id net_cents ${PURPOSES.map((purpose) => `c_${purpose}`).join(' ')}`.split(/\s+/),
);

const definitions = definitionArbitrary(SHOP_IDS);

describe('any compiled audience', () => {
  it('is made of words of this library and parameters, nothing of the input', () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const { sql } = compile(definition);
        const words = sql.replaceAll(/\$p\d+/g, ' ').match(/[A-Za-z0-9_]+/g) ?? [];
        expect(words.filter((word) => !WORDS.has(word))).toEqual([]);
        expect(sql).not.toMatch(/['"`;\\#]|--|\/\*/);
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  it('numbers its parameters in the order of first use and uses each', () => {
    fc.assert(
      fc.property(definitions, fc.constantFrom(...DIALECTS), (definition, dialect) => {
        const { sql, parameters } = compile(definition, { dialect });
        const used = [...new Set(sql.match(/[$@]p\d+/g))].map((placeholder) => placeholder.slice(1));
        expect(used).toEqual(parameters.map(({ name }) => name));
        expect(used).toEqual(parameters.map((_, index) => `p${index}`));
      }),
      { seed: 32, numRuns: 500 },
    );
  });

  it('bounds every reading of purchases by the country and a range of days', () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const { sql } = compile(definition);
        const facts = sql.match(/FROM (line|brand_day)\b/g)?.length ?? 0;
        const bounded =
          /FROM (?:line|brand_day)(?: AS l)?\n\s+WHERE country = \$p0\n\s+AND day BETWEEN \$p\d+ AND \$p\d+\n?/g;
        expect(sql.match(bounded)?.length ?? 0).toBe(facts);
        expect(sql).toContain('WHERE m.country = $p0\n  AND m.c_audience_measurement\n');
      }),
      { seed: 33, numRuns: 500 },
    );
  });

  it('has the same text for other ids, days and countries of the same shape', () => {
    const elsewhere = catalogueOf({
      country: 'ES',
      products: new Map(
        SHOP_IDS.gtins.map((gtin) => {
          const found = SHOP_CATALOGUE.product(gtin);
          if (found.status !== 'found') throw new Error(gtin);
          const { productId, brandId, categoryId } = found.value;
          return [gtin, { productId: productId + 70, brandId: brandId + 80, categoryId: categoryId + 900 }];
        }),
      ),
      brands: shifted(SHOP_IDS.brands, (code) => SHOP_CATALOGUE.brand(code), 80),
      categories: new Map(
        SHOP_IDS.categories.map((code) => {
          const found = SHOP_CATALOGUE.category(code);
          return [code, found.status === 'found' ? found.value.map((id) => id + 900) : []];
        }),
      ),
      regions: shifted(SHOP_IDS.regions, (code) => SHOP_CATALOGUE.region(code), 5),
      stores: shifted(SHOP_IDS.stores, (code) => SHOP_CATALOGUE.store(code), 6),
      tiers: shifted(SHOP_IDS.tiers, (code) => SHOP_CATALOGUE.tier(code), 7),
      foreign: new Set(),
    });
    fc.assert(
      fc.property(definitions, (definition) => {
        const here = compile(definition);
        const asOf = { dataThrough: '2024-01-20', historyFrom: '2021-01-01' };
        const there = compileCount(resolveDefinition({ ...definition, country: 'ES' }, elsewhere, asOf), {
          ...MEASUREMENT,
          dialect: 'duckdb',
        });
        expect(there.sql).toBe(here.sql);
        expect(there.parameters[0]?.value).toBe('ES');
      }),
      { seed: 34, numRuns: 500 },
    );
  });

  it('differs between the dialects by marks, names of tables and the form of a grouped test alone', () => {
    fc.assert(
      fc.property(definitions, (definition) => {
        const duckdb = compile(definition);
        const bigquery = compile(definition, { dialect: 'bigquery', tables: (name) => `\`p.d.${name}\`` });
        expect(bigquery.sql.replaceAll('@', '$').replaceAll(/`p\.d\.(\w+)`/g, '$1')).toBe(uncorrelated(duckdb.sql));
        expect(bigquery.parameters).toEqual(duckdb.parameters);
      }),
      { seed: 35, numRuns: 200 },
    );
  });
});

/** DuckDB's correlated form of a grouped test, written as the uncorrelated one. */
const uncorrelated = (sql: string): string =>
  sql
    .replaceAll(/EXISTS \(\n(\s+)SELECT 1/g, 'm.member_id IN (\n$1SELECT member_id')
    .replaceAll(/ AS l\n/g, '\n')
    .replaceAll(/\n\s+AND l\.member_id = m\.member_id/g, '');

function shifted(
  codes: readonly string[],
  look: (code: string) => { status: string; value?: number },
  by: number,
): ReadonlyMap<string, number> {
  return new Map(codes.map((code) => [code, (look(code).value ?? 0) + by]));
}

describe('compileCount', () => {
  it('counts members who consent to every purpose asked for, in one order', () => {
    const [one, other] = [
      ['ads_social', 'audience_measurement'] as const,
      ['audience_measurement', 'ads_social', 'ads_social'] as const,
    ].map((purposes) => compile(define({ tier: { in: ['gold'] } }), { purposes }).sql);
    expect(one).toContain('  AND m.c_audience_measurement\n  AND m.c_ads_social\n');
    expect(other).toBe(one);
  });

  it('refuses to count without a purpose', () => {
    expect(() => compile(define({ tier: { in: ['gold'] } }), { purposes: [] })).toThrow(TypeError);
  });

  it('pads lists to powers of two with an id that is in them', () => {
    const { sql, parameters } = compile(define({ region: { in: ['north', 'south', 'east'] } }));
    expect(sql).toContain('m.region_id IN ($p1, $p2, $p3, $p4)');
    expect(parameters.slice(1).map(({ value }) => value)).toEqual([1n, 2n, 3n, 3n]);
  });

  it('reads the narrow table where it knows enough, else the lines', () => {
    const purchased = (products: object, more: object = {}) =>
      sqlOf({ purchased: { products, window: YEAR, ...more } });
    expect(purchased(ACME)).toContain('FROM brand_day');
    expect(purchased({ ...ACME, ...MILK })).toContain('FROM brand_day');
    expect(sqlOf({ spend: { products: ACME, window: YEAR, minCents: 1 } })).toContain('FROM brand_day');
    expect(purchased(MILK)).toContain('FROM line');
    expect(purchased(ACME, { channels: ['store'] })).toContain('FROM line');
    expect(purchased({ gtins: SHOP_IDS.gtins.slice(0, 1) })).toContain('FROM line');
    expect(sqlOf({ frequency: { products: ACME, window: YEAR, min: 2 } })).toContain('FROM line');
  });

  it('writes conditions that differ in any one part each for itself', () => {
    const body = { products: ACME, window: YEAR, channels: ['store'], min: 2, max: 4 };
    const variants = [
      { frequency: body },
      { frequency: { ...body, min: 3 } },
      { frequency: { ...body, max: 5 } },
      { frequency: { products: ACME, window: YEAR, channels: ['store'], min: 2 } },
      { frequency: { ...body, window: MONTH } },
      { frequency: { ...body, channels: ['online'] } },
      { frequency: { ...body, products: { brands: ['bolt'] } } },
      { frequency: { ...body, products: { ...ACME, ...MILK } } },
      { spend: { products: ACME, window: YEAR, channels: ['store'], minCents: 2, maxCents: 4 } },
      { store: { in: ['s1'], window: YEAR } },
      { store: { in: ['s2'], window: YEAR } },
    ];
    expect(sqlOf({ any: variants }).match(/ (?:IN|EXISTS) \(\n/g)).toHaveLength(variants.length);
  });

  it('writes a repeated or absorbed condition once', () => {
    const bought = { purchased: { products: MILK, window: YEAR } };
    expect(sqlOf({ all: [bought, { any: [bought, { tier: { in: ['gold'] } }] }, bought] })).toBe(sqlOf(bought));
  });

  it('refuses a rule with more parameters than a query may have', () => {
    const gtins = Array.from({ length: 500 }, (_, index) => String(20_000_000 + index));
    const products = new Map(gtins.map((gtin, index) => [gtin, { productId: index, brandId: 1, categoryId: 1 }]));
    const none = new Map<string, never>();
    const catalogue = catalogueOf({
      country: 'FR',
      products,
      brands: none,
      categories: none,
      regions: none,
      stores: none,
      tiers: none,
      foreign: new Set(),
    });
    const leaf = (lastDays: number) => ({ purchased: { products: { gtins }, window: { lastDays } } });
    const resolved = (leaves: number) =>
      resolveDefinition(
        define({ any: Array.from({ length: leaves }, (_, index) => leaf(index + 1)) }),
        catalogue,
        SHOP_AS_OF,
      );
    const options: CompileOptions = { ...MEASUREMENT, dialect: 'bigquery' };
    expect(compileCount(resolved(19), options).parameters.length).toBeLessThanOrEqual(10_000);
    expect(() => compileCount(resolved(20), options)).toThrow(DomainError);
  });
});
