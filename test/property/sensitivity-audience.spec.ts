import fc from 'fast-check';
import { compileCount, parseDefinition } from '#audience';
import { questionArbitrary } from './audience-arbitrary.ts';
import type { Question } from './audience-evaluator.ts';
import { COMPARING_AUDIENCES } from './comparing-audiences.ts';
import { integer, mutated } from './duckdb-statement.ts';
import { repeat } from './sensitivity-accounts.ts';
import { RetailDatabases } from './sensitivity-retail.ts';
import { HEAVY_LINES, VOCABULARY } from './sensitivity-shoppers.ts';
import { sensitivityOf } from './sensitivity.ts';
import type { Finding, ReleaseQuery, Statement } from './sensitivity.ts';
import { SqlCounter } from './sql-count.ts';

/** Each database answers three random audiences, each audience is asked of five. The same ones in every run. */
const DATABASES = 500;
const AUDIENCES = 300;
const AUDIENCES_EACH = 3;
const SEED = 20_260_405;

/** Faulty releases are to be told apart by this many databases. */
const TOLD_WITHIN = 30;

const EVERYBODY: Question = {
  manufacturer: VOCABULARY.manufacturer,
  definition: parseDefinition({ version: 'audience/1', country: 'FR', rule: { region: { in: VOCABULARY.regions } } }),
  saved: new Map(),
  purposes: ['audience_measurement'],
};

/** The size of an audience, as the product declares it: one member changes it by one. */
const sizes = (audiences: readonly (readonly [name: string, statement: Statement])[]): ReleaseQuery => ({
  name: 'audience sizes',
  marginals: audiences.map(([name, statement]) => ({ name, compile: () => [statement], declaredSquared: 1n })),
});

let retail: RetailDatabases;
let everybody: Statement;
/** Some of the audiences, asked of the whole file by the product's door. */
const byTheDoor: { readonly statement: Statement; readonly members: bigint }[] = [];
const findings: Finding[] = [];
/** For each of `byTheDoor` the sum of the sizes in all databases. */
const sums = [0n, 0n];

beforeAll(async () => {
  retail = await RetailDatabases.create(SEED, DATABASES);
  const counter = await SqlCounter.over(retail.warehouse);
  const compile = (question: Question): Statement =>
    compileCount(counter.resolve(question), { purposes: question.purposes, dialect: 'duckdb' });
  const questions = fc.sample(questionArbitrary(VOCABULARY), { numRuns: AUDIENCES, seed: SEED });
  for (const question of [EVERYBODY, ...questions.slice(0, sums.length - 1)]) {
    byTheDoor.push({ statement: compile(question), members: BigInt(await counter.count(question)) });
  }
  everybody = compile(EVERYBODY);
  const statements = questions.map(compile);
  await retail.takeApart();
  for (let database = 1; database <= DATABASES; database++) {
    const loaded = await retail.load(database);
    const asked = repeat(AUDIENCES_EACH, (nth) => (AUDIENCES_EACH * database + nth) % AUDIENCES);
    const query = sizes(asked.map((audience) => [`audience ${audience}`, statements[audience]!]));
    findings.push(...(await sensitivityOf(query, loaded)));
    for (const [index, { statement }] of byTheDoor.entries()) {
      const [row] = await loaded.rows(statement);
      sums[index] = sums[index]! + integer(row?.[0]);
    }
  }
}, 240_000);

afterAll(() => retail?.close());

it('one member changes the size of an audience by at most one', () => {
  expect(findings).toHaveLength(DATABASES * AUDIENCES_EACH);
  expect(findings.flatMap(({ breaches }) => breaches)).toEqual([]);
});

it('and often by one', () => {
  const changed = findings.filter(({ largestSquared }) => largestSquared === 1n);
  expect(changed.length).toBeGreaterThan(findings.length / 3);
  expect(new Set(changed.map(({ marginal }) => marginal)).size).toBeGreaterThan(AUDIENCES / 2);
});

it('the databases together have the size that the product counts for the file', () => {
  expect(sums).toEqual(byTheDoor.map(({ members }) => members));
  expect(sums.every((sum) => sum > 0n)).toBe(true);
});

it.each<[string, string]>([
  [
    `an account with ${HEAVY_LINES} lines`,
    `SELECT 1 FROM loaded.line GROUP BY member_id HAVING count(*) >= ${HEAVY_LINES}`,
  ],
  ['the most that a line can cost', 'SELECT 1 FROM loaded.line WHERE net_cents = 2147483647'],
  ['the most that a line can give back', 'SELECT 1 FROM loaded.line WHERE net_cents = -2147483648'],
  ['lines as clocks go forward', "SELECT 1 FROM loaded.line WHERE day = DATE '2025-03-30'"],
  ['lines as clocks go back', "SELECT 1 FROM loaded.line WHERE day = DATE '2025-10-26'"],
  ['lines listed twice', 'SELECT 1 FROM loaded.line GROUP BY ALL HAVING count(*) > 1'],
  ['returns', 'SELECT 1 FROM loaded.line WHERE quantity < 0'],
  ['lines abroad', 'SELECT 1 FROM loaded.line JOIN loaded.member m USING (member_id) WHERE line.country <> m.country'],
  ['accounts with two cards', 'SELECT 1 FROM loaded.pii.member_key GROUP BY member_id HAVING count(*) = 2'],
  ['accounts without lines', 'SELECT 1 FROM loaded.member WHERE member_id NOT IN (SELECT member_id FROM loaded.line)'],
  [
    'accounts of one week, store and channel',
    `SELECT 1 FROM loaded.line GROUP BY member_id
     HAVING count(*) > 5 AND max(day) - min(day) < 7 AND count(DISTINCT store_id * 10 + channel) = 1`,
  ],
  [
    'consent given and withdrawn at one instant',
    'SELECT 1 FROM loaded.consent_event GROUP BY member_id, purpose, effective_at HAVING count(DISTINCT status) = 2',
  ],
  [
    'consent withdrawn and given again',
    `SELECT 1 FROM loaded.consent_event GROUP BY member_id, purpose
     HAVING max_by(status, effective_at) = 'granted' AND min_by(status, effective_at) = 'withdrawn'`,
  ],
])('the databases hold %s', async (_, sql) => {
  const loaded = await retail.load(1);
  expect((await loaded.rows({ sql, parameters: [] })).length).toBeGreaterThan(0);
});

/** Joins, to the members counted, rows of which a member may have several. */
const joinedTo = (join: string): Statement => mutated(everybody, ['FROM member AS m', `FROM member AS m ${join}`]);

const FAULTY: Readonly<Record<string, () => Statement>> = {
  ...Object.fromEntries(
    Object.entries(COMPARING_AUDIENCES).map(([name, statement]) => [`a member counts ${name}`, () => statement]),
  ),
  'two cards are two members': () => joinedTo('JOIN pii.member_key AS k ON k.member_id = m.member_id'),
  'lines are counted, not members': () => joinedTo('JOIN line AS l ON l.member_id = m.member_id'),
  'a member counts for each consent given': () =>
    joinedTo("JOIN consent_event AS e ON e.member_id = m.member_id AND e.status = 'granted'"),
};

it.each(Object.entries(FAULTY))(`would tell within ${TOLD_WITHIN} databases that %s`, async (name, make) => {
  const told: number[] = [];
  for (let database = 1; database <= TOLD_WITHIN; database++) {
    const [finding] = await sensitivityOf(sizes([[name, make()]]), await retail.load(database));
    if (finding!.breaches.length > 0) told.push(database);
  }
  expect(told.length).toBeGreaterThanOrEqual(2);
});
