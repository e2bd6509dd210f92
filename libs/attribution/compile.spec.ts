import { DomainError } from '#core';
import type { ContributionBounds, Dialect } from '#core';
import { compileMarginal } from './compile.ts';
import type { MarginalOptions, MarginalStatement } from './compile.ts';
import { GRAINS } from './grain.ts';
import type { Grain } from './grain.ts';
import type { Grid } from './grid.ts';
import { coordinatesOf } from './marginal.ts';
import type { Marginal } from './marginal.ts';

const BOUNDS: ContributionBounds = { rows: 5n, rowCents: 2000n, memberCents: 4500n, rowUnits: 10n, memberUnits: 15n };
// Friday 3 October to Sunday 12 October 2025.
const GRID: Grid = { fromDay: 20_364, toDay: 20_373, channels: ['display', 'tv'], storeTypes: ['store', 'online'] };

const compile = (marginal: Marginal, options: Partial<MarginalOptions> = {}, grid = GRID): MarginalStatement =>
  compileMarginal(marginal, BOUNDS, grid, { dialect: 'duckdb', ...options });

const grains = Object.keys(GRAINS) as Grain[];

const EVERY: readonly Marginal[] = grains.flatMap((grain): Marginal[] => [
  { kind: 'members', grain },
  { kind: 'members', grain, slots: ['D', 'L'] },
  ...(['money', 'units'] as const).flatMap((kind) =>
    (['sales', 'returns', 'each'] as const).map((directions): Marginal => ({ kind, grain, directions })),
  ),
  { kind: 'money', grain, directions: 'each', slots: ['R'] },
]);

const everyOf = EVERY.map((marginal) => [JSON.stringify(marginal), marginal] as const);

const MONEY_BY_WEEK_AND_CHANNEL = `WITH
kept AS (
  SELECT * FROM (
    SELECT member_id, t_no, sgn, day_no, channel, store_type, slot,
      CAST(LEAST(GREATEST(COALESCE(cents, 0), -@p0), @p0) AS INT64) AS amount,
      DENSE_RANK() OVER (PARTITION BY member_id ORDER BY t_no, sgn) AS k,
      ROW_NUMBER() OVER (
        PARTITION BY member_id, t_no, sgn
        ORDER BY COALESCE(cents, 0) DESC, COALESCE(units, 0) DESC,
          day_no NULLS LAST, channel NULLS LAST, store_type NULLS LAST, slot NULLS LAST
      ) AS of_day
    FROM \`p.d.contribution\`
    WHERE member_id IS NOT NULL AND t_no IS NOT NULL AND sgn IN (0, 1)
  ) AS numbered
  WHERE of_day = 1 AND k <= @p1
),
capped AS (
  SELECT member_id, t_no, sgn, day_no, channel, store_type, slot, k,
    CAST(
      CASE WHEN amount < 0 THEN -1 ELSE 1 END * (LEAST(so_far, @p2) - LEAST(so_far - ABS(amount), @p2)) AS INT64
    ) AS amount
  FROM (
    SELECT kept.*, SUM(ABS(amount)) OVER (
        PARTITION BY member_id ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS so_far
    FROM kept
  ) AS running
),
digit AS (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
number AS (SELECT a.d + 10 * b.d + 100 * c.d AS n FROM digit AS a CROSS JOIN digit AS b CROSS JOIN digit AS c),
axis_0 AS (SELECT 0 AS ordinal, 0 AS code UNION ALL SELECT 1, 1),
axis_1 AS (SELECT n AS ordinal, @p3 + n AS code FROM number WHERE n < @p4),
axis_2 AS (SELECT 0 AS ordinal, @p5 AS code UNION ALL SELECT 1, @p6),
grid AS (SELECT ((axis_0.ordinal) * @p7 + axis_1.ordinal) * @p8 + axis_2.ordinal AS coordinate, axis_0.code AS key_0, axis_1.code AS key_1, axis_2.code AS key_2 FROM axis_0 CROSS JOIN axis_1 CROSS JOIN axis_2),
placed AS (SELECT amount, slot, sgn AS key_0, CAST((day_no + 3 - MOD(day_no + 3, 7)) / 7 AS INT64) AS key_1, channel AS key_2 FROM capped),
reached AS (SELECT key_0, key_1, key_2, SUM(amount) AS value FROM placed WHERE slot IN (@p9, @p10, @p11) GROUP BY key_0, key_1, key_2)
SELECT grid.coordinate, CAST(COALESCE(reached.value, 0) AS INT64) AS value
FROM grid LEFT JOIN reached ON reached.key_0 = grid.key_0 AND reached.key_1 = grid.key_1 AND reached.key_2 = grid.key_2
ORDER BY grid.coordinate`;

