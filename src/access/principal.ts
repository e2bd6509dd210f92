import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { DomainError } from '#core';
import { notFound } from '../common/not-found.ts';
import { commonScopes, SCOPES_OF_KIND } from './scopes.ts';
import type { PrincipalKind, Scope } from './scopes.ts';

/** What a principal may do for one brand. */
export interface BrandAccess {
  readonly brandId: string;
  readonly scopes: ReadonlySet<Scope>;
}

/**
 * Who makes a call. The guard hands it to the route already narrowed to the scope the route needs: `brandIds` are then
 * the brands for which that scope holds, so a query over `brandIds` cannot pass what was granted.
 */
export interface Principal {
  readonly kind: PrincipalKind;
  /** The actor: id of the API key (`key_…`) or of the identity (`idn_…`). Goes into the audit. */
  readonly id: string;
  readonly label: string;
  /** Brands this call may touch. One for a brand, the live grants for an agency, none for the retailer. */
  readonly brandIds: readonly string[];
  readonly agencyId?: string;
  /** Every brand with the scopes held for it, whatever the route needs. */
  readonly grants: readonly BrandAccess[];
  /** Scopes held for at least one brand; for the retailer, all its scopes. */
  readonly scopes: ReadonlySet<Scope>;
  readonly credential: 'api-key' | 'token';
  /** Whose allowance a call uses: the tenant's, so that more keys give no more calls. */
  readonly rateKey: string;
  /** When the credential ends, milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** What is stored about a credential: the part of a principal that does not depend on live grants. */
export interface Holder {
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly label: string;
  /** The brand of a brand; for an agency the only brand it is limited to, or null for each that grants it. */
  readonly brandId: string | null;
  readonly agencyId: string | null;
  readonly scopes: readonly string[];
}

/** A brand's live permission to an agency. */
export interface AgencyGrant {
  readonly brandId: string;
  readonly scopes: readonly string[];
}

export interface CredentialFacts {
  readonly credential: Principal['credential'];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Scopes the token names. They narrow what is stored and never widen it. */
  readonly narrowTo?: ReadonlySet<Scope>;
}

/**
 * The principal of a stored holder: its scopes cut to what its kind may hold, to what the token names and, for an
 * agency, brand by brand to what the brand granted.
 *
 * @param grants the agency's live grants; ignored for other kinds.
 */
export function principalOf(holder: Holder, grants: readonly AgencyGrant[], facts: CredentialFacts): Principal {
  const limits = facts.narrowTo === undefined ? [] : [facts.narrowTo];
  const held = commonScopes(SCOPES_OF_KIND[holder.kind], holder.scopes, ...limits);
  const access = brandAccess(holder, held, grants);
  return {
    kind: holder.kind,
    id: holder.id,
    label: holder.label,
    brandIds: access.map(({ brandId }) => brandId),
    ...(holder.kind === 'agency' && holder.agencyId !== null && { agencyId: holder.agencyId }),
    grants: access,
    scopes: new Set(holder.kind === 'retailer' ? held : access.flatMap(({ scopes }) => [...scopes])),
    credential: facts.credential,
    rateKey: rateKeyOf(holder),
    ...(facts.expiresAt !== undefined && { expiresAt: facts.expiresAt }),
  };
}

function brandAccess(holder: Holder, held: readonly Scope[], grants: readonly AgencyGrant[]): BrandAccess[] {
  if (holder.kind === 'retailer') return [];
  if (holder.kind === 'brand') {
    return holder.brandId === null ? [] : [{ brandId: holder.brandId, scopes: new Set(held) }];
  }
  const granted = grants.filter(({ brandId }) => holder.brandId === null || holder.brandId === brandId);
  const byBrand = Map.groupBy(granted, ({ brandId }) => brandId);
  return [...byBrand].map(([brandId, its]) => {
    const scopes = its.flatMap((grant) => grant.scopes);
    return { brandId, scopes: new Set(commonScopes(held, scopes)) };
  });
}

function rateKeyOf({ kind, id, brandId, agencyId }: Holder): string {
  const tenant = { brand: brandId, agency: agencyId, retailer: null }[kind];
  return `${kind}:${tenant ?? id}`;
}

/** The brands for which a principal holds a scope. */
export function brandsWith(principal: Principal, scope: Scope): string[] {
  return principal.grants.filter(({ scopes }) => scopes.has(scope)).map(({ brandId }) => brandId);
}

/** The same principal, its brands cut to those for which it holds a scope. */
export function actingWith(principal: Principal, scope: Scope): Principal {
  return { ...principal, brandIds: brandsWith(principal, scope) };
}

/**
 * The one brand a call is for. The only brand is implied; of several one must be named.
 *
 * @param principal as the guard gave it to the route, narrowed to the scope the route needs.
 * @param requestedBrandId the brand the caller named, if any.
 * @throws DomainError `brand-required` when there are several and none is named; `scope-missing` for a brand that
 * granted something, but not this; `not-found` for any other, the same as for a brand that does not exist.
 */
export function brandFor(principal: Principal, requestedBrandId?: string): string {
  const [only, ...more] = principal.brandIds;
  if (requestedBrandId === undefined) {
    if (only === undefined) throw notFound();
    if (more.length > 0) {
      throw new DomainError('brand-required', {
        public: 'You act for several brands. Name one of them in `brandId`.',
        errors: [
          { pointer: '/brandId', code: 'required', message: 'is missing; must be the id of one of your brands' },
        ],
      });
    }
    return only;
  }
  if (principal.brandIds.includes(requestedBrandId)) return requestedBrandId;
  if (principal.grants.some(({ brandId }) => brandId === requestedBrandId)) {
    throw new DomainError('scope-missing', { public: 'What this brand granted you does not include this call.' });
  }
  throw notFound();
}

/** Who acts and, where it is somebody else's brand, for whom: what the audit records. */
export interface Actor {
  readonly id: string;
  readonly actingFor?: string;
}

/** The actor of a call for a brand: an agency acts for it, the brand for itself. */
export const actorFor = (principal: Principal, brandId: string): Actor => ({
  id: principal.id,
  ...(principal.kind === 'brand' ? {} : { actingFor: brandId }),
});

/** A request that passed the guard. */
export interface AuthenticatedRequest extends Request {
  principal?: Principal;
}

/**
 * Route parameter: the principal of the call.
 *
 * @throws DomainError `not-authenticated` on a public route, which has none.
 */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (principal === undefined) throw new DomainError('not-authenticated', { public: 'This call needs a credential.' });
  return principal;
});
