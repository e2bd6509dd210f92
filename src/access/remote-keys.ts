import { createRemoteJWKSet, customFetch, errors } from 'jose';
import type { FetchImplementation, JWTVerifyGetKey } from 'jose';
import { DomainError } from '#core';
import type { Clock } from '#core';

const TIMEOUT_MS = 3_000;
const CACHE_MS = 600_000;
/** After a good read, how long an unknown key id is refused without reading again. */
const COOLDOWN_MS = 30_000;
/** After a failed read, how long no other is tried: callers with made-up key ids cannot make us press a sick issuer. */
const BACK_OFF_MS = 5_000;
const KEY_SET_BYTES_MAX = 256 * 1024;

/**
 * The published keys of an issuer: read when first needed, kept ten minutes, read again early for an unknown key id.
 * While the issuer cannot be reached, keys that are still kept go on verifying.
 *
 * @param jwksUri `https:`, or `http:` on a loopback address.
 * @returns a key source that throws jose's `JWKSNoMatchingKey` for a key id that is not published, and DomainError
 * `issuer-unavailable` when that cannot be known.
 * @throws Error for another form of address.
 */
export function remoteKeys(jwksUri: string, clock: Clock): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(keySetUrl(jwksUri), {
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: CACHE_MS,
    cooldownDuration: COOLDOWN_MS,
    [customFetch]: backingOff(clock),
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) throw error;
      throw new DomainError('issuer-unavailable', {
        public: 'The keys of the issuer of this token cannot be read now. Try again in a moment.',
        internal: `no usable key set at ${jwksUri}`,
        retryAfterSeconds: BACK_OFF_MS / 1000,
        cause: error,
      });
    }
  };
}

function keySetUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !isLocal)) {
    throw new Error(`the key set address "${text}" must be an https: URL`);
  }
  return url;
}

function backingOff(clock: Clock): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, options) => {
    const sinceMs = clock.now() - failedAt;
    if (sinceMs >= 0 && sinceMs < BACK_OFF_MS) throw new Error('the last read of the key set failed a moment ago');
    try {
      return Response.json(await readKeySet(await fetch(url, options)));
    } catch (error) {
      failedAt = clock.now();
      throw error;
    }
  };
}

async function readKeySet(response: Response): Promise<object> {
  const keySet: unknown = response.status === 200 ? JSON.parse(await boundedText(response)) : undefined;
  if (typeof keySet !== 'object' || keySet === null || !('keys' in keySet) || !Array.isArray(keySet.keys)) {
    throw new Error(`no key set came back: status ${response.status}`);
  }
  return keySet;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > KEY_SET_BYTES_MAX) throw new Error(`the key set is larger than ${KEY_SET_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
