import { DataSource } from 'typeorm';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { MIGRATION_LOCK, migrate } from '../../src/database/migrate.ts';
import { MIGRATIONS } from '../../src/database/migrations/index.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { catalogue } from './catalogue.ts';
import type { Catalogue, ConstraintRow } from './catalogue.ts';

const NOTHING: Catalogue = { tables: [], columns: [], constraints: [], indexes: [], triggers: [], functions: [] };

/** Tables whose rows are facts: written once, never changed. */
const APPEND_ONLY = ['audience_version', 'audit_entry', 'budget_adjustment'];

const emptyDatabase = (): Promise<DatabaseConnection> =>
  createTestDatabase('migrations', { template: 'haven_empty', migrate: () => Promise.resolve() });

async function withSource<T>(connection: DatabaseConnection, work: (source: DataSource) => Promise<T>): Promise<T> {
  const source = await new DataSource(dataSourceOptions(connection)).initialize();
  try {
    return await work(source);
  } finally {
    await source.destroy();
  }
}

describe('a migrated database', () => {
  let source: DataSource;
  let found: Catalogue;

  beforeAll(async () => {
    source = await new DataSource(dataSourceOptions(await createTestDatabase('migrated'))).initialize();
    found = await catalogue(source);
  });

  afterAll(() => source.destroy());

  it('says of every table and column what it is', () => {
    expect(found.tables.length).toBeGreaterThan(10);
    const silent = [...found.tables, ...found.columns].filter(({ comment }) => comment === null || comment.length < 3);
    expect(silent).toEqual([]);
  });

  it('has only names that the migrations chose', () => {
    const ofConstraint: Record<ConstraintRow['kind'], RegExp> = {
      p: /_pk$/,
      f: /_fk$/,
      u: /_unique$/,
      // PostgreSQL's own end in _check.
      c: /(?<!_check\d*)$/,
    };
    const constraints = found.constraints.filter(
      ({ table, name, kind }) => !name.startsWith(`${table}_`) || !ofConstraint[kind].test(name),
    );
    const indexes = found.indexes.filter(
      ({ table, name }) => !name.startsWith(`${table}_`) || !/_(index|unique)$/.test(name),
    );
    expect([...constraints, ...indexes]).toEqual([]);
  });

  it('has just the columns that the entities read', () => {
    const entities = source.entityMetadatas.map(({ tableName }) => tableName).toSorted();
    const mapped = source.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column) => ({
        table: tableName,
        column: column.databaseName,
        type: `${LONG_NAMES[String(column.type)] ?? String(column.type)}${column.isArray ? '[]' : ''}`,
        nullable: column.isNullable,
      })),
    );
    const stored = found.columns
      .filter(({ table }) => entities.includes(table))
      .map(({ table, column, type, nullable }) => ({ table, column, type, nullable }));
    expect(mapped.toSorted(byName)).toEqual(stored.toSorted(byName));
    expect(entities).toEqual([
      'agency',
      'agency_grant',
      'api_key',
      'audience',
      'audience_version',
      'brand',
      'identity',
    ]);
  });

  it('keeps facts in tables that can only grow', async () => {
    expect([...new Set(found.triggers.map(({ table }) => table))]).toEqual(APPEND_ONLY);
    for (const table of APPEND_ONLY) {
      for (const change of [`UPDATE ${table} SET created_by = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`]) {
        const text = table === 'audience_version' ? change : change.replace('created_by', 'actor');
        await expect(source.query(text)).rejects.toMatchObject({ code: RESTRICT_VIOLATION });
      }
    }
  });
});

it('is taken down to nothing, step by step, and built up again the same', async () => {
  await withSource(await emptyDatabase(), async (source) => {
    await source.runMigrations({ transaction: 'each' });
    const built = await catalogue(source);
    for (const _ of MIGRATIONS) await source.undoLastMigration({ transaction: 'each' });
    expect(await catalogue(source)).toEqual(NOTHING);
    await source.runMigrations({ transaction: 'each' });
    expect(await catalogue(source)).toEqual(built);
  });
});

it('each migration takes back just what it made', async () => {
  await withSource(await emptyDatabase(), async (source) => {
    const stages = [NOTHING];
    for (const Migration of MIGRATIONS) {
      await inRunner(source, (runner) => new Migration().up(runner));
      stages.push(await catalogue(source));
    }
    for (const [i, Migration] of [...MIGRATIONS.entries()].toReversed()) {
      await inRunner(source, (runner) => new Migration().down(runner));
      expect(await catalogue(source)).toEqual(stages[i]);
    }
  });
});

it('lets replicas that start at once migrate one after the other', async () => {
  const connection = await emptyDatabase();
  await Promise.all([migrate(connection), migrate(connection), migrate(connection)]);
  await withSource(connection, async (source) => {
    const applied = await source.query<{ name: string }[]>('SELECT name FROM migration ORDER BY id');
    expect(applied.map(({ name }) => name)).toEqual(MIGRATIONS.map(({ name }) => name));
  });
});

it('lets a replica wait for a migration that takes longer than any request may', async () => {
  const connection = await emptyDatabase();
  await withSource(connection, async (source) => {
    const { lock_timeout: requestWaitMs } = source.options.extra as { lock_timeout: number };
    const other = source.createQueryRunner();
    await other.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const outcome = migrate(connection).then(
      () => 'migrated',
      (error: unknown) => error,
    );
    await waitsFor(source, requestWaitMs + 200);
    await other.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await other.release();
    expect(await outcome).toBe('migrated');
  });
});

it('refuses a database of a newer version, and leaves it alone', async () => {
  const connection = await emptyDatabase();
  await withSource(connection, async (source) => {
    await migrate(connection);
    await source.query(`INSERT INTO migration (timestamp, name) VALUES (9999999999999, 'Future9999999999999')`);
    const before = await catalogue(source);
    await expect(migrate(connection)).rejects.toThrow(/Future9999999999999.*newer version/);
    expect(await catalogue(source)).toEqual(before);
  });
});

const byName = (a: { table: string; column: string }, b: { table: string; column: string }): number =>
  `${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1;

const RESTRICT_VIOLATION = '23001';

/** Types that TypeORM names shorter than PostgreSQL's catalogue. */
const LONG_NAMES: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone' };

async function inRunner(
  source: DataSource,
  work: (runner: ReturnType<DataSource['createQueryRunner']>) => Promise<void>,
): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await work(runner);
  } finally {
    await runner.release();
  }
}

/** Until a session of the database has waited so long for an advisory lock, or none does any more. */
async function waitsFor(source: DataSource, milliseconds: number): Promise<void> {
  for (let seen = false; ;) {
    const [waiting] = await source.query<{ ms: number }[]>(
      `SELECT extract(epoch FROM clock_timestamp() - query_start) * 1000 AS ms FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'
        ORDER BY query_start LIMIT 1`,
    );
    if ((waiting === undefined && seen) || Number(waiting?.ms) > milliseconds) return;
    seen ||= waiting !== undefined;
    await source.query('SELECT pg_sleep(0.1)');
  }
}
