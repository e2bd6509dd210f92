/** The server's settings, given on its command line at each start so that a new version's settings take effect. */
export interface ServerSettings {
  readonly cluster: string;
  /** Folder of the Unix socket; absent means `host` over TCP. */
  readonly socketFolder?: string;
  readonly port: number;
  /** Throw durability away for speed: for tests alone. */
  readonly fast: boolean;
}

const COMMON = {
  shared_buffers: '128MB',
  max_connections: '60',
  max_wal_size: '512MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  password_encryption: 'scram-sha-256',
  // Analytic plans do not run here; just-in-time compilation and I/O workers only cost start time.
  jit: 'off',
  io_method: 'sync',
};

// The ledger's promise rests on these two: no answer leaves before its charge is on disk.
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Several applications share the cluster, one per test file, each with a pool.
  max_connections: '200',
};

/** Arguments of the `postgres` program. */
export function serverArguments(settings: ServerSettings): string[] {
  const { cluster, socketFolder, port, fast } = settings;
  const place = socketFolder
    ? {
        listen_addresses: '',
        // A list setting: quotes keep commas and spaces of the path in one element.
        unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
        unix_socket_permissions: '0700',
      }
    : { listen_addresses: '127.0.0.1' };
  const all = { ...COMMON, ...(fast ? FAST : DURABLE), ...place, port: String(port) };
  return ['-D', cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** The environment of PostgreSQL's programs: ours holds secrets that are none of their business. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'SystemRoot', 'TEMP', 'TMP'].filter((name) => process.env[name] !== undefined);
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), LC_ALL: 'C', TZ: 'UTC' };
}
