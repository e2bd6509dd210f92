import fc from 'fast-check';
import type { DomainError } from '#core';
import { actingWith, brandFor, brandsWith, principalOf } from './principal.ts';
import type { AgencyGrant, Holder } from './principal.ts';
import { PRINCIPAL_KINDS, ROLE_PRESETS, ROLES, SCOPES, SCOPES_OF_KIND } from './scopes.ts';
import type { Scope } from './scopes.ts';

const agency = (scopes: readonly Scope[], brandId: string | null = null): Holder => ({
  id: 'key_1',
  kind: 'agency',
  label: 'Media agency',
  brandId,
  agencyId: 'agy_1',
  scopes,
});

const brand = (scopes: readonly Scope[]): Holder => ({
  id: 'key_2',
  kind: 'brand',
  label: 'Analyst',
  brandId: 'brd_a',
  agencyId: null,
  scopes,
});

const refusalOf = (call: () => unknown): Pick<DomainError, 'code' | 'text'> => {
  try {
    call();
  } catch (error) {
    const { code, text } = error as DomainError;
    return { code, text };
  }
  throw new Error('nothing was thrown');
};

/** The scopes that another set does not have. */
const beyond = (scopes: Iterable<Scope>, limit: ReadonlySet<Scope>): Scope[] =>
  [...scopes].filter((scope) => !limit.has(scope));

const rateKeyOf = (holder: Holder): string => principalOf(holder, [], { credential: 'api-key' }).rateKey;

const scopeList = fc.subarray([...SCOPES]);
const brandId = fc.constantFrom('brd_a', 'brd_b', 'brd_c');
const grantList = fc.array(fc.record({ brandId, scopes: scopeList }), { maxLength: 6 });
const narrowing = fc.option(
  scopeList.map((scopes) => new Set(scopes)),
  { nil: undefined },
);

describe('principalOf', () => {
  it('gives an agency, brand by brand, no more than its key, its kind, its token and the grant all allow', () => {
    fc.assert(
      fc.property(scopeList, grantList, narrowing, fc.option(brandId), (scopes, grants, narrowTo, limit) => {
        const facts = { credential: 'token', ...(narrowTo && { narrowTo }) } as const;
        const principal = principalOf(agency(scopes, limit), grants, facts);
        for (const id of ['brd_a', 'brd_b', 'brd_c']) {
          const granted = grants.filter((grant) => grant.brandId === id).flatMap((grant) => grant.scopes);
          const expected = SCOPES.filter(
            (scope) =>
              scopes.includes(scope) &&
              SCOPES_OF_KIND.agency.includes(scope) &&
              granted.includes(scope) &&
              (narrowTo?.has(scope) ?? true) &&
              (limit === null || limit === id),
          );
          const held = principal.grants.find((access) => access.brandId === id)?.scopes ?? new Set();
          expect([...held].toSorted()).toEqual(expected.toSorted());
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('never lets a narrower token widen what the holder has', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PRINCIPAL_KINDS),
        scopeList,
        scopeList,
        grantList,
        (kind, scopes, named, grants) => {
          const holder: Holder = { ...agency(scopes), kind, brandId: 'brd_a' };
          const whole = principalOf(holder, grants, { credential: 'api-key' });
          const narrowed = principalOf(holder, grants, { credential: 'token', narrowTo: new Set(named) });
          expect(beyond(narrowed.scopes, whole.scopes)).toEqual([]);
          expect(beyond(narrowed.scopes, new Set(named))).toEqual([]);
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  it.each(PRINCIPAL_KINDS)('gives a %s nothing its kind may not hold', (kind) => {
    const principal = principalOf(
      { ...agency(SCOPES), kind, brandId: 'brd_a' },
      [{ brandId: 'brd_a', scopes: SCOPES }],
      {
        credential: 'api-key',
      },
    );
    expect([...principal.scopes]).toEqual(SCOPES_OF_KIND[kind]);
  });

  it('gives an agency without live grants nothing', () => {
    const principal = principalOf(agency(SCOPES), [], { credential: 'api-key' });
    expect(principal).toMatchObject({ brandIds: [], grants: [], scopes: new Set() });
  });

  it('passes over stored texts that are no scopes', () => {
    const holder = { ...brand([]), scopes: ['catalog:read', 'everything', '__proto__'] };
    expect([...principalOf(holder, [], { credential: 'api-key' }).scopes]).toEqual(['catalog:read']);
  });

  it('counts all keys of one tenant against one allowance', () => {
    expect(rateKeyOf(brand([]))).toBe('brand:brd_a');
    expect(rateKeyOf({ ...brand([]), id: 'key_3' })).toBe('brand:brd_a');
    expect(rateKeyOf(agency([], 'brd_a'))).toBe('agency:agy_1');
    expect(rateKeyOf({ ...agency([]), kind: 'retailer', agencyId: null })).toBe('retailer:key_1');
  });
});

describe('a principal for a route', () => {
  const grants: AgencyGrant[] = [
    { brandId: 'brd_a', scopes: ['sizes:create', 'catalog:read'] },
    { brandId: 'brd_b', scopes: ['catalog:read'] },
  ];
  const whole = principalOf(agency(SCOPES), grants, { credential: 'api-key' });

  it('sees only the brands for which the scope of the route holds', () => {
    expect(brandsWith(whole, 'sizes:create')).toEqual(['brd_a']);
    expect(actingWith(whole, 'sizes:create').brandIds).toEqual(['brd_a']);
    expect(actingWith(whole, 'catalog:read').brandIds).toEqual(['brd_a', 'brd_b']);
  });

  it('implies the only brand and asks for one of several', () => {
    expect(brandFor(actingWith(whole, 'sizes:create'))).toBe('brd_a');
    expect(refusalOf(() => brandFor(whole)).code).toBe('brand-required');
    expect(brandFor(whole, 'brd_b')).toBe('brd_b');
  });

  it('does not let a scope held for one brand work for another', () => {
    expect(refusalOf(() => brandFor(actingWith(whole, 'sizes:create'), 'brd_b')).code).toBe('scope-missing');
  });

  it('answers a foreign brand exactly like one that does not exist', () => {
    const foreign = refusalOf(() => brandFor(whole, 'brd_c'));
    expect(foreign).toEqual(refusalOf(() => brandFor(whole, 'nothing at all')));
    expect(foreign.code).toBe('not-found');
  });
});

describe('roles', () => {
  it.each(ROLES)('%s holds no more than its kind may', (role) => {
    const { kind, scopes } = ROLE_PRESETS[role];
    expect(beyond(scopes, new Set(SCOPES_OF_KIND[kind]))).toEqual([]);
  });

  it('lets only a brand administrator manage keys of a brand', () => {
    expect(ROLES.filter((role) => ROLE_PRESETS[role].scopes.includes('keys:manage'))).toEqual(['brand_admin']);
  });

  it('keeps the retailer out of what spends a budget', () => {
    expect(ROLE_PRESETS.account_manager.scopes.every((scope) => scope.startsWith('admin:'))).toBe(true);
  });
});
