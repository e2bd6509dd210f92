import fc from 'fast-check';
import { canonicalAudience, parseDefinition } from '#audience';
import type { CanonicalAudience, Rule } from '#audience';
import { canonicalJson } from '#core';
import { leafArbitrary, ruleArbitrary } from './audience-arbitrary.ts';
import { AudienceEvaluator } from './audience-evaluator.ts';
import type { Question } from './audience-evaluator.ts';
import { rewritten, varied } from './audience-rewrites.ts';
import type { Choose } from './audience-rewrites.ts';
import { openDemoFile } from './demo-file.ts';
import type { DemoFile } from './demo-file.ts';
import { SqlCounter } from './sql-count.ts';
import { largeManufacturers, vocabularyOf } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

const MEMBERS = 600;
const PAIRS = 1_200;
const SEED = 20_260_302;

interface Judged {
  readonly rule: Rule;
  readonly canonical: CanonicalAudience;
  /** Ids of the members who match by the words of the language, as a text. */
  readonly members: string;
  readonly size: number;
}

type Pair = readonly [Judged, Judged];

let demo: DemoFile;
let vocabulary: Vocabulary;
let judge: (rule: Rule) => Judged | undefined;
const said: Pair[] = [];
const others: Pair[] = [];

beforeAll(async () => {
  demo = await openDemoFile(MEMBERS);
  const manufacturer = largeManufacturers(demo.retail).narrow;
  vocabulary = vocabularyOf(demo.retail, manufacturer, 'FR');
  const counter = await SqlCounter.over(demo.warehouse);
  const evaluator = new AudienceEvaluator(demo.retail);
  judge = (rule) => {
    const question = questionOf(rule, manufacturer);
    if (question === undefined) return undefined;
    const matching = [...evaluator.matching(question)].map(({ id }) => id);
    const canonical = canonicalAudience(counter.resolve(question));
    return { rule: question.definition.rule, canonical, members: matching.join(' '), size: matching.length };
  };
  said.push(...pairs((rule, _, choose) => rewritten(rule, choose, demo.retail.dataThrough)));
  others.push(...pairs((rule, _, choose) => varied(rule, choose)), ...pairs((_, other) => other));
}, 120_000);

afterAll(() => demo?.close());

/** Undefined where a variation is no valid rule any more. */
function questionOf(rule: Rule, manufacturer: string): Omit<Question, 'purposes'> | undefined {
  try {
    const definition = parseDefinition({ version: 'audience/1', country: 'FR', rule });
    return { manufacturer, definition, saved: new Map() };
  } catch {
    return undefined;
  }
}

/** Random rules, each with a second one that is written otherwise. */
function pairs(second: (rule: Rule, other: Rule, choose: Choose) => Rule): Pair[] {
  const rules = ruleArbitrary(leafArbitrary(vocabulary), 2);
  const drawn = fc.sample(fc.tuple(rules, rules, fc.infiniteStream(fc.nat())), { numRuns: PAIRS, seed: SEED });
  return drawn.flatMap(([rule, other, stream]): Pair[] => {
    const choose: Choose = (n) => (stream.next().value ?? 0) % n;
    const [one, two] = [judge(rule), judge(second(rule, other, choose))];
    return one && two && JSON.stringify(one.rule) !== JSON.stringify(two.rule) ? [[one, two]] : [];
  });
}

const sameHash = ([one, two]: Pair): boolean => one.canonical.hash === two.canonical.hash;

const sameMembers = ([one, two]: Pair): boolean => one.members === two.members;

const withoutNumbers = ({ canonical }: Judged): string => canonicalJson(canonical.canonical).replaceAll(/[0-9]/g, '');

/** The shortest two of the pairs, as a failure should show them. */
const shortest = (found: readonly Pair[]): string[] =>
  found
    .map((pair) => JSON.stringify(pair.map(({ rule }) => rule)))
    .toSorted((a, b) => a.length - b.length)
    .slice(0, 2);

describe('a rule said otherwise', () => {
  it('has the same members', () => {
    expect(said.length).toBeGreaterThanOrEqual(1_000);
    expect(shortest(said.filter((pair) => !sameMembers(pair)))).toEqual([]);
  });

  it('has the same hash', () => {
    expect(shortest(said.filter((pair) => !sameHash(pair)))).toEqual([]);
  });
});

describe('of two rules, one a little changed or drawn anew', () => {
  it('those with the same hash have the same members', () => {
    const same = others.filter(sameHash);
    expect(same.length).toBeGreaterThanOrEqual(100);
    expect(shortest(same.filter((pair) => !sameMembers(pair)))).toEqual([]);
  });

  it('those with different members have different hashes', () => {
    const different = others.filter((pair) => !sameMembers(pair));
    expect(different.length).toBeGreaterThanOrEqual(1_000);
    expect(shortest(different.filter(sameHash))).toEqual([]);
  });

  it('some would be confused by a hash that forgot the numbers', () => {
    const confused = others.filter((pair) => withoutNumbers(pair[0]) === withoutNumbers(pair[1]) && !sameMembers(pair));
    expect(confused.length).toBeGreaterThan(0);
  });
});

it('a rule that is said to hold always, or never, does', () => {
  const all = demo.retail.members.filter(({ country }) => country === 'FR').length;
  const decided = [...said, ...others].flat().filter(({ canonical }) => canonical.always !== undefined);
  expect(new Set(decided.map(({ canonical }) => canonical.always)).size).toBe(2);
  expect(decided.filter(({ canonical, size }) => size !== (canonical.always ? all : 0))).toEqual([]);
});
