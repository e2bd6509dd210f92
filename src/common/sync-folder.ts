import { open } from 'node:fs/promises';

/** Resolves when the names in a folder are on disk: a file that was made or renamed there is found after a crash. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps their names in its own journal.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
