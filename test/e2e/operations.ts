import { randomUUID } from 'node:crypto';
import { demoBrandManufacturers } from '#demo';
import { newId } from '#core';
import type { HttpCall } from '../../src/boot/tour-client.ts';
import { openApi } from './contract.ts';

/** Things that a path can name. */
export type Resource = 'audience' | 'version' | 'release' | 'key' | 'budget' | 'grant' | 'identity';

export type Ids = Readonly<Record<Resource, string>>;

/** One operation of the published document. */
export interface ApiOperation {
  readonly id: string;
  readonly method: HttpCall['method'];
  /** With `{parameters}`. */
  readonly path: string;
  /** A scope, `any-credential` or `public`. */
  readonly scope: string;
  readonly query: readonly string[];
}

interface Documented {
  readonly operationId: string;
  readonly 'x-haven-scope'?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

/** What the segment before a parameter says the parameter is. */
const RESOURCE_AFTER: Readonly<Record<string, Resource>> = {
  audiences: 'audience',
  versions: 'version',
  sizes: 'release',
  releases: 'release',
  'api-keys': 'key',
  budgets: 'budget',
  grants: 'grant',
  identities: 'identity',
};

const { country, regionCodes } = demoBrandManufacturers();

/** A definition that every brand may use. @param rule put in the place of the usual one. */
export const anyonesDefinition = (rule: object = { region: { in: [...regionCodes] } }): Record<string, unknown> => ({
  version: 'audience/1',
  country,
  rule,
});

/**
 * A body that each operation takes, so that nothing but access decides about the call. The one of a token request is a
 * form.
 */
export const BODIES: Readonly<Record<string, () => Record<string, unknown>>> = {
  adminapikeys_create: () => ({ label: 'Key', scopes: ['catalog:read'], brandId: newId('brand', 0) }),
  adminapikeys_rotate: () => ({ overlapMinutes: 0 }),
  ledgerstate_reconcile: () => ({ reason: 'Restored after a disk failure' }),
  adminquotas_adjust: () => ({ kind: 'charge', nanoRho: 1, reason: 'Told by phone' }),
  adminquotas_setQuota: () => ({ monthNanoRho: 1, yearNanoRho: 1, reason: 'Agreed' }),
  adminidentities_register: () => ({
    issuer: 'https://id.example.com',
    subject: randomUUID(),
    role: 'brand_analyst',
    label: 'Person',
    brandId: newId('brand', 0),
  }),
  apikeys_create: () => ({ label: 'Key', scopes: ['catalog:read'], expiresInDays: 1, allowedIps: ['203.0.113.0/24'] }),
  apikeys_rotate: () => ({ overlapMinutes: 0 }),
  audiences_addVersion: () => ({ definition: anyonesDefinition() }),
  audiences_create: () => ({ name: 'Audience', definition: anyonesDefinition() }),
  brands_grant: () => ({ agencyId: newId('agency', 0), brandId: newId('brand', 0), scopes: ['catalog:read'], days: 1 }),
  brands_open: () => ({ name: 'Brand', manufacturer: `Maker ${randomUUID()}` }),
  brands_openAgency: () => ({ name: 'Agency' }),
  consent_record: () => ({
    events: [
      {
        loyaltyIdSha256: 'ab'.repeat(32),
        purpose: 'audience_measurement',
        status: 'withdrawn',
        source: 'app',
        textVersion: '1',
        at: '2026-10-01T00:00:00Z',
      },
    ],
  }),
  oauth_token: () => ({ grant_type: 'client_credentials' }),
  sizes_estimate: () => ({ definition: anyonesDefinition(), precision: 'coarse', purposes: [] }),
  sizes_size: () => ({ precision: 'coarse', purposes: [] }),
};

/** Every operation of the published document. */
export const operations: readonly ApiOperation[] = Object.entries(openApi.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, documented]): ApiOperation => {
    const operation = documented as unknown as Documented;
    return {
      id: operation.operationId,
      method: method.toUpperCase() as HttpCall['method'],
      path,
      scope: operation['x-haven-scope'] ?? '',
      query: (operation.parameters ?? []).flatMap((parameter) => (parameter.in === 'query' ? [parameter.name] : [])),
    };
  }),
);

/** Those that need a credential. */
export const guarded = operations.filter(({ scope }) => scope !== 'public');

/** Those that name something in their path. */
export const addressing = guarded.filter(({ path }) => path.includes('{'));

/** The resources a path names, in order. */
export const resourcesIn = ({ path }: Pick<ApiOperation, 'path'>): Resource[] =>
  [...path.matchAll(/([^/]+)\/\{(\w+)\}/g)].map(([, segment = '']) => {
    const resource = RESOURCE_AFTER[segment];
    if (resource === undefined) throw new Error(`${path}: say in RESOURCE_AFTER what follows ${segment}`);
    return resource;
  });

/** A path with its parameters replaced. */
export function pathOf(operation: Pick<ApiOperation, 'path'>, ids: Ids): string {
  const named = resourcesIn(operation);
  return operation.path.replaceAll(/\{\w+\}/g, () => ids[named.shift() ?? 'audience']);
}

/** A call that is right in everything but, perhaps, who makes it. */
export function validCall(operation: ApiOperation, ids: Ids, query = ''): HttpCall {
  const body = BODIES[operation.id];
  if (operation.method === 'POST' && body === undefined) throw new Error(`give ${operation.id} a body in BODIES`);
  return {
    method: operation.method,
    path: `${pathOf(operation, ids)}${query}`,
    headers: { 'Idempotency-Key': randomUUID(), 'If-Match': '"1-0"' },
    ...(body !== undefined && { body: body() }),
  };
}

/** Well-formed ids of things that do not exist. */
export function strangeIds(): Ids {
  const now = Date.now();
  return {
    audience: newId('audience', now),
    version: '1',
    release: newId('release', now),
    key: newId('key', now),
    budget: `brand:${newId('brand', now)}`,
    grant: newId('grant', now),
    identity: newId('identity', now),
  };
}
