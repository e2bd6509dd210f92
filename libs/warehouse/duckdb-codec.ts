import { DuckDBDateValue, DuckDBTimestampValue, DuckDBTypeId } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection, DuckDBPreparedStatement, DuckDBValue, Json } from '@duckdb/node-api';
import type { SqlParameter } from '#core';
import type { ColumnType } from './schema.ts';

const INTEGER_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
]);

const MILLISECONDS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 of a date `YYYY-MM-DD`, as DuckDB stores dates. */
export const epochDay = (date: string): number => Date.parse(`${date}T00:00:00Z`) / MILLISECONDS_PER_DAY;

/** Binds each parameter by its name, with the type it states: nothing is guessed from the value. */
export function bindParameters(prepared: DuckDBPreparedStatement, parameters: readonly SqlParameter[]): void {
  for (const parameter of parameters) {
    const index = prepared.parameterIndex(parameter.name);
    switch (parameter.type) {
      case 'int64':
        prepared.bindBigInt(index, parameter.value);
        break;
      case 'string':
        prepared.bindVarchar(index, parameter.value);
        break;
      case 'date':
        prepared.bindDate(index, new DuckDBDateValue(epochDay(parameter.value)));
        break;
    }
  }
}

/**
 * Appends one value to a row, as the type of its column.
 *
 * @throws TypeError when the value is not of that type.
 */
export function appendTyped(appender: DuckDBAppender, type: ColumnType, value: string | number | boolean | null): void {
  if (value === null) return appender.appendNull();
  if (typeof value === 'boolean' && type === 'flag') return appender.appendBoolean(value);
  if (typeof value === 'number' && isNumberType(type)) return APPEND_NUMBER[type](appender, value);
  if (typeof value === 'string' && isTextType(type)) return APPEND_TEXT[type](appender, value);
  throw new TypeError(`a column of type ${type} cannot hold a ${typeof value}`);
}

const APPEND_NUMBER = {
  int8: (appender: DuckDBAppender, value: number) => appender.appendTinyInt(value),
  int16: (appender: DuckDBAppender, value: number) => appender.appendSmallInt(value),
  int32: (appender: DuckDBAppender, value: number) => appender.appendInteger(value),
  int64: (appender: DuckDBAppender, value: number) => appender.appendBigInt(BigInt(value)),
};

const APPEND_TEXT = {
  text: (appender: DuckDBAppender, value: string) => appender.appendVarchar(value),
  day: (appender: DuckDBAppender, value: string) => appender.appendDate(new DuckDBDateValue(epochDay(value))),
  instant: (appender: DuckDBAppender, value: string) => appender.appendTimestamp(instant(Date.parse(value))),
};

const isNumberType = (type: ColumnType): type is keyof typeof APPEND_NUMBER => type in APPEND_NUMBER;

const isTextType = (type: ColumnType): type is keyof typeof APPEND_TEXT => type in APPEND_TEXT;

/** @param milliseconds since the epoch; DuckDB counts microseconds. */
export const instant = (milliseconds: number): DuckDBTimestampValue =>
  new DuckDBTimestampValue(BigInt(milliseconds) * 1000n);

/** Whether a prepared statement gives one column, of an integer type. */
export const givesOneInteger = (prepared: DuckDBPreparedStatement): boolean =>
  prepared.columnCount === 1 && INTEGER_TYPES.has(prepared.columnTypeId(0));

/** The integer in the only row of a result, or `undefined` when it is anything else. Reads two rows at most. */
export async function readOneInteger(prepared: DuckDBPreparedStatement): Promise<bigint | undefined> {
  const reader = await prepared.streamAndReadUntil(2);
  if (reader.currentRowCount !== 1) return undefined;
  const value = reader.value(0, 0);
  return typeof value === 'bigint' || typeof value === 'number' ? BigInt(value) : undefined;
}

/**
 * Rows of a trusted statement of our own, whose columns are named as the members of `T`. In JSON form: integers of 32
 * bits are numbers; wider ones, days, instants and blobs are text.
 */
export async function readRows<T extends object = Record<string, Json>>(
  connection: DuckDBConnection,
  sql: string,
  values: readonly DuckDBValue[] = [],
): Promise<T[]> {
  const prepared = await connection.prepare(sql);
  try {
    prepared.bind([...values]);
    return (await prepared.runAndReadAll()).getRowObjectsJson() as T[];
  } finally {
    prepared.destroySync();
  }
}

/** Runs one trusted statement. @returns how many rows it changed. */
export async function execute(
  connection: DuckDBConnection,
  sql: string,
  values: readonly DuckDBValue[] = [],
): Promise<number> {
  const prepared = await connection.prepare(sql);
  try {
    prepared.bind([...values]);
    return (await prepared.run()).rowsChanged;
  } finally {
    prepared.destroySync();
  }
}
