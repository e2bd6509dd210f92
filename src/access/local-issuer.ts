import { createPublicKey, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, createLocalJWKSet, SignJWT } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import type { Clock } from '#core';
import type { Scope } from './scopes.ts';

export const ACCESS_TOKEN_SECONDS = 600;

/** A published Ed25519 key (RFC 8037 §2). */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly alg: 'EdDSA';
  readonly use: 'sig';
}

/** What a token is made for. */
export interface TokenSubject {
  /** Id of the API key, which becomes `sub` and `client_id`. */
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** When the key ends, milliseconds since the epoch: no token outlives its key. */
  readonly expiresAt: number;
}

export interface SignedToken {
  readonly text: string;
  readonly lifetimeSeconds: number;
}

/**
 * The service's own issuer of access tokens (RFC 9068): ten-minute tokens that stand for an API key. The key is read
 * again at each use of a token, so revoking the key ends its tokens too.
 */
export class LocalIssuer {
  /** `iss` and `aud` of its tokens. */
  readonly issuer: string;
  readonly publicKey: PublicKey;
  readonly verificationKeys: JWTVerifyGetKey;
  readonly #key: KeyObject;
  readonly #clock: Clock;

  private constructor(issuer: string, key: KeyObject, publicKey: PublicKey, clock: Clock) {
    this.issuer = issuer;
    this.publicKey = publicKey;
    this.verificationKeys = createLocalJWKSet({ keys: [{ ...publicKey }] });
    this.#key = key;
    this.#clock = clock;
  }

  /**
   * @param issuer base URL of the service, no slash at the end.
   * @param key Ed25519 private key. Its id in tokens is its RFC 7638 thumbprint.
   */
  static async create(issuer: string, key: KeyObject, clock: Clock): Promise<LocalIssuer> {
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
    const kid = await calculateJwkThumbprint(jwk);
    return new LocalIssuer(issuer, key, { ...jwk, kid, alg: 'EdDSA', use: 'sig' }, clock);
  }

  async sign(subject: TokenSubject): Promise<SignedToken> {
    const nowSeconds = Math.floor(this.#clock.now() / 1000);
    const lifetimeSeconds = Math.min(ACCESS_TOKEN_SECONDS, Math.floor(subject.expiresAt / 1000) - nowSeconds);
    const text = await new SignJWT({ client_id: subject.keyId, scope: subject.scopes.join(' ') })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: this.publicKey.kid })
      .setIssuer(this.issuer)
      .setAudience(this.issuer)
      .setSubject(subject.keyId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + lifetimeSeconds)
      .setJti(randomUUID())
      .sign(this.#key);
    return { text, lifetimeSeconds };
  }
}
