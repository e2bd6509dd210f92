import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { serverArguments, serverEnvironment } from './settings.ts';
import type { ServerSettings } from './settings.ts';

/** How the server ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running `postgres` program, not yet known to answer. */
export interface ServerProcess {
  readonly pid: number;
  /** Settles once, when the server has ended for whatever reason. */
  readonly exited: Promise<ServerExit>;
  /** Ends open sessions, writes a checkpoint and exits. */
  stop(): Promise<ServerExit>;
  /** What the server has written to its log since it was spawned. */
  said(): Promise<string>;
}

/** What a server is started with. */
export interface ServerPlan {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly settings: ServerSettings;
  readonly log: string;
}

/**
 * Becomes the server, leaving behind a watcher that reads the pipe on descriptor 3, whose other end we hold. The
 * kernel closes it when we die in any way, and the watcher stops the server: in order, and where that takes longer
 * than a second, at once (SIGQUIT), which the next start recovers from. A line on
 * the pipe says instead that the server has ended and its process id may be someone else's.
 */
const WATCHED =
  '( { cd /; read -r _ <&3 || { kill -INT $$ && sleep 1 && kill -QUIT $$; }; } >/dev/null 2>&1 & ); exec 3<&-; exec "$@"';

// The same for Windows, which has no shell to count on.
const WATCHER = `let told = false;
process.stdin.on('data', () => (told = true)).on('end', () => {
  if (!told) require('node:child_process').spawnSync(process.argv[1], ['stop', '-m', 'fast', '-D', process.argv[2]]);
});`;

/** How long a fast, then an immediate shutdown may take, milliseconds. */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;

/** Spawns the server under a watcher that ends it when this process dies, `kill -9` included. */
export async function spawnServer(plan: ServerPlan): Promise<ServerProcess> {
  const log = await open(plan.log, 'a', 0o600);
  try {
    const { owner } = plan.account;
    if (owner) await log.chown(owner.uid, owner.gid);
    const { size } = await log.stat();
    const { child, guard } = process.platform === 'win32' ? spawnOnWindows(plan, log.fd) : spawnWatched(plan, log.fd);
    const exited = new Promise<ServerExit>((resolve, reject) => {
      child.once('error', reject).once('exit', (code, signal) => resolve({ code, signal }));
    }).finally(() => guard.end('ended\n'));
    exited.catch(() => undefined);
    guard.on('error', () => undefined);
    const said = (): Promise<string> => readFrom(plan.log, size);
    return { pid: child.pid ?? 0, exited, stop: () => stopServer(plan, child, exited), said };
  } finally {
    await log.close();
  }
}

interface Spawned {
  readonly child: ChildProcess;
  readonly guard: Writable;
}

function spawnWatched({ binaries, account, settings }: ServerPlan, log: number): Spawned {
  const server = [binaries.postgres, ...serverArguments(settings)];
  const command = account.command('/bin/sh', ['-c', WATCHED, 'sh', ...server]);
  const child = spawn(command.file, command.args, {
    ...command.options,
    cwd: settings.cluster,
    env: serverEnvironment(),
    stdio: ['ignore', log, log, 'pipe'],
    // Its own session: a Ctrl-C in the terminal is ours to answer, the server must outlive our last write.
    detached: true,
  });
  return { child, guard: child.stdio[3] as Writable };
}

function spawnOnWindows({ binaries, settings }: ServerPlan, log: number): Spawned {
  const env = serverEnvironment();
  const child = spawn(binaries.postgres, serverArguments(settings), {
    env,
    stdio: ['ignore', log, log],
    windowsHide: true,
  });
  const watcher = spawn(process.execPath, ['-e', WATCHER, binaries.pgCtl, settings.cluster], {
    env,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  return { child, guard: watcher.stdin };
}

async function stopServer(plan: ServerPlan, child: ChildProcess, exited: Promise<ServerExit>): Promise<ServerExit> {
  // Windows has no signals to send: only pg_ctl can ask for an orderly end there.
  if (process.platform === 'win32') {
    spawnSync(plan.binaries.pgCtl, ['stop', '-m', 'fast', '-D', plan.settings.cluster], { stdio: 'ignore' });
  } else {
    child.kill('SIGINT');
  }
  if (await endsWithin(exited, FAST_STOP_MS)) return exited;
  child.kill('SIGQUIT');
  if (!(await endsWithin(exited, IMMEDIATE_STOP_MS))) child.kill('SIGKILL');
  return exited;
}

async function endsWithin(exited: Promise<ServerExit>, milliseconds: number): Promise<boolean> {
  const patience = new AbortController();
  const timeout = delay(milliseconds, false, { signal: patience.signal }).catch(() => false);
  try {
    return await Promise.race([exited.then(() => true), timeout]);
  } finally {
    patience.abort();
  }
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(16_384);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
