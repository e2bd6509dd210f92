import type { DomainError } from '#core';
import { requireGivable } from './key-grant.ts';
import { SCOPES } from './scopes.ts';

const refusal = (call: () => void): DomainError => {
  try {
    call();
  } catch (error) {
    return error as DomainError;
  }
  throw new Error('nothing was thrown');
};

describe('requireGivable', () => {
  it('lets a maker give what he holds', () => {
    expect(() =>
      requireGivable(['catalog:read', 'audiences:read'], 'brand', ['audiences:read', 'catalog:read']),
    ).not.toThrow();
  });

  it('names each scope that is too much by its place', () => {
    const error = refusal(() =>
      requireGivable(['catalog:read', 'sizes:create', 'keys:manage'], 'brand', ['catalog:read']),
    );
    expect(error.code).toBe('grant-exceeds-grantor');
    expect(error.text.errors?.map(({ pointer }) => pointer)).toEqual(['/scopes/1', '/scopes/2']);
  });

  it.each([
    ['brand', 'admin:keys'],
    ['agency', 'keys:manage'],
    ['agency', 'admin:audit'],
    ['retailer', 'sizes:create'],
  ] as const)('never gives a %s %s, whoever the maker is', (kind, scope) => {
    expect(refusal(() => requireGivable([scope], kind, SCOPES)).code).toBe('grant-exceeds-grantor');
  });

  it('needs every limit to allow a scope', () => {
    const error = refusal(() => requireGivable(['sizes:create'], 'agency', ['sizes:create'], ['catalog:read']));
    expect(error.code).toBe('grant-exceeds-grantor');
  });
});
