import { readFileSync } from 'node:fs';

const EVERY_MS = 250;

// Taken when the launcher starts: an install may come before the first watch.
const PARENT = process.ppid;
// On Linux the shell between us and npm can be told and looked behind; elsewhere the parent alone is watched.
const BEHIND = commandLine(PARENT).includes('tools/haven.mjs') ? parentOf(PARENT) : undefined;

/**
 * Calls `onGone` once when the npm that runs this script has died. npm passes no signal on when it is killed, and the
 * shell it puts between lives on; without this the service would be left behind, holding its data folder.
 *
 * Does nothing outside npm: there a parent may leave on purpose (nohup, a shell script).
 *
 * @returns a function that ends the watch.
 */
export function watchNpm(onGone) {
  if (!process.env.npm_lifecycle_event) return () => undefined;
  const timer = setInterval(() => {
    if (process.ppid === PARENT && (BEHIND === undefined || parentOf(PARENT) === BEHIND)) return;
    clearInterval(timer);
    onGone();
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function parentOf(pid) {
  try {
    // "pid (name) state ppid …"; the name may hold spaces and brackets.
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S+ /s, '')
        .split(' ', 1)[0],
    );
  } catch {
    return undefined;
  }
}
