import { createHash } from 'node:crypto';
import { chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { bootFailure } from './boot-failure.ts';

/** The kernel's socket addresses hold 104 bytes (macOS) or 108; the file name takes 18 of them. */
const LONGEST_FOLDER = 80;

/**
 * The folder of the server's socket, mode 0700: `<home>/s`, or a folder named by a hash below the temporary folder
 * where that path is too long for a socket address.
 *
 * @throws DomainError `service-unavailable` when a stranger has taken the name in the temporary folder.
 */
export async function ensureSocketFolder(home: string, account: Account): Promise<string> {
  const beside = join(home, 's');
  const folder = Buffer.byteLength(beside) > LONGEST_FOLDER ? hashedFolder(home) : beside;
  const uid = account.owner?.uid ?? process.getuid?.();
  try {
    await mkdir(folder, { mode: 0o700 });
    if (account.owner) await chown(folder, account.owner.uid, account.owner.gid);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw bootFailure(`${folder} must be a folder of the database's account that no one else may enter; remove it.`);
  }
  return folder;
}

function hashedFolder(home: string): string {
  const name = `haven-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`;
  const temporary = join(tmpdir(), name);
  return Buffer.byteLength(temporary) > LONGEST_FOLDER ? join('/tmp', name) : temporary;
}
