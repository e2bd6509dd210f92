import { SCOPES_OF_KIND } from '../access/scopes.ts';

/** What a brand may let an agency do: all an agency key can hold. */
export const GRANTABLE_SCOPES: readonly string[] = SCOPES_OF_KIND.agency;
