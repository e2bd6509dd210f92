import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');
const LEASH = join(ROOT, 'tools/launcher/leash.mjs');

/** A program that does not stop in order within this is killed, milliseconds. */
const STOP_MS = 25_000;
const COMPLAINT_CHARACTERS = 4_000;

const folders = new Set<string>();
/** Running programs, each with its stop once that was asked for: a second signal would cut an orderly stop short. */
const children = new Map<ChildProcess, Promise<void> | undefined>();

// Asked to end, this process first lets its programs end, so that nothing writes to a folder that is removed. Where it
// is killed, their leash ends them.
process.once('SIGINT', () => void endAll(130));
process.once('SIGTERM', () => void endAll(143));

async function endAll(code: number): Promise<void> {
  await Promise.all([...children.keys()].map(stop));
  for (const folder of folders) remove(folder);
  process.exit(code);
}

/** A server that was killed may write for a moment longer. */
const remove = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });

/** Lends an empty folder to the work, and removes it after. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'haven-bench-run-'));
  folders.add(folder);
  try {
    return await work(folder);
  } finally {
    remove(folder);
    folders.delete(folder);
  }
}

export interface ProgramSpec<T> {
  /** Path of the program from the root of the project. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Environment variables on top of ours; ours that configure the service are left out. */
  readonly env?: Readonly<Record<string, string>>;
  /** Reads a line of stdout: what it tells, or undefined to wait for a later one. */
  readonly told: (line: string) => T | undefined;
  /** Longest wait for that line, milliseconds. */
  readonly withinMs: number;
}

/**
 * Runs a Node program as the product is run, from the compiled code, until the work with what it told has ended. The
 * program is then asked to stop, and killed if it does not.
 *
 * @throws Error with the end of its stderr when it ends, or time does, before it told anything.
 */
export async function withProgram<T, R>(spec: ProgramSpec<T>, work: (told: T) => Promise<R>): Promise<R> {
  const child = spawn(process.execPath, ['--import', LEASH, join(ROOT, spec.program), ...(spec.args ?? [])], {
    cwd: ROOT,
    env: { ...plainEnvironment(), ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.set(child, undefined);
  try {
    return await work(await firstTold(child, spec));
  } finally {
    await stop(child);
    children.delete(child);
  }
}

async function firstTold<T>(child: ChildProcess, { program, told, withinMs }: ProgramSpec<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let complaints = '';
  const fail = (why: string): void => reject(new Error(`${program} ${why}: ${complaints.trim() || 'it said nothing'}`));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-COMPLAINT_CHARACTERS);
  });
  if (child.stdout === null) throw new TypeError('a program is started with a pipe for its output');
  createInterface(child.stdout).on('line', (line) => {
    const value = told(line);
    if (value !== undefined) resolve(value);
  });
  child.once('error', reject);
  child.once('exit', (code) => fail(`ended with code ${code}`));
  const late = setTimeout(() => fail(`told nothing within ${withinMs} ms`), withinMs);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

function stop(child: ChildProcess): Promise<void> {
  const stopping = children.get(child) ?? stopInOrder(child);
  children.set(child, stopping);
  return stopping;
}

async function stopInOrder(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(late);
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(HAVEN_|RELEASE_SLOT_MS$|DATABASE_URL$|NODE_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
