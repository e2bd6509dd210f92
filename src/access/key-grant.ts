import { DomainError } from '#core';
import type { FieldError } from '#core';
import { commonScopes, SCOPES_OF_KIND } from './scopes.ts';
import type { PrincipalKind, Scope } from './scopes.ts';

/**
 * Refuses scopes that the giver of a key cannot give.
 *
 * @param asked scopes the key is to hold.
 * @param kind whose key it is: a kind has scopes it may never hold.
 * @param givers further limits, each of which must contain every scope: what the maker holds, what the brand granted.
 * @throws DomainError `grant-exceeds-grantor` with a pointer to each scope that is too much.
 */
export function requireGivable(
  asked: readonly Scope[],
  kind: PrincipalKind,
  ...givers: readonly Iterable<string>[]
): void {
  const givable = new Set(commonScopes(SCOPES_OF_KIND[kind], ...givers));
  const errors = asked.flatMap((scope, index): FieldError[] =>
    givable.has(scope)
      ? []
      : [
          {
            pointer: `/scopes/${index}`,
            code: 'not-yours-to-give',
            message: `is ${scope}, which you cannot give here`,
          },
        ],
  );
  if (errors.length === 0) return;
  throw new DomainError('grant-exceeds-grantor', {
    public: `A key never holds more than its maker may give: ${errors.length} of its scopes are too much.`,
    errors,
  });
}
