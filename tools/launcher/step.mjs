import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { watchNpm } from './npm-watch.mjs';

/** An end that needs no stack: its message, which may be empty, is for the reader of the terminal. */
export class LaunchError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** One line of progress; stdout belongs to what is run. */
export const say = (line) => console.error(line);

/** A second Ctrl-C this long after the first means it. Nearer ones are one: the terminal and npm both send it. */
const INSISTING_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Runs a program to its end and gives its exit code, 128 + n for signal n.
 *
 * SIGINT and SIGTERM are passed on, once; so is the death of the npm that started us, as SIGTERM. With `leash` the
 * program gets a session of its own and a channel to us that `leash.mjs` watches.
 */
export async function runStep(program, args, { cwd, stdout = 'inherit', leash = false }) {
  const stdio = ['inherit', stdout, 'inherit', ...(leash ? ['ipc'] : [])];
  const child = spawn(program, args, {
    cwd,
    stdio,
    env: environment(),
    detached: leash && process.platform !== 'win32',
  });
  const pass = passSignals(child, leash);
  const unwatch = watchNpm(() => pass('SIGTERM'));
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    const code = await new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new LaunchError(`Cannot run ${program}: ${error.message}`)));
      child.once('exit', (exit, signal) => resolve(exit ?? 128 + constants.signals[signal]));
    });
    if (pass.received && !leash) throw new LaunchError('', code || 128 + constants.signals[pass.received]);
    return code;
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, pass);
    unwatch();
  }
}

function passSignals(child, leash) {
  let first;
  const pass = (signal) => {
    if (first !== undefined) {
      if (performance.now() - first > INSISTING_MS) child.kill('SIGKILL');
      return;
    }
    first = performance.now();
    pass.received = signal;
    // Without a session of its own the child has had the terminal's Ctrl-C already.
    if (leash || signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  return pass;
}

/** Ours without the flags that `.npmrc` gives every script for Jest's sake. */
function environment() {
  const { NODE_OPTIONS, ...rest } = process.env;
  const forJest = new Set(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']);
  const kept = (NODE_OPTIONS ?? '').split(' ').filter((flag) => flag !== '' && !forJest.has(flag));
  return kept.length > 0 ? { ...rest, NODE_OPTIONS: kept.join(' ') } : rest;
}
