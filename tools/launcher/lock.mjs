import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LaunchError, say } from './step.mjs';

const NAME = '.haven.lock';
const GRAVE = `${NAME}.dead-`;
const WAIT_MS = 15 * 60_000;
const BUSY = new Set(['EEXIST', 'ENOTEMPTY', 'EPERM', 'EACCES']);

/** Runs `work` while no other launcher of this checkout installs or builds. */
export async function withLock(root, work) {
  const lock = join(root, NAME);
  const own = await acquire(root, lock);
  // Also where a signal ends us between two steps.
  const release = () => {
    if (read(lock)?.token !== own) return;
    // Moved away first: a lock folder found empty, half removed, would be there for the taking.
    renameSync(lock, join(root, `${GRAVE}${own}`));
    for (const name of readdirSync(root).filter((entry) => entry.startsWith(GRAVE))) {
      rmSync(join(root, name), { recursive: true, force: true });
    }
  };
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

/**
 * The lock is a folder with its owner's name in it, moved into place whole: a rename onto a folder that is not empty
 * fails, so exactly one of two wins.
 */
async function acquire(root, lock) {
  const token = randomBytes(8).toString('hex');
  const deadline = Date.now() + WAIT_MS;
  let told = false;
  for (;;) {
    if (take(lock, token)) return token;
    const owner = read(lock);
    if (owner && isGone(owner, lock)) {
      bury(root, owner.token);
      continue;
    }
    if (owner && !told) say(`Another start (process ${owner.pid}) installs or builds here; waiting for it …`);
    told ||= Boolean(owner);
    if (Date.now() > deadline) throw new LaunchError(`${lock} is held for too long; remove it if no other start runs.`);
    await delay(200);
  }
}

function take(lock, token) {
  const own = `${lock}.${token}`;
  mkdirSync(own);
  writeFileSync(join(own, 'owner.json'), JSON.stringify({ token, pid: process.pid, host: hostname() }));
  try {
    renameSync(own, lock);
    return true;
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (BUSY.has(error.code)) return false;
    throw error;
  }
}

/**
 * Puts a dead owner's lock away under a name with its token, and leaves it there until a release: of two who saw the
 * dead one, the later then fails to move, instead of moving the lock that the earlier has taken meanwhile.
 */
function bury(root, token) {
  try {
    renameSync(join(root, NAME), join(root, `${GRAVE}${token}`));
  } catch (error) {
    if (!BUSY.has(error.code) && error.code !== 'ENOENT') throw error;
  }
}

function isGone(owner, lock) {
  // A process of another machine or container cannot be asked; its lock is believed for a while.
  if (owner.host !== hostname())
    return Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) > WAIT_MS;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function read(lock) {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
