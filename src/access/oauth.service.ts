import { Injectable } from '@nestjs/common';
import { DomainError } from '#core';
import { AccessService } from './access.service.ts';
import { clientCredentials } from './client-credentials.ts';
import { LocalIssuer } from './local-issuer.ts';
import type { IssuerMetadataDto, KeySetDto, TokenDto, TokenRequestDto } from './oauth.dto.ts';
import { notAuthenticated } from './refusal.ts';
import type { Principal } from './principal.ts';
import { isScope, SCOPES } from './scopes.ts';
import type { Scope } from './scopes.ts';

/** Exchanges API keys for access tokens, and describes the issuer. */
@Injectable()
export class OAuthService {
  readonly #access: AccessService;
  readonly #issuer: LocalIssuer;

  constructor(access: AccessService, issuer: LocalIssuer) {
    this.#access = access;
    this.#issuer = issuer;
  }

  /**
   * A token for an API key. A token is never good for another token: only the key is.
   *
   * @param address of the client, for keys that are limited to networks.
   * @throws DomainError `not-authenticated`; `scope-missing` for a scope the key does not hold.
   */
  async token(request: TokenRequestDto, authorization: string | undefined, address: string): Promise<TokenDto> {
    const { keyText, clientId } = clientCredentials(authorization, request);
    const principal = await this.#access.authenticateKey(keyText, address);
    if (clientId !== undefined && clientId !== principal.id)
      throw notAuthenticated(`${principal.id}: another client id`);
    const scopes = requestedScopes(principal, request.scope);
    const token = await this.#issuer.sign({ keyId: principal.id, scopes, expiresAt: principal.expiresAt ?? 0 });
    return {
      access_token: token.text,
      token_type: 'Bearer',
      expires_in: token.lifetimeSeconds,
      scope: scopes.join(' '),
    };
  }

  keySet(): KeySetDto {
    return { keys: [this.#issuer.publicKey] };
  }

  metadata(): IssuerMetadataDto {
    const { issuer } = this.#issuer;
    return {
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      scopes_supported: [...SCOPES],
    };
  }
}

function requestedScopes(principal: Principal, text: string | undefined): Scope[] {
  if (text === undefined) return [...principal.scopes];
  const names = [...new Set(text.split(' '))].filter((name) => name !== '');
  return names.map((name) => {
    if (isScope(name) && principal.scopes.has(name)) return name;
    throw new DomainError('scope-missing', {
      public: 'The key does not hold a scope that was asked for.',
      errors: [{ pointer: '/scope', code: 'not-held', message: 'names a scope that the key does not hold' }],
    });
  });
}
