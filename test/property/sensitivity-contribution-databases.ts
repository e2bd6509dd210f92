import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { PreparedStatements, integer } from './duckdb-statement.ts';
import type { Contribution } from './sensitivity-accounts.ts';
import type { ContributionBatch } from './sensitivity-contributions.ts';
import type { Answer, Databases, Pair, Statement } from './sensitivity.ts';

/** Rows of a heavy account: as many receipts, on days of the grid, in a few of its coordinates. */
export const HEAVY_ROWS = 10_000;

const TABLES = [
  `CREATE TABLE row_of (database INTEGER, member_id INTEGER, card INTEGER, t_no BIGINT, sgn BIGINT, cents BIGINT,
     units BIGINT, day_no BIGINT, channel VARCHAR, store_type VARCHAR, slot VARCHAR)`,
  'CREATE TABLE variant (variant INTEGER, database INTEGER, removed INTEGER)',
];

/** The rows of one database, or of all its members but one. */
const CONTRIBUTION = `contribution AS (
  SELECT * FROM row_of WHERE row_of.database = variant.database AND row_of.member_id IS DISTINCT FROM variant.removed)`;

/** Removed from a database that stays whole: no member has this id. */
const NOBODY = 0;

/** A number of values in the order of the coordinates. */
type Values = readonly bigint[] | undefined;

/**
 * The databases of one batch in DuckDB. A statement, whose text is not touched, sees as `contribution` one database or
 * one without a member; DuckDB runs it for all of these at once, as a lateral join.
 */
export class ContributionDatabases implements Databases {
  readonly batch: ContributionBatch;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #statements: PreparedStatements;

  private constructor(batch: ContributionBatch, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.batch = batch;
    this.#instance = instance;
    this.#connection = connection;
    this.#statements = new PreparedStatements(connection);
  }

  static async of(batch: ContributionBatch): Promise<ContributionDatabases> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const sql of TABLES) await connection.run(sql);
    const databases = new ContributionDatabases(batch, instance, connection);
    await databases.#load();
    return databases;
  }

  get pairs(): readonly Pair[] {
    return this.batch.pairs;
  }

  async answers(statements: readonly Statement[]): Promise<readonly (readonly Answer[])[]> {
    const answers: (readonly Answer[])[] = [];
    for (const statement of statements) {
      const [whole, without] = await this.#values(statement);
      answers.push(this.pairs.map(({ database }, pair) => ({ whole: whole.get(database), without: without[pair] })));
    }
    return answers;
  }

  /** Values on each whole database. */
  async whole(statement: Statement): Promise<ReadonlyMap<number, readonly bigint[] | undefined>> {
    return (await this.#values(statement))[0];
  }

  /** The same as one of `answers`, by running the statement alone on tables that hold no other rows. */
  async alone({ database, removed }: Pair, statement: Statement): Promise<Answer> {
    const connection = await this.#instance.connect();
    await connection.run(`CREATE TEMP TABLE contribution AS SELECT * FROM row_of WHERE database = ${database}`);
    const statements = new PreparedStatements(connection);
    const values = async (): Promise<bigint[]> => (await statements.rows(statement)).map((row) => integer(row[1]));
    const whole = await values();
    await connection.run(`DELETE FROM contribution WHERE member_id = ${removed}`);
    const without = await values();
    statements.close();
    return { whole, without };
  }

  close(): void {
    this.#statements.close();
    this.#instance.closeSync();
  }

  async #values(statement: Statement): Promise<readonly [ReadonlyMap<number, Values>, readonly Values[]]> {
    const { databases } = this.batch;
    const all = await this.#allAtOnce(statement).catch(() => this.#oneByOne(statement));
    return [
      new Map(databases.map((database, index) => [database, all[index]])),
      this.pairs.map((_, index) => all[databases.length + index]),
    ];
  }

  /** Values of every variant: the whole databases, then those of the pairs without the member. */
  async #allAtOnce(statement: Statement, only = ''): Promise<Values[]> {
    const sql = `SELECT variant.variant, released.value
      FROM variant, LATERAL (WITH ${CONTRIBUTION} SELECT * FROM (\n${statement.sql}\n)) AS released${only}
      ORDER BY variant.variant, released.coordinate`;
    const values: bigint[][] = [];
    for (const [variant, value] of await this.#statements.rows({ ...statement, sql })) {
      (values[Number(variant)] ??= []).push(integer(value));
    }
    return values;
  }

  /** A statement that fails on one database fails on all at once: then each is asked by itself. */
  async #oneByOne(statement: Statement): Promise<Values[]> {
    const values: Values[] = [];
    for (let variant = 0; variant < this.batch.databases.length + this.pairs.length; variant++) {
      const own = await this.#allAtOnce(statement, ` WHERE variant.variant = ${variant}`).catch(() => []);
      values.push(own[variant]);
    }
    return values;
  }

  async #load(): Promise<void> {
    const { rows, databases, pairs, heavy } = this.batch;
    const appender = await this.#connection.createAppender('row_of');
    for (const row of rows) appendRow(appender, row);
    appender.closeSync();
    if (heavy !== undefined) await this.#connection.run(this.#heavySql(heavy));
    const variants = await this.#connection.createAppender('variant');
    const all = [...databases.map((database) => ({ database, removed: NOBODY })), ...pairs];
    for (const [variant, { database, removed }] of all.entries()) {
      variants.appendInteger(variant);
      variants.appendInteger(database);
      variants.appendInteger(removed);
      variants.endRow();
    }
    variants.closeSync();
  }

  #heavySql({ database, member }: { readonly database: number; readonly member: number }): string {
    const { fromDay, channels, storeTypes } = this.batch.grid;
    return `INSERT INTO row_of
      SELECT ${database}, ${member}, 1 + n % 2, ${fromDay} + n % 90, n % 7 // 6, 100 * n, n % 20, ${fromDay} + n % 80,
        '${channels[0]}', '${storeTypes[0]}', CASE n % 7 WHEN 6 THEN 'R' ELSE 'D' END
      FROM range(${HEAVY_ROWS}) AS receipts(n)`;
  }
}

function appendRow(appender: DuckDBAppender, row: Contribution): void {
  const int = (value: number | null): void => (value === null ? appender.appendNull() : appender.appendInteger(value));
  const big = (value: number | bigint | null): void =>
    value === null ? appender.appendNull() : appender.appendBigInt(BigInt(value));
  const text = (value: string | null): void => (value === null ? appender.appendNull() : appender.appendVarchar(value));
  for (const value of [row.database, row.member, row.card]) int(value);
  for (const value of [row.ingestDay, row.sgn, row.cents, row.units, row.eventDay]) big(value);
  for (const value of [row.channel, row.storeType, row.slot]) text(value);
  appender.endRow();
}
