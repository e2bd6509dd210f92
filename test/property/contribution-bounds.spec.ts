import { GRAINS, compileMarginal, coordinatesOf } from '#attribution';
import type { Grain, Marginal } from '#attribution';
import { mutated } from './duckdb-statement.ts';
import type { Mutation } from './duckdb-statement.ts';
import { boundedByHand, vectorByHand } from './contribution-oracle.ts';
import { ContributionDatabases } from './sensitivity-contribution-databases.ts';
import { contributionBatch } from './sensitivity-contributions.ts';

/** 120 databases under ten sets of bounds and grids. The same ones in every run. */
const BATCHES = 10;
const SIZE = 12;
const SEED = 20_260_403;

const MARGINALS: readonly Marginal[] = [
  ...(Object.keys(GRAINS) as Grain[]).flatMap((grain): Marginal[] => [
    { kind: 'members', grain },
    { kind: 'money', grain, directions: 'each' },
  ]),
  { kind: 'units', grain: 'total', directions: 'each' },
  { kind: 'units', grain: 'week-channel', directions: 'each' },
  { kind: 'money', grain: 'day', directions: 'sales', slots: ['D'] },
  { kind: 'money', grain: 'week', directions: 'returns' },
  { kind: 'members', grain: 'day', slots: ['L'] },
  { kind: 'members', grain: 'week', slots: ['D', 'L'] },
];

const nameOf = (marginal: Marginal): string => JSON.stringify(marginal);

const databases: ContributionDatabases[] = [];

beforeAll(async () => {
  for (let batch = 0; batch < BATCHES; batch++) {
    const made = contributionBatch(SEED, batch, SIZE);
    databases.push(await ContributionDatabases.of({ ...made, heavy: undefined, pairs: [] }));
  }
});

afterAll(() => {
  for (const each of databases) each.close();
});

/** Of one database: what the statement gives and what the words say. */
interface Verdict {
  readonly sql: readonly bigint[] | undefined;
  readonly words: readonly bigint[];
}

async function verdicts(marginal: Marginal, ...faults: readonly Mutation[]): Promise<readonly Verdict[]> {
  const found: Verdict[] = [];
  for (const each of databases) {
    const { bounds, grid, rows } = each.batch;
    const statement = compileMarginal(marginal, bounds, grid, { dialect: 'duckdb' });
    expect(statement.coordinates).toBe(coordinatesOf(marginal, grid).length);
    for (const [database, sql] of await each.whole(mutated(statement, ...faults))) {
      const kept = boundedByHand(
        rows.filter((row) => row.database === database),
        bounds,
      );
      found.push({ sql, words: vectorByHand(marginal, kept, grid) });
    }
  }
  return found;
}

it.each(MARGINALS.map((marginal) => [nameOf(marginal), marginal] as const))(
  'the statement gives what the words say: %s',
  async (_, marginal) => {
    const found = await verdicts(marginal);
    expect(found).toHaveLength(BATCHES * SIZE);
    for (const { sql, words } of found) expect(sql).toEqual(words);
    expect(found.filter(({ words }) => words.some((value) => value !== 0n)).length).toBeGreaterThan(found.length / 2);
  },
);

const SALES: Marginal = { kind: 'money', grain: 'day-channel', directions: 'sales' };
const WEEKS: Marginal = { kind: 'members', grain: 'week' };
const UNITS: Marginal = { kind: 'units', grain: 'total', directions: 'each' };

const FAULTS: readonly (readonly [string, Marginal, Mutation])[] = [
  ['one row fewer is kept', SALES, ['k <= $p1', 'k < $p1']],
  ['returns come before sales', SALES, ['ORDER BY t_no, sgn)', 'ORDER BY t_no, sgn DESC)']],
  ['rows are numbered by the day of the purchase', SALES, ['ORDER BY t_no, sgn)', 'ORDER BY day_no, t_no, sgn)']],
  ['the smallest of several rows is kept', SALES, ['COALESCE(cents, 0) DESC', 'COALESCE(cents, 0)']],
  ['of equal rows the one with fewest units is kept', UNITS, ['COALESCE(units, 0) DESC', 'COALESCE(units, 0)']],
  ['rows of nobody count', WEEKS, ['member_id IS NOT NULL AND ', '']],
  ['rows that came in on no day count', SALES, ['t_no IS NOT NULL AND ', '']],
  ['a row is not clipped', SALES, ['LEAST(GREATEST(COALESCE(cents, 0), -$p0), $p0)', 'COALESCE(cents, 0)']],
  ['the running cap is ignored', SALES, ['FROM capped', 'FROM kept']],
  ['the running cap knows no sign', SALES, ['CASE WHEN amount < 0 THEN -1 ELSE 1 END', '1']],
  ['weeks begin on Sunday', WEEKS, ['+ 3', '+ 4']],
  ['a member counts once in each slot', { ...WEEKS, slots: ['L'] }, ['member_id, key_0', 'member_id, slot, key_0']],
  ['a returning member counts', WEEKS, [' WHERE sgn = 0', '']],
];

it.each(FAULTS)('would tell that %s', async (_, marginal, fault) => {
  const found = await verdicts(marginal, fault);
  const differing = found.filter(({ sql, words }) => sql !== undefined && String(sql) !== String(words));
  expect(differing.length).toBeGreaterThan(0);
});
