import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { syncFolder } from '../../common/sync-folder.ts';
import type { Account } from './account.ts';
import { bootFailure } from './boot-failure.ts';
import { serverEnvironment } from './settings.ts';

/** Superuser of the cluster and owner of everything in it. */
export const DATABASE_USER = 'haven';

/** After this long a half-made cluster belongs to no start that still runs: making one takes seconds. */
const LEFTOVER_MS = 10 * 60_000;

/** Folders and files of one cluster. Everything lies below `home`, which is made whole or not at all. */
export interface ClusterPaths {
  readonly home: string;
  readonly cluster: string;
  readonly password: string;
  readonly log: string;
}

export function clusterPaths(home: string): ClusterPaths {
  return { home, cluster: join(home, 'cluster'), password: join(home, 'password'), log: join(home, 'postgres.log') };
}

/** How a cluster is made. */
export interface ClusterPlan {
  readonly initdb: string;
  readonly account: Account;
  readonly fast: boolean;
}

/**
 * Makes the cluster if there is none, and gives its password.
 *
 * It is made in a folder beside `home` that is renamed when it is complete: a crash leaves either no cluster or a whole
 * one, and of two starts at the same time one wins and both use the winner's.
 *
 * @throws DomainError `service-unavailable` with what initdb said.
 */
export async function ensureCluster(paths: ClusterPaths, plan: ClusterPlan): Promise<string> {
  await removeLeftovers(paths.home);
  if (!(await exists(paths.home))) await makeCluster(paths.home, plan);
  try {
    return await readFile(paths.password, 'utf8');
  } catch (cause) {
    throw bootFailure(
      `${paths.home} is not a cluster of Haven, or belongs to another user: its password is unreadable.`,
      cause,
    );
  }
}

async function makeCluster(home: string, { initdb, account, fast }: ClusterPlan): Promise<void> {
  const half = clusterPaths(await mkdtemp(`${home}.init-`));
  try {
    await writeFile(half.password, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
    if (account.owner) {
      for (const path of [half.home, half.password]) await chown(path, account.owner.uid, account.owner.gid);
    }
    await runInitdb(half, { initdb, account, fast });
    await rename(half.home, home);
    await syncFolder(dirname(home));
  } catch (cause) {
    await rm(half.home, { recursive: true, force: true });
    if (await exists(home)) return;
    throw cause;
  }
}

async function runInitdb(half: ClusterPaths, { initdb, account, fast }: ClusterPlan): Promise<void> {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = [`--username=${DATABASE_USER}`, `--pwfile=${half.password}`, '--auth=scram-sha-256'];
  const args = ['-D', half.cluster, ...locale, ...access, '--data-checksums', '--no-instructions'];
  const command = account.command(initdb, fast ? [...args, '--no-sync'] : args);
  const child = spawn(command.file, command.args, {
    ...command.options,
    cwd: half.home,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [said, code] = await Promise.all([text(child.stderr), ended]);
  if (code !== 0) throw bootFailure(`initdb failed: ${said.trim() || `it ended with code ${code}`}`);
}

async function removeLeftovers(home: string): Promise<void> {
  const prefix = `${basename(home)}.init-`;
  for (const name of await readdir(dirname(home))) {
    if (!name.startsWith(prefix)) continue;
    const leftover = join(dirname(home), name);
    const { mtimeMs } = await stat(leftover).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > LEFTOVER_MS) await rm(leftover, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
