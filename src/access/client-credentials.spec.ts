import type { DomainError } from '#core';
import { clientCredentials } from './client-credentials.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('OAuth client credentials', () => {
  it.each([
    ['form', undefined, { client_id: 'key_1', client_secret: 'crk_x' }],
    ['Basic', basic('key_1:crk_x'), {}],
    ['Bearer with the id in the form', 'Bearer crk_x', { client_id: 'key_1' }],
  ])('reads %s', (_, authorization, form) => {
    expect(clientCredentials(authorization, form)).toEqual({ clientId: 'key_1', keyText: 'crk_x' });
  });

  it('does not need the id', () => {
    expect(clientCredentials('Bearer crk_x', {})).toEqual({ keyText: 'crk_x' });
    expect(clientCredentials(undefined, { client_secret: 'crk_x' })).toEqual({ keyText: 'crk_x' });
  });

  it('believes the header before the form about the id', () => {
    expect(clientCredentials(basic('key_1:crk_x'), { client_id: 'key_2' })).toMatchObject({ clientId: 'key_1' });
  });

  it.each([
    [undefined, {}, 'not-authenticated'],
    [undefined, { client_id: 'key_1' }, 'not-authenticated'],
    ['Bearer crk_x', { client_secret: 'crk_x' }, 'request-invalid'],
    [basic('key_1:crk_x'), { client_secret: 'crk_x' }, 'request-invalid'],
  ])('refuses %p with %j: %s', (authorization, form, code) => {
    let thrown: unknown;
    try {
      clientCredentials(authorization, form);
    } catch (error) {
      thrown = error;
    }
    expect((thrown as DomainError).code).toBe(code);
  });

  it.each(['', 'Digest x', 'Basic', 'Basic !!!', basic('no colon'), 'Bearer'])(
    'gives nothing that could pass for %p',
    (header) => {
      const { clientId, keyText } = clientCredentials(header, {});
      expect(keyText === '' || clientId === '').toBe(true);
    },
  );
});
