import { mkdirSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DomainError } from '#core';
import { isLockConflict, toDomainError } from './duckdb-errors.ts';

/** What DuckDB may use. Sizes are in DuckDB's spelling: `2GB`, `500MB`. */
export interface DuckDbResources {
  /** Default: the cores of the machine. */
  readonly threads?: number;
  /** Default `2GB`. Beyond it DuckDB spills, or refuses with `warehouse-limit`. */
  readonly memoryLimit?: string;
  /** Where it spills. Default: `<path>.tmp`. */
  readonly tempDirectory?: string;
  /** Default `20GB`. */
  readonly tempSizeMax?: string;
}

/**
 * Files that this process holds. DuckDB's lock keeps other processes out, but is one per process: a second handle
 * in the same process would be let in and damage the file.
 */
const heldPaths = new Set<string>();

/** An open DuckDB file and its connections. Holds the file alone until `close`. */
export class DuckDbFile {
  readonly #instance: DuckDBInstance;
  readonly #path: string;
  readonly #connections = new Set<DuckDBConnection>();
  #closed = false;

  private constructor(instance: DuckDBInstance, path: string) {
    this.#instance = instance;
    this.#path = path;
  }

  /**
   * Opens a file, or makes it.
   *
   * @param locked refuses files, extensions and settings from SQL for as long as the file is open.
   * @throws DomainError `warehouse-unavailable` when someone else holds the file or it is not a DuckDB file.
   */
  static async open(path: string, resources: DuckDbResources, locked: boolean): Promise<DuckDbFile> {
    const real = realPath(path);
    if (heldPaths.has(real)) throw new FileHeldError(real, 'another handle of this process');
    heldPaths.add(real);
    try {
      return new DuckDbFile(await DuckDBInstance.create(real, settings(real, resources, locked)), real);
    } catch (error) {
      heldPaths.delete(real);
      throw isLockConflict(error)
        ? new FileHeldError(real, 'another process')
        : toDomainError(error, 'opening the file');
    }
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    this.#connections.add(connection);
    return connection;
  }

  disconnect(connection: DuckDBConnection): void {
    if (this.#connections.delete(connection)) connection.disconnectSync();
  }

  /** Lets go of the file. Idempotent. No query may be running. */
  close(): void {
    for (const connection of this.#connections) connection.disconnectSync();
    this.#connections.clear();
    if (this.#closed) return;
    this.#closed = true;
    this.#instance.closeSync();
    heldPaths.delete(this.#path);
  }
}

function realPath(path: string): string {
  const absolute = resolve(path);
  mkdirSync(dirname(absolute), { recursive: true });
  return join(realpathSync(dirname(absolute)), basename(absolute));
}

/** The order matters: once external access is off no directory can be set, once locked nothing can. */
function settings(path: string, resources: DuckDbResources, locked: boolean): Record<string, string> {
  return {
    threads: String(resources.threads ?? availableParallelism()),
    memory_limit: resources.memoryLimit ?? '2GB',
    temp_directory: resources.tempDirectory ?? `${path}.tmp`,
    max_temp_directory_size: resources.tempSizeMax ?? '20GB',
    checkpoint_threshold: '16MB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(locked ? { enable_external_access: 'false', lock_configuration: 'true' } : {}),
  };
}

/** The file is in use: there can be no second owner. */
export class FileHeldError extends DomainError {
  constructor(path: string, holder: string) {
    super('warehouse-unavailable', {
      public: 'The loyalty data cannot be reached at the moment.',
      internal: `${path} is held by ${holder}; a warehouse file has one owner: stop the other one first`,
    });
  }
}
