import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { DomainError } from '#core';
import { IS_PUBLIC } from '../common/public.decorator.ts';
import { AccessService } from './access.service.ts';
import { ACCESS_RULE } from './needs.decorator.ts';
import type { AccessRule } from './needs.decorator.ts';
import { actingWith } from './principal.ts';
import type { AuthenticatedRequest, Principal } from './principal.ts';
import type { Scope } from './scopes.ts';

/** A credential in a URL ends up in logs and histories. Names used for one, and the form of our own keys. */
const CREDENTIAL_IN_URL = /[?&](?:access_token|api_key|apikey|client_secret)=|crk_(?:live|test)_/i;

/**
 * Decides about every route, and denies by default: a route that does not state its rule answers nobody. On success
 * the request carries the principal, narrowed to the scope the route needs.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #access: AccessService;

  constructor(reflector: Reflector, access: AccessService) {
    this.#reflector = reflector;
    this.#access = access;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const route = [context.getHandler(), context.getClass()];
    if (this.#reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, route) === true) return true;
    const rule = this.#reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_RULE, route);
    if (rule === undefined) {
      throw new DomainError('scope-missing', {
        public: 'This route is open to no one.',
        internal: `${context.getClass().name}.${context.getHandler().name} states no access rule`,
      });
    }
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    const principal = await this.#authenticate(request, http.getResponse<Response>());
    request.principal =
      rule === 'any-credential' ? principal : withScope(principal, rule, http.getResponse<Response>());
    return true;
  }

  async #authenticate(request: AuthenticatedRequest, response: Response): Promise<Principal> {
    const { authorization } = request.headers;
    try {
      if (CREDENTIAL_IN_URL.test(request.originalUrl)) {
        throw new DomainError('not-authenticated', {
          public:
            'A credential belongs in the `Authorization` header, never in a URL. Take the one in this URL as leaked: revoke it.',
        });
      }
      return await this.#access.authenticate(authorization, request.ip ?? '');
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not-authenticated') {
        // RFC 6750 §3.1: no error code when the request carried no credential.
        const reason = authorization === undefined ? '' : ', error="invalid_token"';
        response.setHeader('WWW-Authenticate', `Bearer realm="haven"${reason}`);
      }
      throw error;
    }
  }
}

function withScope(principal: Principal, scope: Scope, response: Response): Principal {
  if (principal.scopes.has(scope)) return actingWith(principal, scope);
  response.setHeader('WWW-Authenticate', `Bearer realm="haven", error="insufficient_scope", scope="${scope}"`);
  throw new DomainError('scope-missing', {
    public: `This call needs the scope \`${scope}\`, which your credential does not hold.`,
    internal: `${principal.id} lacks ${scope}`,
    extensions: { neededScope: scope },
  });
}
