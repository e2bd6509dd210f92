import type { ContributionBounds } from '#core';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import fc from 'fast-check';
import { compileMarginal, coordinatesOf } from '#attribution';
import type { Grid, Marginal } from '#attribution';
import { cappedSql, keptSql } from '../../libs/attribution/bounding-sql.ts';
import { SqlParameters } from '#core';
import { PreparedStatements, mutated } from './duckdb-statement.ts';
import type { Mutation } from './duckdb-statement.ts';
import { slotOf } from './sensitivity-accounts.ts';
import type { Statement } from './sensitivity.ts';

const RUNS = 120;
/** Faults show earlier; some need a rare story. */
const RUNS_OF_FAULTS = 800;
const SEED = 20_260_404;

const GRID: Grid = { fromDay: 20_380, toDay: 20_393, channels: ['display', 'tv'], storeTypes: ['store'] };
const { fromDay: FIRST, toDay: LAST } = GRID;
const LAGS = [0, 1, 1, 3, 7, 7, 8, 12, 20];

/** Few members and days, so that caps bind and rows meet. */
interface Row {
  readonly member: number;
  readonly eventDay: number;
  readonly lag: number;
  readonly sgn: number;
  readonly cents: number;
  readonly channel: string;
}

const rowArbitrary: fc.Arbitrary<Row> = fc.record({
  member: fc.integer({ min: 1, max: 4 }),
  eventDay: fc.integer({ min: FIRST, max: LAST }),
  lag: fc.constantFrom(...LAGS),
  sgn: fc.constantFrom(0, 0, 0, 1),
  cents: fc.constantFrom(1, 300, 999, 2500),
  channel: fc.constantFrom('display', 'tv', 'unlisted'),
});

interface Story {
  readonly rows: readonly Row[];
  readonly bounds: ContributionBounds;
  /** What came in until this day is known. */
  readonly until: number;
}

const storyArbitrary: fc.Arbitrary<Story> = fc.record({
  rows: fc.array(rowArbitrary, { minLength: 1, maxLength: 40 }),
  bounds: fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(700n, 2000n), fc.constantFrom(900n, 2000n, 4000n))
    .map(([rows, rowCents, memberCents]) => ({
      rows: BigInt(rows),
      rowCents,
      memberCents,
      rowUnits: 1n,
      memberUnits: 1n,
    })),
  until: fc.integer({ min: FIRST, max: LAST }),
});

let instance: DuckDBInstance;
let connection: DuckDBConnection;
let statements: PreparedStatements;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  await connection.run(`CREATE TABLE contribution (member_id INTEGER, t_no BIGINT, sgn BIGINT, cents BIGINT, units BIGINT,
    day_no BIGINT, channel VARCHAR, store_type VARCHAR, slot VARCHAR)`);
  await connection.run('CREATE TABLE arrived AS SELECT * FROM contribution');
  statements = new PreparedStatements(connection);
});

afterAll(() => {
  statements.close();
  instance.closeSync();
});

/** Fills `contribution` with everything that will ever come, and `arrived` with what has come. */
async function tell({ rows, until }: Story): Promise<void> {
  for (const table of ['contribution', 'arrived']) {
    await connection.run(`DELETE FROM ${table}`);
    const appender = await connection.createAppender(table);
    for (const { member, eventDay, lag, sgn, cents, channel } of rows) {
      if (table === 'arrived' && eventDay + lag > until) continue;
      appender.appendInteger(member);
      for (const value of [eventDay + lag, sgn, cents, 1, eventDay]) appender.appendBigInt(BigInt(value));
      for (const value of [channel, 'store', sgn === 1 ? 'R' : slotOf(lag)]) appender.appendVarchar(value);
      appender.endRow();
    }
    appender.closeSync();
  }
}

/** Every bounded row, in order. */
function boundedRows(relation: string, bounds: ContributionBounds): Statement {
  const parameters = new SqlParameters('duckdb');
  const tables = [keptSql(relation, 'cents', bounds, parameters), cappedSql('cents', bounds, parameters)];
  const sql = `WITH ${tables.join(',\n')}
    SELECT member_id, k, t_no, sgn, day_no, channel, store_type, slot, amount FROM capped ORDER BY member_id, k`;
  return { sql, parameters: parameters.collected };
}

