import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { LaunchError, runStep, say } from './step.mjs';

/** Runs `npm ci` unless `node_modules` is what `package-lock.json` says. */
export async function ensureInstall(root) {
  if (isInstalled(root)) return;
  await withLock(root, async () => {
    if (isInstalled(root)) return;
    say('Installing the dependencies (npm ci), one to two minutes …');
    const begun = performance.now();
    const code = await runStep(...npm('ci'), { cwd: root, stdout: process.stderr });
    if (code !== 0) throw new LaunchError(`npm ci failed with code ${code}.`, code);
    writeFileSync(stampFile(root), wantedStamp(root));
    say(`Installed in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
  });
}

/** The stamp is written after a whole install; an install by hand is accepted by npm's own record of it. */
function isInstalled(root) {
  const wanted = wantedStamp(root);
  if (read(stampFile(root)) === wanted) return true;
  if (!agrees(read(join(root, 'package-lock.json')), read(join(root, 'node_modules', '.package-lock.json'))))
    return false;
  writeFileSync(stampFile(root), wanted);
  return true;
}

const stampFile = (root) => join(root, 'node_modules', '.haven-lock');

// The content, not its date: a checkout gives every file a new one.
function wantedStamp(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/** Whether npm's record of the tree holds every package of the lock that this machine needs, at its version. */
function agrees(lockText, recordText) {
  if (!lockText || !recordText) return false;
  const installed = JSON.parse(recordText).packages ?? {};
  return Object.entries(JSON.parse(lockText).packages).every(([path, wanted]) => {
    if (path === '' || (wanted.optional && !fits(wanted))) return true;
    return installed[path]?.version === wanted.version && installed[path]?.integrity === wanted.integrity;
  });
}

function fits({ os, cpu, libc }) {
  // Which libc runs cannot be told for sure; npm's choice stands.
  if (libc) return false;
  return [
    [os, process.platform],
    [cpu, process.arch],
  ].every(([allowed, ours]) => !allowed || [allowed].flat().includes(ours));
}

function npm(...args) {
  const program = process.env.npm_execpath;
  // Under npm the same npm; else the one on the path, which Windows finds only through its shell.
  if (program?.endsWith('.js')) return [process.execPath, [program, ...args]];
  return process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', 'npm', ...args]] : ['npm', args];
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
