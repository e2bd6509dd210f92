import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { compileCount } from '#audience';
import type { Dialect } from '#core';
import { questionArbitrary } from './audience-arbitrary.ts';
import type { Question } from './audience-evaluator.ts';
import { COMPARING_AUDIENCES } from './comparing-audiences.ts';
import { integer, mutated } from './duckdb-statement.ts';
import { RetailDatabases } from './sensitivity-retail.ts';
import type { LoadedDatabase } from './sensitivity-retail.ts';
import { VOCABULARY } from './sensitivity-shoppers.ts';
import type { Statement } from './sensitivity.ts';
import { SqlCounter } from './sql-count.ts';

const DATABASES = 60;
const RUNS = 150;
const SEED = 20_260_406;

/** Audiences that compare members are to be told apart by this many databases. */
const TOLD_WITHIN = 40;

let retail: RetailDatabases;
let counter: SqlCounter;

beforeAll(async () => {
  retail = await RetailDatabases.create(SEED, DATABASES);
  counter = await SqlCounter.over(retail.warehouse);
  await retail.takeApart();
}, 60_000);

afterAll(() => retail?.close());

const questions = questionArbitrary(VOCABULARY);

const compile = (question: Question, dialect: Dialect = 'duckdb'): Statement =>
  compileCount(counter.resolve(question), { purposes: question.purposes, dialect });

/** The ids of the members that a statement counts, in order. */
async function counted(statement: Statement, loaded: LoadedDatabase): Promise<readonly bigint[]> {
  const rows = await loaded.rows(mutated(statement, ['COUNT(*) AS members', 'm.member_id']));
  return rows.map(([id]) => integer(id)).toSorted((a, b) => Number(a - b));
}

/** The members without whom it changes who of the others matches. */
async function deciding(statement: Statement, database: number): Promise<readonly number[]> {
  const loaded = await retail.load(database, 'all');
  const all = await counted(statement, loaded);
  const found: number[] = [];
  for (const { removed } of loaded.pairs) {
    const others = await loaded.without(removed, () => counted(statement, loaded));
    if (String(others) !== String(all.filter((id) => id !== BigInt(removed)))) found.push(removed);
  }
  return found;
}

describe('whether a member matches', () => {
  it('rests on no other member, for random audiences on random databases', async () => {
    const local = fc.asyncProperty(questions, fc.integer({ min: 1, max: DATABASES }), async (question, database) => {
      expect(await deciding(compile(question), database)).toEqual([]);
    });
    await fc.assert(local, { numRuns: RUNS, seed: SEED });
  });

  it.each(Object.entries(COMPARING_AUDIENCES))(
    `would be seen within ${TOLD_WITHIN} databases to rest on others: %s`,
    async (_, statement) => {
      const told: number[] = [];
      for (let database = 1; database <= TOLD_WITHIN; database++) told.push(...(await deciding(statement, database)));
      expect(told.length).toBeGreaterThan(0);
    },
  );
});

/** What in a statement could make one member's rows matter for another, read off the text. */
function comparisons(sql: string): readonly string[] {
  const words =
    /\b(OVER|QUALIFY|WINDOW|PARTITION|ROW_NUMBER|\w*RANK|NTILE|PERCENTILE\w*|APPROX\w*|\w*QUANTILE\w*|MEDIAN|AVG|STDDEV\w*|VAR\w*|MIN|MAX|LIMIT|ORDER|UNION|LATERAL|JOIN|WITH)\b/gi;
  const lines = sql.split('\n').map((line) => line.trim());
  const [head, from, ...rest] = lines;
  const text = rest.join('\n');
  return [
    ...[...sql.matchAll(words)].map(([word]) => word),
    ...(head === 'SELECT COUNT(*) AS members' ? [] : ['not one count']),
    ...(/^FROM `?[\w.]*member`? AS m$/.test(from ?? '') ? [] : ['not of members']),
    ...leftOver(text).map((line) => `not of one member: ${line}`),
  ];
}

