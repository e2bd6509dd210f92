/** What a brand's credential, or an agency's for a brand that granted it, may do. `sizes:create` spends budget. */
export const BRAND_SCOPES = [
  'catalog:read',
  'audiences:read',
  'audiences:write',
  'sizes:create',
  'releases:read',
  'budgets:read',
  'keys:manage',
  'audit:read',
] as const;

/** What the retailer's account manager may do. None of these reads or spends a brand's budget. */
export const RETAILER_SCOPES = [
  'admin:brands',
  'admin:grants',
  'admin:keys',
  'admin:consent',
  'admin:budgets',
  'admin:audit',
] as const;

/** Every scope there is. A route needs one of these; a credential holds some of these. */
export const SCOPES = [...BRAND_SCOPES, ...RETAILER_SCOPES] as const;

export type Scope = (typeof SCOPES)[number];

export const PRINCIPAL_KINDS = ['brand', 'agency', 'retailer'] as const;

export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** The most a credential of each kind may hold. An agency makes no keys: a brand gives them, and can take them back. */
export const SCOPES_OF_KIND: Readonly<Record<PrincipalKind, readonly Scope[]>> = {
  brand: BRAND_SCOPES,
  agency: BRAND_SCOPES.filter((scope) => scope !== 'keys:manage'),
  retailer: RETAILER_SCOPES,
};

export const ROLES = ['brand_analyst', 'brand_admin', 'agency_analyst', 'account_manager'] as const;

export type Role = (typeof ROLES)[number];

/** Scopes by role. A role belongs to one kind and never holds more than that kind may. */
export const ROLE_PRESETS: Readonly<Record<Role, { readonly kind: PrincipalKind; readonly scopes: readonly Scope[] }>> =
  {
    brand_analyst: { kind: 'brand', scopes: BRAND_SCOPES.filter((scope) => scope !== 'keys:manage') },
    brand_admin: { kind: 'brand', scopes: BRAND_SCOPES },
    agency_analyst: {
      kind: 'agency',
      // The audit of a brand names the brand's other agencies, so it is granted by name and not by the role.
      scopes: SCOPES_OF_KIND.agency.filter((scope) => scope !== 'audit:read'),
    },
    account_manager: { kind: 'retailer', scopes: RETAILER_SCOPES },
  };

export const isScope = (text: unknown): text is Scope => SCOPES.some((scope) => scope === text);

/** The scopes present in every list, in the order of the first. Texts that are no scopes drop out. */
export function commonScopes(first: readonly string[], ...others: readonly Iterable<string>[]): Scope[] {
  const sets = others.map((other) => new Set(other));
  return [...new Set(first)].filter(isScope).filter((scope) => sets.every((set) => set.has(scope)));
}
