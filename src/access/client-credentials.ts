import { DomainError } from '#core';
import { notAuthenticated } from './refusal.ts';

/** How an OAuth client proves itself: its API key, and the id it claims where the method carries one. */
export interface ClientCredentials {
  readonly keyText: string;
  readonly clientId?: string;
}

/**
 * Reads client credentials from the header (`Basic` as in RFC 6749 §2.3.1, or `Bearer` with the API key) or from the
 * form.
 *
 * @throws DomainError `request-invalid` for two methods in one request (RFC 6749 §2.3), `not-authenticated` for none.
 */
export function clientCredentials(
  authorization: string | undefined,
  form: { readonly client_id?: string; readonly client_secret?: string },
): ClientCredentials {
  if (authorization === undefined) {
    if (form.client_secret === undefined) throw notAuthenticated('token request without credentials');
    return { keyText: form.client_secret, ...(form.client_id !== undefined && { clientId: form.client_id }) };
  }
  if (form.client_secret !== undefined) {
    throw new DomainError('request-invalid', {
      public: 'Send the API key once: in the `Authorization` header or as `client_secret`.',
      errors: [{ pointer: '/client_secret', code: 'duplicate', message: 'is sent in the Authorization header too' }],
    });
  }
  const [, scheme = '', value = ''] = /^(Basic|Bearer) +([\w.~+/-]+=*)$/i.exec(authorization) ?? [];
  const fromHeader = scheme.toLowerCase() === 'basic' ? basic(value) : { keyText: value };
  return { ...(form.client_id !== undefined && { clientId: form.client_id }), ...fromHeader };
}

/** Neither a key id nor an API key holds a character that form encoding would change, so none is decoded. */
function basic(value: string): ClientCredentials {
  const text = Buffer.from(value, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  return { clientId: text.slice(0, Math.max(colon, 0)), keyText: text.slice(colon + 1) };
}
