import { mkdir, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseConnection } from '../connection.ts';
import { chooseAccount } from './account.ts';
import { locateBinaries } from './binaries.ts';
import { bootFailure } from './boot-failure.ts';
import { DATABASE_USER, clusterPaths, ensureCluster } from './cluster.ts';
import { lockHolder, removeAbandonedLock } from './lock-file.ts';
import { DATABASE_NAME, becomesReady } from './readiness.ts';
import { spawnServer } from './server-process.ts';
import type { ServerExit, ServerPlan, ServerProcess } from './server-process.ts';
import { ensureSocketFolder } from './socket-folder.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of our own, made if missing; the cluster lies in `<dataDir>/pg18`. */
  readonly dataDir: string;
  /** Trade durability for speed. For tests alone: a power cut may corrupt the cluster. Default false. */
  readonly fast?: boolean;
}

/** A PostgreSQL server of our own, which answers when this is given out. */
export interface EmbeddedPostgres {
  /** The superuser's way in, over a Unix socket only its owner can reach (on Windows: 127.0.0.1). */
  readonly connection: DatabaseConnection;
  readonly pid: number;
  /** Settles when the server has ended, by `stop` or by itself. It is not started again. */
  readonly exited: Promise<ServerExit>;
  /** Ends the server in order. May be called again, and after it has ended. */
  stop(): Promise<void>;
}

/** In a socket's name only; nothing listens on it. */
const SOCKET_PORT = 5432;
/** How long a server that is ending may keep its lock. */
const LOCK_MS = 10_000;
/** How long one that takes connections may: enough for the watcher of a parent killed this instant to act. */
const SERVING_LOCK_MS = 2_500;
const LOG_BYTES = 5_000_000;

/**
 * Starts PostgreSQL 18 on a folder of our own, making the cluster on the first start.
 *
 * Guarantees: an acknowledged commit survives `kill -9` of this process, of the server or of both (unless `fast`); the
 * server ends within about two seconds of this process, however it dies; a crash while the cluster is made leaves
 * nothing that stops the next start; no process signal handler is installed; the password (192 random bits, file mode
 * 0600) is never printed.
 *
 * @throws DomainError `service-unavailable` when another server uses the folder, or PostgreSQL cannot start; the
 *   internal text says why and what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const paths = clusterPaths(join(dataDir, 'pg18'));
  const fast = options.fast ?? false;
  const binaries = await locateBinaries();
  await mkdir(dataDir, { recursive: true });
  const account = await chooseAccount(paths.home, [dataDir, binaries.postgres]);
  const password = await ensureCluster(paths, { initdb: binaries.initdb, account, fast });
  const windows = process.platform === 'win32';
  const socketFolder = windows ? undefined : await ensureSocketFolder(paths.home, account);
  const port = windows ? await freePort() : SOCKET_PORT;
  const connection = {
    host: socketFolder ?? '127.0.0.1',
    port,
    user: DATABASE_USER,
    password,
    database: DATABASE_NAME,
  };
  await rotateLog(paths.log);
  const settings = { cluster: paths.cluster, socketFolder, port, fast };
  const server = await startWhenFree({ binaries, account, settings, log: paths.log }, connection);
  let stopped: Promise<ServerExit> | undefined;
  return {
    connection,
    pid: server.pid,
    exited: server.exited,
    stop: async () => void (await (stopped ??= server.stop())),
  };
}

/** Starts the server until it answers; again and again while the lock of one that is ending stands in the way. */
async function startWhenFree(plan: ServerPlan, connection: DatabaseConnection): Promise<ServerProcess> {
  const { cluster, socketFolder, port } = plan.settings;
  const begun = performance.now();
  for (;;) {
    await removeAbandonedLock(cluster, socketFolder, port);
    const server = await spawnServer(plan);
    const ready = await becomesReady(server, cluster, connection).catch(async (cause: unknown) => {
      await server.stop();
      throw cause;
    });
    if (ready) return server;
    const said = await server.said();
    if (!/lock file ".*" already exists|shared memory block .* is still in use/.test(said)) {
      throw bootFailure(`PostgreSQL did not start: ${said.trim() || 'it said nothing'}`);
    }
    const holder = await lockHolder(cluster);
    if (performance.now() - begun > (holder?.serving ? SERVING_LOCK_MS : LOCK_MS)) {
      throw bootFailure(`Another instance (postgres pid ${holder?.pid ?? 'unknown'}) already uses ${cluster}.`);
    }
    await delay(200);
  }
}

/** Keeps one earlier log once the present one is large. */
async function rotateLog(log: string): Promise<void> {
  const { size } = await stat(log).catch(() => ({ size: 0 }));
  if (size > LOG_BYTES) await rename(log, `${log}.1`);
}

function freePort(): Promise<number> {
  return new Promise((found, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => found(port));
    });
  });
}
