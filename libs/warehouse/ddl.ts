import type { Dialect } from '#core';
import { TABLES } from './schema.ts';
import type { ColumnDefinition, ColumnType, TableDefinition } from './schema.ts';

/** DuckDB's types are as narrow as the values allow: the cost of a scan there is unpacking them. */
const SQL_TYPES: Readonly<Record<ColumnType, Readonly<Record<Dialect, string>>>> = {
  text: { duckdb: 'VARCHAR', bigquery: 'STRING' },
  day: { duckdb: 'DATE', bigquery: 'DATE' },
  instant: { duckdb: 'TIMESTAMP', bigquery: 'TIMESTAMP' },
  flag: { duckdb: 'BOOLEAN', bigquery: 'BOOL' },
  bytes: { duckdb: 'BLOB', bigquery: 'BYTES' },
  int8: { duckdb: 'TINYINT', bigquery: 'INT64' },
  int16: { duckdb: 'SMALLINT', bigquery: 'INT64' },
  int32: { duckdb: 'INTEGER', bigquery: 'INT64' },
  int64: { duckdb: 'BIGINT', bigquery: 'INT64' },
};

/** Months of facts held, and a month of slack before BigQuery drops a partition. */
const PARTITION_EXPIRATION_DAYS = 792;

/**
 * The statements that make every table, in order.
 *
 * @param dataset BigQuery only: `project.dataset` of the main tables; the identifiers go to `<dataset>_pii`.
 */
export function createTables(dialect: Dialect, dataset = 'haven'): string[] {
  if (dialect === 'bigquery') return TABLES.map((table) => createBigQueryTable(table, dataset));
  return ['CREATE SCHEMA pii', ...TABLES.map(createDuckDbTable)];
}

/** The name of a table in a DuckDB statement. */
export const duckDbName = (table: TableDefinition): string => (table.area === 'pii' ? `pii.${table.name}` : table.name);

/** The physical order of a table in DuckDB, for `ORDER BY`. Order is the index: row groups outside a range are skipped. */
export function duckDbOrder(table: TableDefinition): string {
  const month = table.monthOf === undefined ? [] : [`date_trunc('month', ${table.monthOf})`];
  return [...month, ...table.clusterBy].join(', ');
}

/** No keys or indexes: they cost memory, slow loads, and turn an update of a flag into a delete and an insert. */
function createDuckDbTable(table: TableDefinition): string {
  return `CREATE TABLE ${duckDbName(table)} (${table.columns.map((column) => columnSql(column, 'duckdb')).join(', ')})`;
}

function createBigQueryTable(table: TableDefinition, dataset: string): string {
  const name = `\`${dataset}${table.area === 'pii' ? '_pii' : ''}.${table.name}\``;
  const columns = table.columns.map(
    (column) => `  ${columnSql(column, 'bigquery')} OPTIONS (description = '${column.comment}')`,
  );
  return [
    `CREATE TABLE ${name} (`,
    columns.join(',\n'),
    ')',
    ...partitionSql(table),
    `CLUSTER BY ${table.clusterBy.join(', ')}`,
    `OPTIONS (${optionsSql(table)})`,
  ].join('\n');
}

function partitionSql(table: TableDefinition): string[] {
  const type = table.columns.find((column) => column.name === table.monthOf)?.type;
  if (type === undefined) return [];
  return [`PARTITION BY ${type === 'day' ? 'DATE_TRUNC' : 'TIMESTAMP_TRUNC'}(${table.monthOf}, MONTH)`];
}

/** Facts must be read by month and expire; the log of consent is kept. */
function optionsSql(table: TableDefinition): string {
  const facts = table.columns.some((column) => column.name === table.monthOf && column.type === 'day');
  return [
    `description = '${table.comment}'`,
    ...(facts ? ['require_partition_filter = TRUE', `partition_expiration_days = ${PARTITION_EXPIRATION_DAYS}`] : []),
  ].join(', ');
}

function columnSql(column: ColumnDefinition, dialect: Dialect): string {
  const value = column.default === undefined ? '' : ` DEFAULT ${column.default}`;
  const nullability = column.nullable ? '' : ' NOT NULL';
  // GoogleSQL wants DEFAULT before NOT NULL; DuckDB takes either order.
  return `${column.name} ${SQL_TYPES[column.type][dialect]}${value}${nullability}`;
}
