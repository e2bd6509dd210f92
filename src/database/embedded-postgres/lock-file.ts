import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The server that `postmaster.pid` names. */
export interface LockHolder {
  readonly pid: number;
  /** It says that it takes connections; false while it starts or stops. */
  readonly serving: boolean;
}

/** Reads `postmaster.pid`: line 1 is the process, line 8 its status (PostgreSQL, `miscadmin.h`, LOCK_FILE_LINE_*). */
export async function lockHolder(cluster: string): Promise<LockHolder | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  return Number.isInteger(pid) && pid > 0 ? { pid, serving: lines[7]?.trim() === 'ready' } : undefined;
}

/**
 * Removes the lock of a server that is gone but whose process id is taken: by a stranger after a restart of the
 * container, or by its own corpse that nobody reaped. PostgreSQL sees only that the id is in use and would refuse to
 * start for ever. Where the id is free PostgreSQL clears the lock itself.
 *
 * Linux alone can tell, by the working folders of the running processes: each of the server's stands in the cluster.
 */
export async function removeAbandonedLock(
  cluster: string,
  socketFolder: string | undefined,
  port: number,
): Promise<void> {
  const holder = await lockHolder(cluster);
  if (process.platform !== 'linux' || !holder || !isTaken(holder.pid)) return;
  if (await someProcessStandsIn(await realpath(cluster))) return;
  if ((await lockHolder(cluster))?.pid !== holder.pid) return;
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  if (socketFolder) await rm(join(socketFolder, `.s.PGSQL.${port}.lock`), { force: true });
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function someProcessStandsIn(folder: string): Promise<boolean> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    if ((await readlink(join('/proc', entry, 'cwd')).catch(() => '')) === folder) return true;
  }
  return false;
}
