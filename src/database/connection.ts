/** Injection token of the `DatabaseConnection` in use. */
export const DATABASE_CONNECTION = Symbol('database-connection');

/** Where a PostgreSQL server is reached: a TCP host or the folder of a Unix socket. */
export interface DatabaseConnection {
  readonly host: string;
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Reads a `postgres://user:password@host:port/database` URL; `?host=` names the folder of a Unix socket instead.
 *
 * @throws Error for any other form; the text never holds the URL, which has a password in it.
 */
export function parseDatabaseUrl(text: string): DatabaseConnection {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol) || url.pathname.length < 2) {
    throw new Error('DATABASE_URL must be of the form postgres://user:password@host:port/database');
  }
  return {
    host: url.searchParams.get('host') ?? decodeURIComponent(url.hostname),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}