const VALUE = '[$@]p\\d+';
const TABLE = '`?[\\w.]*(?:line|brand_day)`?';
const CONDITION = `(?:WHERE|AND) (?:country = ${VALUE}|day BETWEEN ${VALUE} AND ${VALUE}|\\w+ IN \\(${VALUE}(?:, ${VALUE})*\\))\n`;
const BOUND = `(?:SUM\\(net_cents\\)|COUNT\\(DISTINCT basket_id\\)) [<>=]+ ${VALUE}`;
const SUMMED = `GROUP BY member_id\nHAVING ${BOUND}(?: (?:AND|OR) ${BOUND})?\n`;

/** Readings of purchases: as a list of members with their own rows added up, or of the rows of the member at hand. */
const OWN_ROWS = [
  new RegExp(`m\\.member_id (?:NOT )?IN \\(\nSELECT member_id\nFROM ${TABLE}\n(?:${CONDITION})+(?:${SUMMED})?\\)`, 'g'),
  new RegExp(
    `EXISTS \\(\nSELECT 1\nFROM ${TABLE} AS l\n(?:${CONDITION})+AND l\\.member_id = m\\.member_id\n${SUMMED}\\)`,
    'g',
  ),
];

/** Lines beside `OWN_ROWS` that read rows or add them up. */
const leftOver = (text: string): readonly string[] =>
  OWN_ROWS.reduce((left, own) => left.replaceAll(own, 'own rows'), text)
    .split('\n')
    .filter((line) => /\b(SELECT|FROM|GROUP|HAVING|SUM|COUNT)\b/.test(line));

const GOLDEN = join(import.meta.dirname, '../golden');
const golden = readdirSync(GOLDEN)
  .map(
    (name) =>
      [
        name,
        readFileSync(join(GOLDEN, name), 'utf8')
          .replaceAll(/^-- .*\n/gm, '')
          .trim(),
      ] as const,
  )
  .filter(([, sql]) => sql.startsWith('SELECT COUNT(*) AS members'));

describe('a compiled audience', () => {
  it.each(golden)('adds up and compares rows of one member only, as reviewed: %s', (_, sql) => {
    expect(comparisons(sql)).toEqual([]);
  });

  it.each(['duckdb', 'bigquery'] as const)(
    'adds up and compares rows of one member only, for random audiences in %s',
    (dialect) => {
      fc.assert(
        fc.property(questions, (question) => {
          expect(comparisons(compile(question, dialect).sql)).toEqual([]);
        }),
        { numRuns: 500, seed: SEED },
      );
    },
  );

  it.each(Object.entries(COMPARING_AUDIENCES))('would be seen to compare members: %s', (_, { sql }) => {
    expect(comparisons(sql).length).toBeGreaterThan(0);
  });

  it('is reviewed in every form', () => {
    expect(golden.length).toBeGreaterThanOrEqual(20);
    const all = golden.map(([, sql]) => sql).join('\n');
    for (const word of ['EXISTS', 'NOT IN', 'HAVING SUM', 'HAVING COUNT']) expect(all).toContain(word);
  });

  it.each([
    ['sums over members', 'GROUP BY member_id', 'GROUP BY region_id'],
    ['reads rows of any member', 'AND l.member_id = m.member_id\n', 'AND l.member_id > m.member_id\n'],
    [
      'holds its rows against those of all',
      'COUNT(DISTINCT basket_id) >= $p4',
      'COUNT(DISTINCT basket_id) >= (SELECT COUNT(*) FROM member)',
    ],
  ])('would be seen when it %s', (_, part, by) => {
    const found = golden.filter(
      ([name, sql]) => name.endsWith('.duckdb.sql') && sql.replaceAll(/^ +/gm, '').includes(part),
    );
    expect(found.length).toBeGreaterThan(0);
    for (const [, sql] of found) {
      expect(comparisons(sql.replaceAll(/^ +/gm, '').replace(part, by)).length).toBeGreaterThan(0);
    }
  });
});
