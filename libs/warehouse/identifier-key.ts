import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

const PEPPER_BYTES_MIN = 32;
const SHA256_BYTES = 32;

/**
 * The secret that keys identifiers at rest: hid = HMAC-SHA-256(pepper, SHA-256(identifier)).
 *
 * A bare SHA-256 of a loyalty number can be found by trying them all; with a secret pepper kept apart from the data it
 * cannot (EDPB Guidelines 01/2025 on pseudonymisation). The pepper cannot be read back, printed or serialised.
 */
export class IdentifierKey {
  readonly version: number;
  readonly #pepper: KeyObject;

  /**
   * @param pepper at least 32 random bytes; copied.
   * @param version stored beside each keyed identifier, so that peppers can rotate.
   * @throws RangeError for a shorter pepper or a version that is not a positive integer.
   */
  constructor(pepper: Buffer, version: number) {
    if (pepper.length < PEPPER_BYTES_MIN) {
      throw new RangeError(`a pepper has at least ${PEPPER_BYTES_MIN} bytes, this one has ${pepper.length}`);
    }
    if (!Number.isInteger(version) || version < 1)
      throw new RangeError(`a pepper version is 1 or more, not ${version}`);
    // A key object is a copy, and saves preparing the key again for each of millions of identifiers.
    this.#pepper = createSecretKey(pepper);
    this.version = version;
  }

  /**
   * The keyed form of one identifier.
   *
   * @param sha256 the 32 bytes of the SHA-256 of the identifier.
   * @returns 32 bytes.
   */
  hid(sha256: Uint8Array): Buffer {
    if (sha256.length !== SHA256_BYTES) throw new RangeError(`a SHA-256 has 32 bytes, not ${sha256.length}`);
    return this.#hmac(sha256);
  }

  /**
   * A value that tells this pepper from another and says nothing else about it. Stored in the file: under a wrong pepper
   * every withdrawal would silently name nobody.
   */
  check(): string {
    return this.#hmac('haven/identifier-key/check').toString('hex');
  }

  [inspect.custom](): string {
    return `IdentifierKey(version ${this.version})`;
  }

  #hmac(message: Uint8Array | string): Buffer {
    return createHmac('sha256', this.#pepper).update(message).digest();
  }
}
