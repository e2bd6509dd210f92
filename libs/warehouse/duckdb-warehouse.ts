import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { StatementType } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DomainError, RawCount } from '#core';
import type { Country, CountStatement } from '#core';
import { AdmissionQueue } from './admission-queue.ts';
import { ConsentLog, checkEvents } from './consent-log.ts';
import { readCatalogue, readDataVersions, readVersionNumber } from './duckdb-catalogue.ts';
import { bindParameters, execute, givesOneInteger, readOneInteger, readRows } from './duckdb-codec.ts';
import { toDomainError, unavailable } from './duckdb-errors.ts';
import type { StopReason } from './duckdb-errors.ts';
import { DuckDbFile } from './duckdb-file.ts';
import type { DuckDbResources } from './duckdb-file.ts';
import type { IdentifierKey } from './identifier-key.ts';
import { interruptible } from './interrupt.ts';
import { readMeta } from './meta.ts';
import { COUNTABLE_TABLES, SCHEMA_VERSION } from './schema.ts';
import type {
  CatalogueSnapshot,
  ConsentEvent,
  ConsentReceipt,
  CountOptions,
  DataVersion,
  Warehouse,
} from './warehouse.ts';

export interface DuckDbWarehouseOptions extends DuckDbResources {
  /** A file that `WarehouseLoader` made. */
  readonly path: string;
  /** The key the file was loaded with. */
  readonly identifierKey: IdentifierKey;
  /** Counts that run at once. Default: one per core, and two threads of Node's pool are always left for other work. */
  readonly countsRunning?: number;
  /** Counts that wait, in all. Default 200. */
  readonly countsWaitingMax?: number;
  /** Counts of one tenant that wait. Default 20. */
  readonly countsWaitingPerTenantMax?: number;
}

/** Waiting reads of reference data and waiting batches of consent: short work, bounded only against a flood. */
const SHORT_WORK_WAITING_MAX = 1_000;

/** The tenant of work that belongs to no tenant. */
const OWN = '';

/**
 * The embedded warehouse: one DuckDB file, owned by this process alone.
 *
 * Locked down: SQL can neither open a file, load an extension nor change a setting. A count runs as one prepared
 * SELECT over the countable tables, in a read-only transaction. A commit is on disk before its promise resolves.
 */
