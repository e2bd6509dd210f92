import type { KeyMode } from './api-key.ts';

/** Injection token of `AccessOptions`. */
export const ACCESS_OPTIONS = Symbol('access-options');

/** An outside issuer of access tokens. */
export interface IssuerOptions {
  /** Exactly the `iss` of its tokens. */
  readonly issuer: string;
  /** What `aud` must contain. */
  readonly audience: string;
  /** Where its public keys are; `https:`, or `http:` on this machine. */
  readonly jwksUri: string;
  /** Signature algorithms taken from it; by default EdDSA and ES256. RS256 and PS256 must be named here. */
  readonly algorithms?: readonly string[];
}

export interface AccessOptions {
  /** Base URL of the service without a slash at the end: issuer and audience of the tokens it makes. */
  readonly publicUrl: string;
  readonly issuers: readonly IssuerOptions[];
  /** The only mode of API keys that works here. */
  readonly keyMode: KeyMode;
  /**
   * 32 secret bytes from which the local issuer's key is derived. Replicas that share them share the key and accept
   * each other's tokens.
   */
  readonly issuerSeed: Uint8Array;
}
