import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { syncFolder } from '../common/sync-folder.ts';
import { MarkError, signedMark, verifiedMark } from './high-water-mark.ts';
import type { HighWaterMark, MarkContent } from './high-water-mark.ts';

/** A file of the folder: what it says, or what is wrong with it. */
export type MarkFile =
  { readonly name: string; readonly mark: MarkContent } | { readonly name: string; readonly fault: string };

const MARK = '.mark';
const UNFINISHED = '.unfinished';
/** After this long an unfinished file belongs to no write that still runs. */
const LEFTOVER_MS = 3_600_000;
/** Looks at a folder whose files are replaced while they are read, and the pause before each, milliseconds. */
const LOOKS_MAX = 50;
const LOOK_AGAIN_MS = 20;

/**
 * The folder of the high-water marks, which all replicas of a service share.
 *
 * A file never changes once it has its name: a newer mark is a new file. Whoever has read a file and written a mark that
 * covers it may remove it, for nothing that he has not read can be lost. At every moment the files together cover all
 * that was ever marked, until a reconciliation replaces them.
 */
export class HighWaterFolder {
  readonly path: string;
  readonly #key: Buffer;

  /** @param key signs marks; the same for all replicas. */
  constructor(path: string, key: Buffer) {
    this.path = path;
    this.#key = key;
  }

  /** Every mark in the folder; none where there is no folder. Other files are none of our business. */
  async read(): Promise<readonly MarkFile[]> {
    for (let look = 1; ; look++) {
      const names = (await namesIn(this.path)).filter((name) => name.endsWith(MARK));
      const files = await Promise.all(names.map((name) => this.#readOne(name)));
      const there = files.filter((file) => file !== undefined);
      if (there.length === files.length) return await this.#withoutReplaced(there);
      // One was removed since it was listed: what covers it may not have been listed yet.
      if (look === LOOKS_MAX) throw new Error(`${this.path} changes faster than it can be read`);
      await delay(LOOK_AGAIN_MS);
    }
  }

  /** Ends what a crash may have cut short: the files that another one replaces are set aside. */
  async #withoutReplaced(files: readonly MarkFile[]): Promise<readonly MarkFile[]> {
    const replaced = new Set(files.flatMap((file) => ('mark' in file ? file.mark.replaces : [])));
    await this.#setAside(files.map(({ name }) => name).filter((name) => replaced.has(name)));
    return files.filter(({ name }) => !replaced.has(name));
  }

  async #readOne(name: string): Promise<MarkFile | undefined> {
    try {
      return { name, mark: verifiedMark(await readFile(join(this.path, name), 'utf8'), this.#key) };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' || code === 'ESTALE') return undefined;
      if (code === undefined && !(error instanceof MarkError)) throw error;
      return { name, fault: error instanceof MarkError ? error.message : `it cannot be read (${code})` };
    }
  }

  /**
   * Adds a mark. It is on disk, whole and by its name, when this resolves; a crash before leaves none.
   *
   * @param replaces names of files that count no more once it is there.
   * @returns the name of its file.
   */
  async add(mark: HighWaterMark, replaces: readonly string[] = []): Promise<string> {
    const text = signedMark({ ...mark, replaces }, this.#key);
    await makeFolder(this.path);
    const name = `${randomUUID()}${MARK}`;
    const unfinished = join(this.path, `${name}${UNFINISHED}`);
    try {
      await writeFile(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
      await rename(unfinished, join(this.path, name));
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await syncFolder(this.path);
    return name;
  }

  /** Removes marks that another one on disk covers. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.path, name), { force: true });
  }

  /**
   * Adds a mark in the place of others, which may say more: they count until it is on disk and no more from then on,
   * whatever happens in between. They are kept as `<name>.set-aside`, for somebody to look at.
   */
  async replace(names: readonly string[], mark: HighWaterMark): Promise<void> {
    await this.add(mark, names);
    await this.#setAside(names);
  }

  async #setAside(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) {
      await rename(join(this.path, name), join(this.path, `${name}.set-aside`)).catch(unlessGone);
    }
    await syncFolder(this.path);
  }

  /** Removes what writes that never ended left behind. @param name a file just made: its date is the folder's now. */
  async removeLeftovers(name: string): Promise<void> {
    const { mtimeMs: now } = await stat(join(this.path, name));
    for (const leftover of (await namesIn(this.path)).filter((other) => other.endsWith(UNFINISHED))) {
      const { mtimeMs } = await stat(join(this.path, leftover)).catch(() => ({ mtimeMs: now }));
      if (now - mtimeMs > LEFTOVER_MS) await this.remove([leftover]);
    }
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function unlessGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    unlessGone(error);
    return [];
  }
}

/** Makes a folder that is its owner's alone, on disk with those above it. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}
