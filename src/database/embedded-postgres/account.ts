import { type SpawnOptions, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { bootFailure } from './boot-failure.ts';

/** A program to spawn, as `spawn` takes it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: Pick<SpawnOptions, 'uid' | 'gid'>;
}

/** The operating-system account the server runs under. PostgreSQL refuses to run as root. */
export interface Account {
  /** Owner of every file of the cluster; absent when it is simply us. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  command(file: string, args: readonly string[]): Command;
}

const OURSELVES: Account = { command: (file, args) => ({ file, args, options: {} }) };

/**
 * Chooses the account. Not root: ourselves. Root: the cluster's present owner, else `postgres`, else `nobody`.
 *
 * @param home folder of the cluster; need not exist.
 * @param mustEnter existing folders and programs the account has to reach.
 * @throws DomainError `service-unavailable` when the account cannot reach them.
 */
export async function chooseAccount(home: string, mustEnter: readonly string[]): Promise<Account> {
  if (process.getuid?.() !== 0) return OURSELVES;
  const owner = (await ownerOf(home)) ?? serviceAccount(readFileSync('/etc/passwd', 'utf8'));
  const plain: Account = { owner, command: (file, args) => ({ file, args, options: owner }) };
  if (reaches(plain, mustEnter)) return plain;
  // A checkout below a private folder (/root, mktemp -d): the account keeps root's right to pass folders, no other.
  const passing: Account = {
    owner,
    command: (file, args) => ({ file: 'setpriv', args: [...passArguments(owner), file, ...args], options: {} }),
  };
  if (reaches(passing, mustEnter)) return passing;
  throw bootFailure(
    `PostgreSQL may not run as root, and the account with uid ${owner.uid} cannot enter ${mustEnter.join(' or ')}; ` +
      'start as an ordinary user, or move the project out of a private folder.',
  );
}

async function ownerOf(home: string): Promise<Account['owner']> {
  try {
    const { uid, gid } = await stat(home);
    return uid === 0 ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

function serviceAccount(passwd: string): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] =
      passwd
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':') ?? [];
    // A negative id (macOS writes nobody as -2) is its unsigned 32-bit form.
    if (uid && gid) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  throw bootFailure('PostgreSQL may not run as root, and there is neither a postgres nor a nobody account.');
}

function passArguments({ uid, gid }: { uid: number; gid: number }): string[] {
  // access(2), with which PostgreSQL tests its own programs, heeds kept rights only under no_setuid_fixup.
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup'];
  return [...identity, '--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'];
}

function reaches(account: Account, paths: readonly string[]): boolean {
  const { file, args, options } = account.command('/bin/sh', [
    '-c',
    'for p; do test -x "$p" || exit 1; done',
    'sh',
    ...paths,
  ]);
  return spawnSync(file, args, { ...options, cwd: '/', stdio: 'ignore' }).status === 0;
}
