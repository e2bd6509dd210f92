import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PKCS #8 of an Ed25519 key up to its 32 secret bytes (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The Ed25519 key of 32 secret bytes; the same bytes give the same key.
 *
 * @throws RangeError for another length.
 */
export function issuerKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError(`the issuer's seed has ${seed.length} bytes, must have 32`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/**
 * The Ed25519 key kept as a JWK in the data folder, mode 0600; made at the first call. Processes that start together
 * on one folder end up with the same key.
 *
 * @throws Error when the file can be read by others, or holds no such key. The text never holds the key.
 */
export function storedIssuerKey(dataDir: string): KeyObject {
  const folder = join(dataDir, 'secrets');
  const file = join(folder, 'issuer.jwk');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    createOnce(file, JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })));
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new Error(`${file} can be read by others than its owner: chmod 600 it, or remove it to get a new key`);
  }
  return parseKey(file, readFileSync(file, 'utf8'));
}

/** Writes a whole file or none: complete and flushed aside, then linked under its name, which fails if it exists. */
function createOnce(file: string, content: string): void {
  const aside = `${file}.${randomUUID()}`;
  writeFileSync(aside, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(aside, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(aside);
  }
}

function parseKey(file: string, content: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: JSON.parse(content) as JsonWebKey, format: 'jwk' });
  } catch {
    // The parser's own message may quote the content.
    throw new Error(`${file} holds no private key in JWK form: restore it, or remove it to get a new key`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} must hold an Ed25519 key`);
  return key;
}
