import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { Secret } from './secret.ts';

/** Keys derived from the one service secret, each for one use (HKDF-SHA-256, RFC 5869). */
export interface ServiceKeys {
  /** Pepper of members' identifiers at rest. */
  readonly pepper: Secret<Buffer>;
  readonly pepperVersion: number;
  /** Seed of the key that signs the local issuer's tokens. */
  readonly issuer: Secret<Buffer>;
  /** Seals list cursors. */
  readonly cursor: Secret<Buffer>;
}

/**
 * Derives the service's keys. Without a configured secret one is made at the first start and kept, mode 0600, in the
 * data folder: losing it makes stored identifiers unmatchable, so it belongs in the same backup as the data.
 */
export function loadServiceKeys(config: Pick<Config, 'dataDir' | 'serviceSecret'>): ServiceKeys {
  const secret = config.serviceSecret?.reveal() ?? storedSecret(join(config.dataDir, 'secrets'));
  const derive = (use: string): Secret<Buffer> =>
    new Secret(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `haven/${use}`, 32)));
  return { pepper: derive('pepper/1'), pepperVersion: 1, cursor: derive('cursor/1'), issuer: derive('issuer/1') };
}

function storedSecret(folder: string): Buffer {
  const file = join(folder, 'service.key');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Written aside and renamed: a start that dies half-way leaves no short key behind.
    writeFileSync(`${file}.new`, randomBytes(32), { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }
  const bytes = readFileSync(file);
  if (bytes.length !== 32) throw new Error(`${file} holds ${bytes.length} bytes, must be 32`);
  return bytes;
}
