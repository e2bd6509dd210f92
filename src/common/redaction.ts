const MASK = '***';

/** Members and parameters whose values are secrets or identify a member, by name, in any spelling of case and joints. */
const SECRET_NAMES = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x[-_]?api[-_]?key',
  'api[-_]?key',
  'access[-_]?key',
  'password',
  'passwd',
  'secret',
  'client[-_]?secret',
  'client[-_]?assertion',
  'private[-_]?key',
  'pepper',
  'token',
  'access[-_]?token',
  'refresh[-_]?token',
  'id[-_]?token',
  'code[-_]?verifier',
  'loyalty[-_]?id(?:[-_]?sha256)?',
  'email(?:[-_]?sha256)?',
  'phone(?:[-_]?sha256)?',
].join('|');

/**
 * What is masked, whatever it stands in. Each pattern is linear in the text: it can begin at one place of a run only,
 * and no repetition can match the same text in two ways.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // "name":"value"
  [new RegExp(`(?<!\\\\)("(?:${SECRET_NAMES})"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gi'), `$1${MASK}`],
  // the same in a JSON text inside a JSON text, where quotes are escaped
  [new RegExp(`(?<!\\\\)(\\\\+"(?:${SECRET_NAMES})\\\\+"\\s*:\\s*\\\\+")[^"\\\\]*`, 'gi'), `$1${MASK}`],
  // name=value of a query string or a form
  [new RegExp(`([?&\\s"](?:${SECRET_NAMES}|key|signature|sig)=)[^&\\s"'\\\\]+`, 'gi'), `$1${MASK}`],
  [/\bcrk_(live|test)_[0-9A-Za-z_-]+/g, `crk_$1_${MASK}`],
  [/\bBearer\s+[^\s"'\\]+/gi, `Bearer ${MASK}`],
  [/\bBasic\s+[A-Za-z0-9+/=]{8,}/gi, `Basic ${MASK}`],
  // JSON Web Token
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, `jwt_${MASK}`],
  // scheme://user:password@
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"]{0,100}):[^\s/@"]{1,200}@/gi, `$1:${MASK}@`],
  // SHA-256 in hexadecimal: a member's identifier has this form and cannot be told from another digest
  [/\b[0-9a-f]{64}\b/gi, `sha256_${MASK}`],
];

/**
 * Masks secrets and members' identifiers in a text: API keys, tokens, credentials in headers, URLs and query strings,
 * values of members with a telling name, SHA-256 digests. The text keeps being JSON if it was.
 */
export function redact(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
  return masked;
}
