/** The SQL engines the product speaks. */
export type Dialect = 'duckdb' | 'bigquery';

/** A typed value of a statement: the only way a value enters SQL. Dates are `YYYY-MM-DD`; integers are 64-bit. */
export type SqlParameter =
  | { readonly name: string; readonly type: 'int64'; readonly value: bigint }
  | { readonly name: string; readonly type: 'string'; readonly value: string }
  | { readonly name: string; readonly type: 'date'; readonly value: string };

/**
 * One compiled query. The text is constant per shape of the question and names each parameter exactly once or more
 * (`$p0` in DuckDB, `@p0` in GoogleSQL); values come only as parameters. The query gives one row with one integer
 * column, the count of members.
 */
export interface CountStatement {
  readonly dialect: Dialect;
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}
