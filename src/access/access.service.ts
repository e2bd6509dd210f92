import { Inject, Injectable } from '@nestjs/common';
import { isId } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { ACCESS_OPTIONS } from './access.options.ts';
import type { AccessOptions } from './access.options.ts';
import type { ApiKey } from './api-key.entity.ts';
import { KEY_PREFIX, parseKey, sameSecret } from './api-key.ts';
import { isInNetworks } from './cidr.ts';
import { CredentialsService } from './credentials.service.ts';
import { principalOf } from './principal.ts';
import type { CredentialFacts, Holder, Principal } from './principal.ts';
import { notAuthenticated } from './refusal.ts';
import { ROLE_PRESETS } from './scopes.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { VerifiedToken } from './token-verifier.ts';

/** Compared with when there is no key, so that a wrong id takes as long as a wrong secret. No text hashes to it. */
const NO_HASH = Buffer.alloc(32);

/** Says who a credential belongs to. */
@Injectable()
export class AccessService {
  readonly #credentials: CredentialsService;
  readonly #verifier: TokenVerifier;
  readonly #options: AccessOptions;
  readonly #clock: Clock;

  constructor(
    credentials: CredentialsService,
    verifier: TokenVerifier,
    @Inject(ACCESS_OPTIONS) options: AccessOptions,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#credentials = credentials;
    this.#verifier = verifier;
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * The principal of an `Authorization` header: `Bearer` with an API key or a JWT access token.
   *
   * @param address of the client, for keys that are limited to networks.
   * @throws DomainError `not-authenticated`, or `issuer-unavailable` when a token cannot be judged now.
   */
  authenticate(authorization: string | undefined, address: string): Promise<Principal> {
    const [, credential] = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? [];
    if (credential === undefined) return Promise.reject(notAuthenticated('no bearer credential'));
    return credential.startsWith(KEY_PREFIX)
      ? this.authenticateKey(credential, address)
      : this.#authenticateToken(credential, address);
  }

  /** The principal of the text of an API key. Texts with a wrong checksum never reach the database. */
  async authenticateKey(text: string, address: string): Promise<Principal> {
    const parsed = parseKey(text);
    if (parsed === undefined) throw notAuthenticated('api key: malformed');
    if (parsed.mode !== this.#options.keyMode) throw notAuthenticated(`api key: mode ${parsed.mode}`);
    const key = await this.#credentials.keyByPublicId(parsed.publicId);
    if (!this.#isSecretOf(key, parsed.secretHash)) throw notAuthenticated(`api key ${parsed.publicId}: wrong secret`);
    return this.#principalOfKey(key, address, { credential: 'api-key', expiresAt: key.expiresAt.getTime() });
  }

  async #authenticateToken(token: string, address: string): Promise<Principal> {
    const verified = await this.#verifier.verify(token);
    const facts: CredentialFacts = {
      credential: 'token',
      expiresAt: verified.expiresAt,
      ...(verified.scopes !== undefined && { narrowTo: verified.scopes }),
    };
    if (verified.issuer !== this.#options.publicUrl) return this.#principalOfIdentity(verified, facts);
    const key = isId('key', verified.subject) ? await this.#credentials.keyById(verified.subject) : null;
    if (key === null || key.mode !== this.#options.keyMode) throw notAuthenticated('token: no such key');
    return this.#principalOfKey(key, address, facts);
  }

  async #principalOfKey(key: ApiKey, address: string, facts: CredentialFacts): Promise<Principal> {
    if (key.revokedAt !== null) throw notAuthenticated(`${key.id}: revoked`, 'This API key was revoked.');
    if (key.expiresAt.getTime() <= this.#clock.now()) {
      throw notAuthenticated(`${key.id}: expired`, 'This API key has expired.');
    }
    // The text stays the general one: a thief must not learn that only the place is wrong.
    if (key.allowedIps.length > 0 && !isInNetworks(address, key.allowedIps)) {
      throw notAuthenticated(`${key.id}: used from outside its networks`);
    }
    const principal = await this.#principal(key, facts);
    await this.#credentials.noteUse(key);
    return principal;
  }

  async #principalOfIdentity(token: VerifiedToken, facts: CredentialFacts): Promise<Principal> {
    const identity = await this.#credentials.identity(token.issuer, token.subject);
    if (identity === null || identity.disabledAt !== null) throw notAuthenticated('token: subject has no access');
    const { id, kind, label, brandId, agencyId, role } = identity;
    const preset = ROLE_PRESETS[role];
    if (preset.kind !== kind) throw notAuthenticated(`${id}: role ${role} is of another kind`);
    return this.#principal({ id, kind, label, brandId, agencyId, scopes: preset.scopes }, facts);
  }

  async #principal(holder: Holder, facts: CredentialFacts): Promise<Principal> {
    const grants =
      holder.kind === 'agency' && holder.agencyId !== null ? await this.#credentials.grantsOf(holder.agencyId) : [];
    return principalOf(holder, grants, facts);
  }

  #isSecretOf(key: ApiKey | null, hash: Buffer): key is ApiKey {
    const isCurrent = sameSecret(hash, key?.secretHash ?? NO_HASH);
    const isPrevious = sameSecret(hash, key?.previousSecretHash ?? NO_HASH);
    const previousEnds = key?.previousValidUntil?.getTime() ?? 0;
    return isCurrent || (isPrevious && this.#clock.now() < previousEnds);
  }
}
