import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process runs. A zombie, dead but not yet reaped by whoever inherited it, does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

/** Asks again until the answer is yes; fails by name at the deadline. */
export async function eventually(
  what: string,
  withinMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(20);
  }
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Leader of a process group of its own, as a command typed in a terminal is. */
  readonly detached?: boolean;
}

/** A child process whose lines are read as they come. */
export class Program {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #complaints = '';

  constructor(file: string, args: readonly string[], options: ProgramOptions = {}) {
    this.child = spawn(file, args, { ...options, stdio: 'pipe' });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.#lines = createInterface(this.child.stdout!)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The next line of stdout. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the program ended before it said more: ${this.#complaints}`);
    return value;
  }

  /** Exit code and signal, once it has ended. */
  async ended(): Promise<[number | null, NodeJS.Signals | null]> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return [exitCode, signalCode];
    return (await once(this.child, 'exit')) as [number | null, NodeJS.Signals | null];
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended();
  }
}
