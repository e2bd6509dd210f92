import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { DomainError, canonicalJson, sha256Hex } from '#core';
import type { Clock, Json } from '#core';

/** Where a list goes on: after the row with this sort key and id. */
export interface CursorPosition {
  readonly sortKey: string;
  readonly id: string;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TOKEN_LENGTH_MAX = 1_024;
const CIPHER = 'aes-256-gcm';

/** How long a cursor may be used, milliseconds. */
export const CURSOR_TTL_MS = 24 * 60 * 60 * 1_000;

/**
 * Seals the place a list stopped at into an opaque text and opens it again.
 *
 * AES-256-GCM under a key derived from the service's secret (HKDF-SHA-256, RFC 5869): the caller can neither read the
 * sort key and id, nor change them, nor carry them over to a list with another filter: the filter's hash is
 * authenticated with the position (NIST SP 800-38D, additional data). Put everything that selects the rows into the
 * filter, the owner's id too. A random 96-bit nonce per cursor bounds one secret to 2^32 cursors.
 */
export class CursorSealer {
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #ttlMs: number;

  /** @param secret 32 bytes. */
  constructor(secret: Buffer, clock: Clock, ttlMs: number = CURSOR_TTL_MS) {
    if (secret.length !== 32) throw new RangeError(`the secret of cursors has ${secret.length} bytes, must have 32`);
    this.#key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'haven/cursor/aes-256-gcm', 32));
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** @returns base64url text, without padding. */
  seal(position: CursorPosition, filter: Json): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(associatedData(filter));
    const content = JSON.stringify([position.sortKey, position.id, this.#clock.now() + this.#ttlMs]);
    const sealed = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), nonce, sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** @throws DomainError 'cursor-invalid' where the text was altered, expired or sealed for another filter. */
  open(token: string, filter: Json): CursorPosition {
    const [sortKey, id, expiresAt] = this.#decrypt(token, filter);
    if (this.#clock.now() >= expiresAt) throw invalid('The cursor has expired; start again without one.');
    return { sortKey, id };
  }

  #decrypt(token: string, filter: Json): [sortKey: string, id: string, expiresAt: number] {
    const bytes = decode(token);
    const tagAt = bytes.length - TAG_BYTES;
    try {
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(associatedData(filter));
      decipher.setAuthTag(bytes.subarray(tagAt));
      const content = Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES, tagAt)), decipher.final()]);
      // Authenticated: this process family wrote it.
      return JSON.parse(content.toString('utf8')) as [string, string, number];
    } catch (cause) {
      throw invalid('The cursor does not belong to this list and filter; start again without one.', cause);
    }
  }
}

const associatedData = (filter: Json): Buffer => Buffer.from(sha256Hex(canonicalJson(filter)), 'hex');

/** Bytes of a token; base64url has several spellings of the same bytes, of which one is accepted. */
function decode(token: string): Buffer {
  const bytes = token.length > TOKEN_LENGTH_MAX ? Buffer.alloc(0) : Buffer.from(token, 'base64url');
  const wellFormed = bytes.length > 1 + NONCE_BYTES + TAG_BYTES && bytes[0] === VERSION;
  if (!wellFormed || bytes.toString('base64url') !== token) throw invalid('The cursor is not one this service gave.');
  return bytes;
}

const invalid = (text: string, cause?: unknown): DomainError =>
  new DomainError('cursor-invalid', {
    public: text,
    errors: [{ pointer: '/cursor', code: 'cursor', message: 'is not valid here, must be the nextCursor of this list' }],
    cause,
  });
