import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { DomainError } from '#core';
import type { Clock } from '#core';
import { notAuthenticated } from './refusal.ts';
import { commonScopes, SCOPES } from './scopes.ts';
import type { Scope } from './scopes.ts';

/** An issuer whose tokens are taken. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms?: readonly string[];
  readonly keys: JWTVerifyGetKey;
}

/** What a valid access token says. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The scopes of ours it names; undefined when it names none at all and so does not narrow. */
  readonly scopes?: ReadonlySet<Scope>;
}

const DEFAULT_ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'] as const;
const ALLOWED_ALGORITHMS: readonly string[] = [...DEFAULT_ALGORITHMS, 'RS256', 'PS256'];
const TOKEN_BYTES_MAX = 8_192;
const CLOCK_TOLERANCE_SECONDS = 30;
const AGE_SECONDS_MAX = 86_400;
/** Header members that bring or point to a key, or demand an extension. Keys come from the issuer's set alone. */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit'] as const;
/** OpenID Connect Core §2: at most 255 ASCII characters. */
export const TOKEN_SUBJECT = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;
const KEY_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Verifies JWT access tokens (RFC 9068, with the advice of RFC 8725): type `at+jwt`, an issuer that is trusted, a
 * signature by one of its published keys under one of its algorithms, audience, time, and the claims `iss`, `aud`,
 * `exp`, `iat`, `jti`, `sub`. A token counts for 24 hours after its `iat` at most.
 */
export class TokenVerifier {
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly #clock: Clock;

  /** @throws Error when two issuers have one name or one asks for an algorithm that is not allowed. */
  constructor(issuers: readonly TrustedIssuer[], clock: Clock) {
    for (const { issuer, algorithms = [] } of issuers) {
      const wrong = algorithms.find((algorithm) => !ALLOWED_ALGORITHMS.includes(algorithm));
      if (wrong !== undefined) {
        throw new Error(`issuer ${issuer}: algorithm ${wrong} must be one of ${ALLOWED_ALGORITHMS.join(', ')}`);
      }
    }
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
    if (this.#issuers.size !== issuers.length) throw new Error('an issuer of access tokens is configured twice');
    this.#clock = clock;
  }

  /**
   * @throws DomainError `not-authenticated` for every token that is not valid, `issuer-unavailable` when the keys of
   * its issuer cannot be read. Neither holds a part of the token.
   */
  async verify(token: string): Promise<VerifiedToken> {
    try {
      if (token.length > TOKEN_BYTES_MAX) throw notAuthenticated('token: too large');
      const issuer = this.#issuerOf(token);
      const { payload } = await jwtVerify(token, issuer.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms: [...(issuer.algorithms ?? DEFAULT_ALGORITHMS)],
        typ: 'at+jwt',
        requiredClaims: ['iss', 'aud', 'exp', 'iat', 'jti', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        maxTokenAge: AGE_SECONDS_MAX,
        currentDate: new Date(this.#clock.now()),
      });
      return verifiedOf(issuer.issuer, payload);
    } catch (error) {
      if (error instanceof DomainError) throw error;
      // Only the kind of fault is kept: jose's errors carry the claims, and parsers quote their input.
      throw notAuthenticated(`token: ${error instanceof errors.JOSEError ? error.code : 'malformed'}`);
    }
  }

  /** The issuer a token claims; nothing else is taken from it before its signature is verified. */
  #issuerOf(token: string): TrustedIssuer {
    const header = decodeProtectedHeader(token);
    const forbidden = FORBIDDEN_HEADERS.find((name) => Object.hasOwn(header, name));
    if (forbidden !== undefined) throw notAuthenticated(`token: header ${forbidden}`);
    if (typeof header.kid !== 'string' || !KEY_ID.test(header.kid)) throw notAuthenticated('token: no key id');
    const issuer = this.#issuers.get(decodeJwt(token).iss ?? '');
    if (issuer === undefined) throw notAuthenticated('token: unknown issuer');
    return issuer;
  }
}

function verifiedOf(issuer: string, payload: JWTPayload): VerifiedToken {
  const { sub, exp = 0, iat = 0, jti, scope } = payload;
  if (typeof sub !== 'string' || !TOKEN_SUBJECT.test(sub)) throw notAuthenticated('token: form of sub');
  if (typeof jti !== 'string' || jti === '') throw notAuthenticated('token: form of jti');
  if (scope !== undefined && typeof scope !== 'string') throw notAuthenticated('token: form of scope');
  return {
    issuer,
    subject: sub,
    expiresAt: Math.min(exp, iat + AGE_SECONDS_MAX) * 1000,
    ...(scope !== undefined && { scopes: new Set(commonScopes(scope.split(' '), SCOPES)) }),
  };
}
