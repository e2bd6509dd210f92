import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What a key is for: a `test` key never works on a `live` deployment, nor the other way round. */
export type KeyMode = 'live' | 'test';

/** A key text taken apart. The secret has not been compared with anything yet. */
export interface ParsedKey {
  readonly mode: KeyMode;
  /** Eight characters, public: finds the stored key. */
  readonly publicId: string;
  /** SHA-256 of the secret, 32 bytes. */
  readonly secretHash: Buffer;
}

/** A key just made. The text is the only copy of the secret. */
export interface GeneratedKey extends ParsedKey {
  readonly text: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PUBLIC_ID_LENGTH = 8;
/** 62^43 > 2^256 and 62^6 > 2^32. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** `crk_<mode>_<public id>_<secret><checksum>`; the checksum is the CRC-32 of all that stands before it. */
const KEY = /^(crk_(live|test)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43}))([0-9A-Za-z]{6})$/;

/** What every key text begins with, so that a bearer token is told from a key without trying both. */
export const KEY_PREFIX = 'crk_';

/**
 * A new key with a secret of 256 bits from the operating system's generator.
 *
 * @param publicId kept when a key gets a new secret; a new one otherwise.
 */
export function generateKey(mode: KeyMode, publicId: string = newPublicId()): GeneratedKey {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  const body = `${KEY_PREFIX}${mode}_${publicId}_${secret}`;
  return { mode, publicId, secretHash: hashOf(secret), text: body + checksum(body) };
}

/**
 * Reads a key text and proves its checksum, so that junk and misspelt keys are refused without a look into the
 * database. The checksum is no protection against forgery: the secret is.
 *
 * @returns undefined for anything that is not the text of a key.
 */
export function parseKey(text: string): ParsedKey | undefined {
  const [, body, mode, publicId, secret, sum] = KEY.exec(text) ?? [];
  if (body === undefined || publicId === undefined || secret === undefined || sum !== checksum(body)) return undefined;
  return { mode: mode === 'live' ? 'live' : 'test', publicId, secretHash: hashOf(secret) };
}

/** Whether two SHA-256 digests are equal, in time that does not depend on where they differ. */
export function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The part of a key that may be shown again: `crk_live_<public id>`. */
export const keyHint = (mode: KeyMode, publicId: string): string => `${KEY_PREFIX}${mode}_${publicId}`;

/** 256 random bits cannot be guessed, so one fast hash is enough to store them. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret, 'ascii').digest();

const checksum = (body: string): string => base62(BigInt(crc32(body)), CHECKSUM_LENGTH);

const newPublicId = (): string =>
  Array.from({ length: PUBLIC_ID_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A number below 62^length as exactly that many digits, the most significant first. */
function base62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
