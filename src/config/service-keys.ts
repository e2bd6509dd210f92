import { hkdfSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { createSecretFile, readSecretFile } from './secret-file.ts';
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
  /** Signs the high-water marks of the ledger. */
  readonly ledgerMark: Secret<Buffer>;
}

/**
 * Derives the service's keys. Without a configured secret one is made at the first start and kept, mode 0600, in the
 * data folder: losing it makes stored identifiers unmatchable, so it belongs in the same backup as the data.
 *
 * @throws Error when the stored secret can be read by others or is not whole.
 */
export function loadServiceKeys(config: Pick<Config, 'dataDir' | 'serviceSecret'>): ServiceKeys {
  const secret = config.serviceSecret?.reveal() ?? storedSecret(join(config.dataDir, 'secrets', 'service.key'));
  const derive = (use: string): Secret<Buffer> =>
    new Secret(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `haven/${use}`, 32)));
  return {
    pepper: derive('pepper/1'),
    pepperVersion: 1,
    cursor: derive('cursor/1'),
    issuer: derive('issuer/1'),
    ledgerMark: derive('ledger-mark/1'),
  };
}

function storedSecret(file: string): Buffer {
  if (!existsSync(file)) createSecretFile(file, randomBytes(32));
  const bytes = readSecretFile(file);
  if (bytes.length !== 32) throw new Error(`${file} holds ${bytes.length} bytes, must be 32`);
  return bytes;
}
