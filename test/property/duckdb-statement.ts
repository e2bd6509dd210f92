import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBValue } from '@duckdb/node-api';
import { bindParameters } from '../../libs/warehouse/duckdb-codec.ts';
import type { Statement } from './sensitivity.ts';

/** Runs statements on one connection, which it closes with itself. A text is prepared once, however often it runs. */
export class PreparedStatements {
  readonly #connection: DuckDBConnection;
  readonly #prepared = new Map<string, DuckDBPreparedStatement>();

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  async rows({ sql, parameters }: Statement): Promise<readonly (readonly DuckDBValue[])[]> {
    const prepared = this.#prepared.get(sql) ?? (await this.#connection.prepare(sql));
    this.#prepared.set(sql, prepared);
    bindParameters(prepared, parameters);
    return (await prepared.runAndReadAll()).getRows();
  }

  close(): void {
    for (const prepared of this.#prepared.values()) prepared.destroySync();
    this.#prepared.clear();
    this.#connection.disconnectSync();
  }
}

/** A part of a text, and what stands there instead. */
export type Mutation = readonly [part: string, by: string];

/**
 * A text with parts replaced, and the parameters that it still names. A faulty statement made so differs from the
 * product's in that one part.
 *
 * @throws RangeError when a part is not in the text: then nothing would be faulty.
 */
export function mutated({ sql, parameters }: Statement, ...parts: readonly Mutation[]): Statement {
  let text = sql;
  for (const [part, by] of parts) {
    const changed = text.replaceAll(part, by);
    if (changed === text) throw new RangeError(`${part} is not in ${sql}`);
    text = changed;
  }
  return { sql: text, parameters: parameters.filter(({ name }) => new RegExp(`\\$${name}\\b`).test(text)) };
}

/** An integer of a result, whatever its width. */
export function integer(value: DuckDBValue | undefined): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  throw new TypeError(`a result holds a ${typeof value}, must hold an integer`);
}
