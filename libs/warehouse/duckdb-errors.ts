import { types } from 'node:util';
import { DomainError } from '#core';

// The engine makes its errors in the realm of its add-on, where `instanceof Error` may not hold.
const { isNativeError } = types;

/** Why a query was told to stop. */
export type StopReason = 'deadline' | 'aborted' | 'closed';

/** Messages of the engine may quote values of rows, so only their class goes to the log. */
const ERROR_CLASS = /^([A-Z][A-Za-z]+(?: [A-Za-z]+){0,3}) ?Error\b/;

/** DuckDB's class of an error: `IO`, `Out of Memory`, … */
export const errorClass = (error: unknown): string =>
  (isNativeError(error) ? ERROR_CLASS.exec(error.message)?.[1] : undefined) ?? 'unknown';

/** Whether another process, or another handle of this one, holds the file. */
export const isLockConflict = (error: unknown): boolean =>
  isNativeError(error) && /could not set lock|conflicting lock/i.test(error.message);

/**
 * The refusal that a failure of the engine becomes. Neither text holds the engine's message.
 *
 * @param work what was being done, for the log.
 * @param stopped set when we interrupted the query ourselves.
 */
export function toDomainError(error: unknown, work: string, stopped?: StopReason): DomainError {
  if (stopped !== undefined) return stopError(work, stopped);
  if (error instanceof DomainError) return error;
  const kind = errorClass(error);
  const internal = `duckdb: ${kind} error during ${work}`;
  if (kind === 'Out of Memory') {
    return new DomainError('warehouse-limit', { public: 'The question needs more memory than is allowed.', internal });
  }
  // Not `warehouse-unavailable`: a spill that finds the disk full is an IO error too, and depends on rows.
  if (kind === 'IO') return new DomainError('warehouse-limit', { public: 'The question could not be run.', internal });
  if (kind === 'Connection') return unavailable(internal);
  return new DomainError('internal', { public: 'The question could not be run.', internal });
}

/** The warehouse cannot be reached. */
export const unavailable = (internal: string): DomainError =>
  new DomainError('warehouse-unavailable', { public: 'The loyalty data cannot be reached at the moment.', internal });

function stopError(work: string, reason: StopReason): DomainError {
  if (reason === 'closed') return unavailable(`duckdb: closed during ${work}`);
  return new DomainError('warehouse-limit', {
    public: reason === 'deadline' ? 'The question took longer than is allowed.' : 'The question was abandoned.',
    internal: `duckdb: stopped during ${work}: ${reason}`,
  });
}
