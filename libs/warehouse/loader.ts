import { existsSync, renameSync, rmSync } from 'node:fs';
import { DuckDBDataChunk, INTEGER } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue, Json } from '@duckdb/node-api';
import type { Country } from '#core';
import { createTables, duckDbOrder } from './ddl.ts';
import { appendTyped, execute, readRows } from './duckdb-codec.ts';
import { DATABASE, DuckDbFile, FileHeldError } from './duckdb-file.ts';
import type { DuckDbResources } from './duckdb-file.ts';
import type { IdentifierKey } from './identifier-key.ts';
import { BRAND_DAY, LINE, LOYALTY_ID_TYPE, MEMBER_KEY, META, SCHEMA_VERSION } from './schema.ts';
import type { TableDefinition } from './schema.ts';

export interface LoaderOptions extends DuckDbResources {
  /** The file that stands, whole, once `finish` has resolved; before that it is not there. */
  readonly path: string;
  readonly identifierKey: IdentifierKey;
}

/** What is loaded for one country: its first data version. */
export interface LoadedCountry {
  readonly country: Country;
  readonly dataThrough: string;
  readonly historyFrom: string;
  /** RFC 3339 UTC. */
  readonly consentAsOf: string;
}

/** One value of a row; its column says what it must be. */
export type LoadedValue = string | number | boolean | null;

const CHUNK_ROWS = 2048;
const STAGED_KEYS = 'staged_member_key';

/**
 * Builds a warehouse file. Runs trusted SQL with access to files, so it is for feeds, the demo and tests; nothing that
 * answers a caller holds one.
 *
 * The file is built as `<path>.building` and renamed when it is complete and on disk, so `path` is never half a file.
 */
export class WarehouseLoader {
  readonly #options: LoaderOptions;
  readonly #file: DuckDbFile;
  readonly #connection: DuckDBConnection;

  private constructor(options: LoaderOptions, file: DuckDbFile, connection: DuckDBConnection) {
    this.#options = options;
    this.#file = file;
    this.#connection = connection;
  }

  /**
   * Starts a new file with every table, empty. What an interrupted build left is removed.
   *
   * @throws DomainError `warehouse-unavailable` when another process is building it.
   */
  static async create(options: LoaderOptions): Promise<WarehouseLoader> {
    await removeStale(buildingPath(options.path));
    const file = await DuckDbFile.open(buildingPath(options.path), options, false);
    const connection = await file.connect();
    for (const sql of createTables('duckdb')) await execute(connection, sql);
    await execute(connection, `CREATE TEMP TABLE ${STAGED_KEYS} (member_id INTEGER, hid BLOB)`);
    return new WarehouseLoader(options, file, connection);
  }

