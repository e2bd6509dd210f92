import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a file that only its owner can read, whole or not at all, unless it is there already: processes that start
 * together on one folder end up with the same content.
 */
export function createSecretFile(file: string, content: string | Uint8Array): void {
  const aside = writeAside(file, content);
  try {
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(aside);
  }
}

/** Makes a file that only its owner can read, whole or not at all, in the place of one that may be there. */
export function replaceSecretFile(file: string, content: string | Uint8Array): void {
  renameSync(writeAside(file, content), file);
}

/** @throws Error when others than its owner can read the file. The text never holds the content. */
export function readSecretFile(file: string): Buffer {
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new Error(`${file} can be read by others than its owner: chmod 600 it`);
  }
  return readFileSync(file);
}

/** Complete and on disk under a name of its own, in a folder that is its owner's alone where it is made here. */
function writeAside(file: string, content: string | Uint8Array): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, content, { mode: 0o600, flag: 'wx', flush: true });
  return aside;
}