const T_NO = 2;

type Rows = readonly (readonly DuckDBValue[])[];

type Law = (story: Story) => Promise<boolean>;

const holds = (law: Law): Promise<void> =>
  fc.assert(fc.asyncProperty(storyArbitrary, law), { numRuns: RUNS, seed: SEED });

/** Whether a story breaks a law. A statement that cannot run breaks none. */
async function isBroken(law: Law): Promise<boolean> {
  for (const story of fc.sample(storyArbitrary, { numRuns: RUNS_OF_FAULTS, seed: SEED })) {
    if (!(await law(story))) return true;
  }
  return false;
}

const same = (now: Rows, then: Rows): boolean => String(now) === String(then);

/** The rows bounded today are those of the end with an ingest day until today. */
const rowsStand =
  (...faults: readonly Mutation[]): Law =>
  async (story) => {
    await tell(story);
    const now = await statements.rows(mutated(boundedRows('arrived', story.bounds), ...faults));
    const end = await statements.rows(mutated(boundedRows('contribution', story.bounds), ...faults));
    return same(
      now,
      end.filter((row) => Number(row[T_NO]) <= story.until),
    );
  };

/** Marginals, with the coordinates that nothing can reach any more once a day is in. */
const RELEASED: readonly (readonly [string, Marginal, (day: number, until: number) => boolean])[] = [
  ['members by ingest day', { kind: 'members', grain: 'ingest-day' }, (day, until) => day <= until],
  ['money by ingest day', { kind: 'money', grain: 'ingest-day', directions: 'each' }, (day, until) => day <= until],
  ['members by day, on time', { kind: 'members', grain: 'day', slots: ['D'] }, (day, until) => day + 1 <= until],
  ['members by day, late', { kind: 'members', grain: 'day', slots: ['L'] }, (day, until) => day + 7 <= until],
  [
    'sales by day and channel, on time',
    { kind: 'money', grain: 'day-channel', directions: 'sales', slots: ['D'] },
    (day, until) => day + 1 <= until,
  ],
];

type Released = (typeof RELEASED)[number];

/** What was released stays what it would be. */
const valuesStand =
  ([, marginal, closed]: Released, ...faults: readonly Mutation[]): Law =>
  async (story) => {
    await tell(story);
    const [now, end] = await Promise.all(
      ['arrived', 'contribution'].map((contributions) => {
        const statement = compileMarginal(marginal, story.bounds, GRID, { dialect: 'duckdb', contributions });
        return statements.rows(mutated(statement, ...faults));
      }),
    );
    const days = coordinatesOf(marginal, GRID).map((coordinate) => coordinate['event-day'] ?? coordinate['ingest-day']);
    const stands = (_: unknown, index: number): boolean => closed(Number(days[index]), story.until);
    return same(now!.filter(stands), end!.filter(stands));
  };

it('what was bounded until a day is never bounded otherwise', async () => {
  await expect(holds(rowsStand())).resolves.toBeUndefined();
});

it.each(RELEASED)('a released value stands: %s', async (...released) => {
  await expect(holds(valuesStand(released))).resolves.toBeUndefined();
});

describe('the laws would tell that', () => {
  const byEventDay = ['ORDER BY t_no, sgn)', 'ORDER BY day_no, t_no, sgn)'] as const;

  it('rows are numbered by the day of the purchase', async () => {
    expect(await isBroken(rowsStand(byEventDay))).toBe(true);
  });

  it.each(RELEASED)('rows are numbered by the day of the purchase: %s', async (...released) => {
    expect(await isBroken(valuesStand(released, byEventDay))).toBe(true);
  });

  it('the smallest rows fill the running cap first', async () => {
    const byAmount: Mutation = [
      'PARTITION BY member_id ORDER BY k ROWS',
      'PARTITION BY member_id ORDER BY amount, k ROWS',
    ];
    expect(await isBroken(rowsStand(byAmount))).toBe(true);
  });

  it('a member counts by the last row in a coordinate', async () => {
    const onTime = RELEASED[2]!;
    const last: Mutation = ['ORDER BY k) AS visit', 'ORDER BY k DESC) AS visit'];
    expect(await isBroken(valuesStand(onTime, last))).toBe(true);
  });
});
