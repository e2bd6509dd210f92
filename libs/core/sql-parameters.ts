import type { Dialect, SqlParameter } from './statement.ts';

const MARKS: Readonly<Record<Dialect, string>> = { duckdb: '$', bigquery: '@' };

/** Collects the parameters of one statement, named `p0`, `p1` … in the order of their first use. Each is used where it is made. */
export class SqlParameters {
  readonly dialect: Dialect;
  readonly #mark: string;
  readonly #collected: SqlParameter[] = [];

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.#mark = MARKS[dialect];
  }

  get collected(): readonly SqlParameter[] {
    return this.#collected;
  }

  int(value: bigint | number): string {
    return this.#add((name) => ({ name, type: 'int64', value: BigInt(value) }));
  }

  text(value: string): string {
    return this.#add((name) => ({ name, type: 'string', value }));
  }

  date(value: string): string {
    return this.#add((name) => ({ name, type: 'date', value }));
  }

  /**
   * A list in brackets, one parameter for each id. It is filled up with its last id to a power of two, so that a text
   * stands for many lengths. Scalars, not one array: DuckDB prunes row groups by scalars only.
   */
  ints(values: readonly number[]): string {
    const length = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)));
    const last = values.at(-1) ?? 0;
    const padded = Array.from({ length }, (_, index) => values[index] ?? last);
    return `(${padded.map((value) => this.int(value)).join(', ')})`;
  }

  #add(make: (name: string) => SqlParameter): string {
    const name = `p${this.#collected.length}`;
    this.#collected.push(make(name));
    return this.#mark + name;
  }
}
