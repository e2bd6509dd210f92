import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

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
