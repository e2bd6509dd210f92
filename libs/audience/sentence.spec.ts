import fc from 'fast-check';
import type { AudienceDefinition } from './ast.ts';
import { definitionHash } from './canonical.ts';
import { parseDefinition } from './parse.ts';
import { describe as sentencesOf } from './sentence.ts';
import { definitionArbitrary } from './testing.ts';
import { SHOP_IDS } from './testing-shop.ts';

const define = (rule: unknown, country = 'FR'): AudienceDefinition =>
  parseDefinition({ version: 'audience/1', country, rule });

const NAMES = {
  category: (code: string) => (code === 'milk' ? 'Milk & cream' : undefined),
  brand: (code: string) => (code === 'acme' ? 'Acme “Gold”' : undefined),
};

const W = { lastDays: 30 };

describe('the sentence of a definition', () => {
  it.each<[unknown, string, string]>([
    [
      {
        all: [
          { frequency: { products: { categories: ['milk'] }, window: { lastMonths: 6 }, min: 2 } },
          { notPurchased: { products: { brands: ['acme'] }, window: { lastMonths: 12 } } },
          { region: { in: ['north', 'south', 'east'] } },
        ],
      },
      "Members in France who bought category “Milk & cream” in at least 2 baskets in the last 6 months, and did not buy brand “Acme 'Gold'” in the last 12 months, and live in region north, south or east.",
      "Membres en France qui ont acheté la catégorie « Milk & cream » dans au moins 2 paniers au cours des 6 derniers mois, et n'ont pas acheté la marque « Acme 'Gold' » au cours des 12 derniers mois, et habitent la région north, south ou east.",
    ],
    [
      { none: [{ purchased: { products: { gtins: ['12345678'] }, window: { lastDays: 1 }, channels: ['online'] } }] },
      'Members in France who match none of (bought product 12345678 online on the last day).',
      'Membres en France qui ne remplissent aucune de ces conditions : (ont acheté le produit 12345678 en ligne le dernier jour).',
    ],
    [
      {
        atLeast: {
          n: 1,
          of: [
            { spend: { products: { brands: ['x'], categories: ['y'] }, window: W, minCents: -50, maxCents: 1299 } },
            { all: [{ tier: { in: ['gold'] } }, { store: { in: ['s1'], window: { lastMonths: 1 } } }] },
          ],
        },
      },
      'Members in France who match at least 1 of (spent -0.50 to 12.99 EUR on brand x within category y in the last 30 days; (are in loyalty tier gold, and shopped at store s1 in the last month)).',
      'Membres en France qui remplissent au moins 1 de ces conditions : (ont dépensé -0,50 à 12,99 EUR pour la marque x dans la catégorie y au cours des 30 derniers jours; (ont le niveau de fidélité gold, et ont fait des achats au magasin s1 au cours du dernier mois)).',
    ],
    [
      {
        any: [
          { newToBrand: { brands: ['x'], window: { from: '2025-03-01', to: '2025-03-31' }, lookbackDays: 1 } },
          { lapsed: { products: { brands: ['x'] }, activeWindow: W, sinceDays: 7 } },
          { recency: { products: { brands: ['x'] }, minDaysAgo: 1, maxDaysAgo: 1 } },
          { channel: { in: ['store', 'online'], window: W } },
          { audienceRef: { id: `aud_${'a'.repeat(26)}`, version: 2 } },
        ],
      },
      `Members in France who bought brand x from 1 March 2025 to 31 March 2025 but not in the 1 day before that, or bought brand x in the last 30 days but no longer in the last 7 days, or last bought brand x exactly 1 day ago, or shopped in store or online in the last 30 days, or are in audience aud_${'a'.repeat(26)}, version 2.`,
      `Membres en France qui ont acheté la marque x du 1er mars 2025 au 31 mars 2025 mais pas le jour précédent, ou ont acheté la marque x au cours des 30 derniers jours mais plus au cours des 7 derniers jours, ou ont acheté pour la dernière fois la marque x il y a exactement 1 jour, ou ont fait des achats en magasin ou en ligne au cours des 30 derniers jours, ou appartiennent à l'audience aud_${'a'.repeat(26)}, version 2.`,
    ],
  ])('says all of it in English and French', (rule, en, fr) => {
    expect(sentencesOf(define(rule), NAMES)).toEqual({ en, fr });
  });

  it('names the country and its money', () => {
    const rule = { spend: { products: { brands: ['x'] }, window: W, minCents: 100 } };
    expect(sentencesOf(define(rule, 'BR')).en).toBe(
      'Members in Brazil who spent at least 1.00 BRL on brand x in the last 30 days.',
    );
    expect(sentencesOf(define(rule, 'AE')).fr).toMatch(
      /^Membres aux Émirats arabes unis qui ont dépensé au moins 1,00 AED/,
    );
  });

  it('is never the same for two definitions with different canonical forms', () => {
    const days = ['2025-01-05', '2025-01-07'] as const;
    const near = definitionArbitrary(
      { ...SHOP_IDS, gtins: SHOP_IDS.gtins.slice(0, 2), stores: ['s1'], regions: ['north'], tiers: ['gold'] },
      { depth: 3, children: 2, lookbackDays: 3, days },
    );
    const hashes = { en: new Map<string, string>(), fr: new Map<string, string>() };
    fc.assert(
      fc.property(near, (definition) => {
        const hash = definitionHash(definition);
        const sentences = sentencesOf(definition);
        for (const language of ['en', 'fr'] as const) {
          const known = hashes[language].get(sentences[language]) ?? hash;
          hashes[language].set(sentences[language], known);
          expect(known).toBe(hash);
        }
      }),
      { seed: 41, numRuns: 10_000 },
    );
    expect(hashes.en.size).toBeGreaterThan(2_000);
  });

  it('tells apart trees that differ in grouping only', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((code) => ({ tier: { in: [code] } }));
    const rules = [
      { all: [a, { any: [b, c] }] },
      { any: [{ all: [a, b] }, c] },
      { none: [a, { any: [b, c] }] },
      { all: [{ none: [a] }, b, c] },
      { none: [{ all: [a, b] }, c] },
      { atLeast: { n: 2, of: [a, { any: [b, c] }] } },
      { any: [{ atLeast: { n: 2, of: [a, b] } }, c] },
    ];
    const sentences = rules.map((rule) => sentencesOf(define(rule)));
    expect(new Set(sentences.map(({ en }) => en)).size).toBe(rules.length);
    expect(new Set(sentences.map(({ fr }) => fr)).size).toBe(rules.length);
  });
});
