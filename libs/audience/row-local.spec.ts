import { DomainError } from '#core';
import type { FieldError } from '#core';
import { leafTypes } from './ast.ts';
import { parseDefinition } from './parse.ts';
import { comparesMembers } from './row-local.ts';

const WINDOW = { lastDays: 30 };
const MILK = { categories: ['milk'] };

function faultsOf(rule: unknown): readonly FieldError[] {
  try {
    parseDefinition({ version: 'audience/1', country: 'FR', rule });
  } catch (error) {
    if (error instanceof DomainError && error.code === 'audience-invalid') return error.text.errors ?? [];
    throw error;
  }
  return [];
}

const MESSAGE = "is a comparison of members, must be a function of one member's own rows and of public constants";

describe('a predicate that compares members', () => {
  it.each<[string, unknown, string]>([
    ['a percentile', { spendPercentile: { products: MILK, window: WINDOW, min: 90 } }, '/rule/spendPercentile'],
    ['a percentile by type', { type: 'spend_percentile', min: 90 }, '/rule/type'],
    ['a percentile by type alone', { type: 'spend_percentile' }, '/rule/type'],
    ['a top decile', { top_decile: { products: MILK, window: WINDOW } }, '/rule/top_decile'],
    ['a quantile', { quantile: { of: 'spend', q: 0.9 } }, '/rule/quantile'],
    ['a rank', { rank: { by: 'spend', max: 1000 } }, '/rule/rank'],
    ['an SQL rank', { PERCENT_RANK: { min: 0.9 } }, '/rule/PERCENT_RANK'],
    ['a lookalike', { lookalike: { seed: 'aud_1', share: 0.05 } }, '/rule/lookalike'],
    ['a look-alike', { 'look-alike': { seed: 'aud_1' } }, '/rule/look-alike'],
    ['a score', { propensityScore: { model: 'm1', min: 0.8 } }, '/rule/propensityScore'],
    ['more than the average', { spendAboveAverage: { products: MILK, window: WINDOW } }, '/rule/spendAboveAverage'],
    ['a share of the mean', { spend_relative_to_mean: { min: 2 } }, '/rule/spend_relative_to_mean'],
    ['one inside a group', { all: [{ any: [{ topBuyers: { of: MILK } }] }] }, '/rule/all/0/any/0/topBuyers'],
    [
      'a key of a leaf',
      { spend: { products: MILK, window: WINDOW, minCents: 1, minPercentile: 90 } },
      '/rule/spend/minPercentile',
    ],
    [
      'a bound of a leaf',
      { spend: { products: MILK, window: WINDOW, minCents: { percentile: 90 } } },
      '/rule/spend/minCents/percentile',
    ],
    [
      'a bound by name',
      { frequency: { products: MILK, window: WINDOW, min: { of: 'top-decile' } } },
      '/rule/frequency/min/of',
    ],
  ])('is refused with what it must be: %s', (_, rule, pointer) => {
    expect(faultsOf(rule)).toEqual([{ pointer, code: 'not-row-local', message: MESSAGE }]);
  });

  it.each<[string, unknown, string]>([
    ['an unknown node', { xor: [] }, '/rule/xor unknown-key'],
    ['an average of own baskets', { averageBasket: { min: 1 } }, '/rule/averageBasket unknown-key'],
    ['a word that holds another', { stopped: {}, desktop: {} }, '/rule wrong-type'],
    [
      'an object for a number',
      { spend: { products: MILK, window: WINDOW, minCents: {} } },
      '/rule/spend/minCents wrong-type',
    ],
  ])('is not seen in %s', (_, rule, expected) => {
    expect(faultsOf(rule).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  it('is none of the leaves there are', () => {
    expect(leafTypes().filter(comparesMembers)).toEqual([]);
  });

  it('is looked for in a bounded part of what came', () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, 1]));
    expect(faultsOf({ ...keys, rank: 1 }).map(({ code }) => code)).toEqual(['wrong-type']);
    expect(comparesMembers(`${'k'.repeat(100_000)} rank`)).toBe(false);
  });
});