  /** Runs one trusted statement. @returns how many rows it changed. */
  run(sql: string, values: readonly DuckDBValue[] = []): Promise<number> {
    return execute(this.#connection, sql, values);
  }

  /** Rows of one trusted statement, in JSON form. */
  rows<T extends object = Record<string, Json>>(sql: string, values: readonly DuckDBValue[] = []): Promise<T[]> {
    return readRows<T>(this.#connection, sql, values);
  }

  /**
   * Appends rows to a temporary table whose columns are all INTEGER: about 10 million rows a second.
   *
   * @param columns one array per column, in the table's order.
   * @param rows how many leading elements of each array count.
   */
  async appendIntegers(tempTable: string, columns: readonly Int32Array[], rows: number): Promise<void> {
    const appender = await this.#connection.createAppender(tempTable, null, 'temp');
    const chunk = DuckDBDataChunk.create(columns.map(() => INTEGER));
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      chunk.rowCount = Math.min(CHUNK_ROWS, rows - from);
      for (const [index, column] of columns.entries()) {
        chunk.setColumnValues(index, column.subarray(from, from + chunk.rowCount) as unknown as number[]);
      }
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Writes rows, values in the order of the table's columns; days `YYYY-MM-DD` and instants RFC 3339 UTC. */
  async insert(table: TableDefinition, rows: readonly (readonly LoadedValue[])[]): Promise<void> {
    const appender = await this.#connection.createAppender(table.name, table.area, DATABASE);
    for (const row of rows) {
      for (const [index, column] of table.columns.entries()) appendTyped(appender, column.type, row[index] ?? null);
      appender.endRow();
    }
    appender.closeSync();
  }

  /**
   * Stages the keyed loyalty numbers of members. Only the keyed form is written.
   *
   * @param sha256 SHA-256 of each member's loyalty number, in the order of `memberIds`.
   */
  async appendMemberKeys(memberIds: readonly number[], sha256: readonly Uint8Array[]): Promise<void> {
    const appender = await this.#connection.createAppender(STAGED_KEYS, null, 'temp');
    for (const [index, digest] of sha256.entries()) {
      const memberId = memberIds[index];
      if (memberId === undefined) throw new RangeError('a digest without a member');
      appender.appendInteger(memberId);
      appender.appendBlob(this.#options.identifierKey.hid(digest));
      appender.endRow();
    }
    appender.closeSync();
  }

  /**
   * Adds basket lines, in the table's order, and their sums to `brand_day`.
   *
   * Call it once per calendar month, months ascending, and the whole table is in order; within one call any span is
   * sorted. A basket must be whole in one call.
   *
   * @param select trusted SELECT that gives the columns of `line`, in order.
   */
  async addLines(select: string): Promise<void> {
    await this.run(`CREATE OR REPLACE TEMP VIEW adding_line AS ${select}`);
    await this.run(`INSERT INTO line SELECT * FROM adding_line ORDER BY ${duckDbOrder(LINE)}, basket_id, line_no`);
    await this.run(
      // Summed per basket first: a third less work than counting distinct baskets.
      `INSERT INTO brand_day SELECT * FROM (
         SELECT country, day, brand_id, category_id, member_id, count(*), sum(quantity), sum(net_cents)
         FROM (SELECT country, day, brand_id, category_id, member_id, basket_id,
                 sum(quantity) AS quantity, sum(net_cents) AS net_cents
               FROM adding_line GROUP BY ALL)
         GROUP BY country, day, brand_id, category_id, member_id)
       ORDER BY ${duckDbOrder(BRAND_DAY)}, category_id, day`,
    );
  }

  /**
   * Completes the file: keys in order, first data versions, facts about the file; then everything to disk, and the file
   * takes its name. The loader is closed.
   *
   * @param meta further facts for `meta`.
   */
  async finish(countries: readonly LoadedCountry[], meta: Readonly<Record<string, string>> = {}): Promise<void> {
    const { identifierKey, path } = this.#options;
    await this.run(
      `INSERT INTO pii.member_key SELECT member_id, '${LOYALTY_ID_TYPE}', hid, $1 FROM ${STAGED_KEYS}
       ORDER BY ${duckDbOrder(MEMBER_KEY).replace('id_type, ', '')}`,
      [identifierKey.version],
    );
    for (const { country, dataThrough, historyFrom, consentAsOf } of countries) {
      await this.run(
        `INSERT INTO data_version VALUES ($1, 1, $2::DATE, $3::DATE, $4::TIMESTAMPTZ AT TIME ZONE 'UTC', 'load')`,
        [country, dataThrough, historyFrom, consentAsOf],
      );
    }
    const facts = {
      schema_version: String(SCHEMA_VERSION),
      identifier_key_version: String(identifierKey.version),
      identifier_key_check: identifierKey.check(),
      ...meta,
    };
    await this.insert(META, Object.entries(facts));
    await this.run('CHECKPOINT');
    this.#file.close();
    renameSync(buildingPath(path), path);
  }

  /** Gives up and removes what was built. Does nothing after `finish`. */
  abandon(): void {
    this.#file.close();
    removeBuilding(buildingPath(this.#options.path));
  }
}

const buildingPath = (path: string): string => `${path}.building`;

const removeBuilding = (building: string): void => {
  for (const part of [building, `${building}.wal`, `${building}.tmp`]) rmSync(part, { recursive: true, force: true });
};

/** Opening asks for the file's lock: what another process still builds is not ours to remove. */
async function removeStale(building: string): Promise<void> {
  if (existsSync(building)) {
    try {
      (await DuckDbFile.open(building, {}, true)).close();
    } catch (error) {
      if (error instanceof FileHeldError) throw error;
    }
  }
  removeBuilding(building);
}
