import { randomBytes } from 'node:crypto';

/** What each prefixed id names. */
export const ID_PREFIXES = {
  brand: 'brd',
  agency: 'agy',
  grant: 'grt',
  key: 'key',
  audience: 'aud',
  release: 'rel',
  charge: 'chg',
  audit: 'adt',
  identity: 'idn',
  campaign: 'cmp',
  adjustment: 'adj',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id: prefix, `_`, 26 characters of Crockford base 32 (48 bits of milliseconds, 80 random bits, as in ULID), so
 * that ids sort by time of making and cannot be guessed.
 *
 * @param now milliseconds since the epoch, from the `Clock`.
 */
export function newId(kind: IdKind, now: number): string {
  let bits = (BigInt(now) << 80n) | BigInt(`0x${randomBytes(10).toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${ID_PREFIXES[kind]}_${text}`;
}

/** Whether a text has the form of an id of this kind; says nothing about its existence. */
export function isId(kind: IdKind, text: unknown): text is string {
  return typeof text === 'string' && new RegExp(`^${ID_PREFIXES[kind]}_[0-9a-hjkmnp-tv-z]{26}$`).test(text);
}
