/**
 * SQLSTATEs (PostgreSQL, appendix A) that say the server or a resource of it is not there for now, not that the
 * statement is wrong: connection exceptions, insufficient resources, operator intervention, lock time-outs.
 */
const UNAVAILABLE = /^(08...|53...|57P0[1-5]|57014|55P03|40001|40P01)$/;

/** Errors of the socket and of the pool of `pg`, which have no SQLSTATE. */
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND)$/;
const POOL_TIMEOUT = /timeout exceeded when trying to connect|Connection terminated/;

export const UNIQUE_VIOLATION = '23505';
export const FOREIGN_KEY_VIOLATION = '23503';

/** SQLSTATE of an error of TypeORM or `pg`, or undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  const state = fieldOf(error, 'code') ?? fieldOf(fieldOf(error, 'driverError'), 'code');
  return typeof state === 'string' && /^[0-9A-Z]{5}$/.test(state) ? state : undefined;
}

/** Whether the database could not be asked, so that the same request may succeed a little later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state !== undefined) return UNAVAILABLE.test(state);
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as { syscall?: unknown; code?: unknown };
  return (syscall === 'connect' && UNREACHABLE.test(String(code))) || POOL_TIMEOUT.test(error.message);
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