export class DuckDbWarehouse implements Warehouse {
  readonly dialect = 'duckdb';
  readonly #file: DuckDbFile;
  readonly #consent: ConsentLog;
  readonly #idle: DuckDBConnection[] = [];
  readonly #counts: AdmissionQueue;
  readonly #reads = shortWorkQueue();
  readonly #writes = shortWorkQueue();
  readonly #closing = new AbortController();
  #catalogue: Promise<CatalogueSnapshot> | undefined;
  #versions: Promise<DataVersion[]> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(file: DuckDbFile, consent: ConsentLog, options: DuckDbWarehouseOptions) {
    this.#file = file;
    this.#consent = consent;
    this.#counts = new AdmissionQueue({
      running: options.countsRunning ?? defaultCountsRunning(),
      waitingMax: options.countsWaitingMax ?? 200,
      waitingPerTenantMax: options.countsWaitingPerTenantMax ?? 20,
    });
  }

  /**
   * @throws DomainError `warehouse-unavailable` when another process or handle holds the file, when it is no
   *   warehouse of this schema version, or when it was loaded with another identifier key.
   */
  static async open(options: DuckDbWarehouseOptions): Promise<DuckDbWarehouse> {
    if (!existsSync(options.path)) throw unavailable(`${options.path} does not exist`);
    const file = await DuckDbFile.open(options.path, options, true);
    try {
      const connection = await file.connect();
      checkMeta(await readMeta(connection), options);
      const consent = await ConsentLog.over(connection, options.identifierKey);
      return new DuckDbWarehouse(file, consent, options);
    } catch (error) {
      file.close();
      throw toDomainError(error, 'opening the warehouse');
    }
  }

  async count(statement: CountStatement, options: CountOptions): Promise<RawCount> {
    const work = `count ${options.tag.kind}`;
    if (statement.dialect !== 'duckdb') throw badStatement(work, `its dialect is ${statement.dialect}`);
    const deadline = AbortSignal.timeout(options.deadlineMs);
    const leave = AbortSignal.any([deadline, ...(options.signal ? [options.signal] : [])]);
    const stop = AbortSignal.any([leave, this.#closing.signal]);
    const reason = (): StopReason | undefined => {
      if (this.#closing.signal.aborted) return 'closed';
      if (options.signal?.aborted) return 'aborted';
      return deadline.aborted ? 'deadline' : undefined;
    };
    return this.#counts.run(
      options.tag.tenant,
      () =>
        this.#onConnection(work, reason, (connection) =>
          interruptible(connection, stop, () => countInSnapshot(connection, statement, options, stop)),
        ),
      leave,
    );
  }

  async dataVersion(country: Country): Promise<DataVersion> {
    const version = (await this.dataVersions()).find((candidate) => candidate.country === country);
    if (version === undefined) throw noData(country);
    return version;
  }

  /** Read again after each recorded consent: this process alone writes. A count checks the version it runs on anyway. */
  dataVersions(): Promise<DataVersion[]> {
    this.#versions ??= this.#read('data versions', readDataVersions).catch((error: unknown) => {
      this.#versions = undefined;
      throw error;
    });
    return this.#versions;
  }

  /** Read once: a file's reference data does not change while it is open. */
  catalogue(): Promise<CatalogueSnapshot> {
    this.#catalogue ??= this.#read('catalogue', readCatalogue).catch((error: unknown) => {
      this.#catalogue = undefined;
      throw error;
    });
    return this.#catalogue;
  }

  async recordConsent(events: readonly ConsentEvent[], now: number): Promise<ConsentReceipt> {
    checkEvents(events, now);
    return this.#writes.run(OWN, async () => {
      try {
        return await this.#consent.append(events, now);
      } catch (error) {
        throw toDomainError(error, 'recording consent');
      } finally {
        this.#versions = undefined;
      }
    });
  }

  async health(): Promise<void> {
    await this.#read('health', (connection) => readRows(connection, 'SELECT 1 AS one'));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const reason = unavailable('duckdb: the warehouse is closed');
    for (const queue of [this.#counts, this.#reads, this.#writes]) queue.close(reason);
    this.#closing.abort();
    this.#versions = undefined;
    await Promise.all([this.#counts, this.#reads, this.#writes].map((queue) => queue.idle()));
    try {
      // Not needed for durability, which the log gives; it makes the next start quick.
      await execute(await this.#file.connect(), 'CHECKPOINT');
    } finally {
      this.#file.close();
    }
  }

  #read<T>(work: string, read: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#reads.run(OWN, () => this.#onConnection(work, () => undefined, read));
  }

  /** Lends a connection. One whose work failed is not lent again: it may hold an aborted transaction. */
  async #onConnection<T>(
    work: string,
    stopped: () => StopReason | undefined,
    use: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const connection = this.#idle.pop() ?? (await this.#file.connect());
    try {
      const result = await use(connection);
      this.#idle.push(connection);
      return result;
    } catch (error) {
      this.#file.disconnect(connection);
      throw toDomainError(error, work, stopped());
    }
  }
}

async function countInSnapshot(
  connection: DuckDBConnection,
  statement: CountStatement,
  options: CountOptions,
  stop: AbortSignal,
): Promise<RawCount> {
  const work = `count ${options.tag.kind}`;
  await execute(connection, 'BEGIN TRANSACTION READ ONLY');
  const version = await readVersionNumber(connection, options.country);
  if (version === undefined) throw noData(options.country);
  if (version !== options.dataVersion) throw versionChanged(options, version);
  checkTables(connection, statement.sql, work);
  const prepared = await connection.prepare(statement.sql);
  try {
    if (prepared.statementType !== StatementType.SELECT) throw badStatement(work, 'it is not a SELECT');
    if (!givesOneInteger(prepared)) throw badStatement(work, 'it does not give one integer column');
    bindParameters(prepared, statement.parameters);
    stop.throwIfAborted();
    const members = await readOneInteger(prepared);
    if (members === undefined || members < 0n) throw badStatement(work, 'it does not give one row with an integer ≥ 0');
    await execute(connection, 'COMMIT');
    return new RawCount(members);
  } finally {
    prepared.destroySync();
  }
}

function checkTables(connection: DuckDBConnection, sql: string, work: string): void {
  // DuckDB names no tables of a text that holds parameters; which tables it reads does not depend on their values.
  const withoutParameters = sql.replaceAll(/\$\w+/g, 'NULL');
  // `name` or `name AS alias`; names of common table expressions are not among them.
  const tables = connection.getTableNames(withoutParameters, true).map((name) => name.split(' AS ', 1)[0] ?? name);
  if (tables.length === 0 || !tables.every((table) => COUNTABLE_TABLES.has(table))) {
    throw badStatement(work, 'it reads a table that may not be counted, or none');
  }
}

function checkMeta(meta: ReadonlyMap<string, string>, options: DuckDbWarehouseOptions): void {
  const schema = meta.get('schema_version');
  if (schema !== String(SCHEMA_VERSION)) {
    throw unavailable(`${options.path} has schema version ${schema ?? 'none'}; this code needs ${SCHEMA_VERSION}`);
  }
  if (meta.get('identifier_key_check') !== options.identifierKey.check()) {
    throw unavailable(`${options.path} was loaded with another identifier key`);
  }
}

function defaultCountsRunning(): number {
  // Each running query holds a thread of libuv's pool (four unless set), which files, DNS and hashing share.
  const pool = Number.parseInt(process.env['UV_THREADPOOL_SIZE'] ?? '4', 10);
  return Math.max(1, Math.min(availableParallelism(), pool - 2));
}

const shortWorkQueue = (): AdmissionQueue =>
  new AdmissionQueue({
    running: 1,
    waitingMax: SHORT_WORK_WAITING_MAX,
    waitingPerTenantMax: SHORT_WORK_WAITING_MAX,
  });

const noData = (country: Country): DomainError =>
  new DomainError('not-found', { public: `No data is loaded for country ${country}.` });

const versionChanged = (options: CountOptions, now: number): DomainError =>
  new DomainError('data-version-changed', {
    public: 'The data changed while the question was being asked. Ask again.',
    internal: `${options.country} is at data version ${now}, the question was for ${options.dataVersion}`,
  });

const badStatement = (work: string, why: string): DomainError =>
  new DomainError('internal', { public: 'The question could not be run.', internal: `${work}: bad statement: ${why}` });