describe('compileMarginal', () => {
  it('writes the reviewed text', () => {
    const marginal: Marginal = { kind: 'money', grain: 'week-channel', directions: 'each', slots: ['D', 'L', 'R'] };
    const compiled = compile(marginal, { dialect: 'bigquery', contributions: '`p.d.contribution`' });
    expect(compiled.sql).toBe(MONEY_BY_WEEK_AND_CHANNEL);
    const values = [2000n, 5n, 4500n, 2909n, 2n, 'display', 'tv', 2n, 2n, 'D', 'L', 'R'];
    expect(compiled.parameters.map(({ value }) => value)).toEqual(values);
    expect(compiled).toMatchObject({ kind: 'money', keys: ['direction', 'week', 'channel'], coordinates: 8 });
  });

  it.each(everyOf)('numbers its parameters in the order of first use and uses each: %s', (_, marginal) => {
    for (const dialect of ['duckdb', 'bigquery'] satisfies Dialect[]) {
      const { sql, parameters } = compile(marginal, { dialect });
      const used = [...new Set(sql.match(/[$@]p\d+/g))].map((mark) => mark.slice(1));
      expect(used).toEqual(parameters.map(({ name }) => name));
      expect(used).toEqual(parameters.map((__, index) => `p${index}`));
    }
  });

  it.each(everyOf)('has one text for both dialects but for the mark: %s', (_, marginal) => {
    const [duckdb, bigquery] = [compile(marginal), compile(marginal, { dialect: 'bigquery' })];
    expect(bigquery.sql.replaceAll('@', '$')).toBe(duckdb.sql);
    expect(bigquery.parameters).toEqual(duckdb.parameters);
    expect(duckdb.sql).not.toMatch(/['"`;\\#]|--|\/\*|QUALIFY|\bDIV\b|\/\//);
  });

  it.each(everyOf)('has one text for other bounds, days and codes: %s', (_, marginal) => {
    const bounds = { rows: 8n, rowCents: 1n, memberCents: 3n, rowUnits: 4n, memberUnits: 6n };
    const grid = { fromDay: 20_000, toDay: 20_090, channels: ['a', 'b'], storeTypes: ['x', 'y'] };
    expect(compileMarginal(marginal, bounds, grid, { dialect: 'duckdb' }).sql).toBe(compile(marginal).sql);
  });

  it.each(everyOf)('has a row for each coordinate of the grid: %s', (_, marginal) => {
    const { coordinates, keys } = compile(marginal);
    const named = coordinatesOf(marginal, GRID);
    expect(coordinates).toBe(named.length);
    expect(new Set(named.map((coordinate) => JSON.stringify(coordinate))).size).toBe(named.length);
    for (const coordinate of named) expect(Object.keys(coordinate)).toEqual(keys);
  });

  it('reads the relation once, and no other', () => {
    for (const marginal of EVERY) {
      const { sql } = compile(marginal, { contributions: 'of_campaign' });
      const defined = [...sql.matchAll(/^(\w+) AS \(/gm)].map(([, name]) => name);
      const read = [...sql.matchAll(/(?:FROM|JOIN) (\w+)/g)].map(([, name]) => name);
      expect(read.filter((name) => !defined.includes(name))).toEqual(['of_campaign']);
    }
  });

  it.each<[string, Marginal, Partial<Grid>]>([
    ['a channel twice', { kind: 'members', grain: 'total' }, { channels: ['tv', 'tv'] }],
    ['no channel, by channel', { kind: 'members', grain: 'channel' }, { channels: [] }],
    ['no store type, by store type', { kind: 'members', grain: 'store-type' }, { storeTypes: [] }],
    ['no slot', { kind: 'members', grain: 'day', slots: [] }, {}],
  ])('refuses %s', (_, marginal, more) => {
    expect(() => compile(marginal, {}, { ...GRID, ...more })).toThrow(DomainError);
  });

  it('takes a grid without channels where none is told apart', () => {
    expect(compile({ kind: 'members', grain: 'day' }, {}, { ...GRID, channels: [] }).coordinates).toBe(10);
  });

  it('refuses bounds under which a sum could leave the 64-bit integers', () => {
    const bounds = { ...BOUNDS, rowCents: 2n ** 61n };
    const compiled = () => compileMarginal({ kind: 'members', grain: 'day' }, bounds, GRID, { dialect: 'duckdb' });
    expect(compiled).toThrow(DomainError);
  });
});

describe('coordinatesOf', () => {
  it('names coordinates by their keys, the last the fastest', () => {
    expect(coordinatesOf({ kind: 'money', grain: 'week-channel', directions: 'each' }, GRID)).toEqual([
      { direction: 'sale', week: 2909, channel: 'display' },
      { direction: 'sale', week: 2909, channel: 'tv' },
      { direction: 'sale', week: 2910, channel: 'display' },
      { direction: 'sale', week: 2910, channel: 'tv' },
      { direction: 'return', week: 2909, channel: 'display' },
      { direction: 'return', week: 2909, channel: 'tv' },
      { direction: 'return', week: 2910, channel: 'display' },
      { direction: 'return', week: 2910, channel: 'tv' },
    ]);
    expect(coordinatesOf({ kind: 'members', grain: 'total' }, GRID)).toEqual([{}]);
    expect(coordinatesOf({ kind: 'members', grain: 'ingest-day' }, GRID)).toHaveLength(10);
  });
});
