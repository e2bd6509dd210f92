import { createHmac, createPublicKey } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { IssuedApiKeyDto } from '../../src/access/api-keys.dto.ts';
import type { MeDto } from '../../src/access/me.dto.ts';
import type { IssuerMetadataDto, KeySetDto, TokenDto } from '../../src/access/oauth.dto.ts';
import { BRAND_SCOPES } from '../../src/access/scopes.ts';
import { MovableClock } from '#core';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import type { Answer, Problem } from './client.ts';
import { AUDIENCE, SUBJECT, startTokenIssuer } from './token-issuer.ts';
import type { TokenIssuer } from './token-issuer.ts';

const REFUSED = { status: 401, code: 'not-authenticated' };
const PROMISE_MS = 1_000;

const clock = new MovableClock('2026-11-10T09:00:00Z');
let haven: TestApplication;
let anyone: Caller;
let admin: Caller;
let manager: Caller;
let provider: TokenIssuer;
let rsa: TokenIssuer;
let rsaAllowed: TokenIssuer;

beforeAll(async () => {
  provider = await startTokenIssuer('ES256', clock);
  rsa = await startTokenIssuer('RS256', clock);
  rsaAllowed = { ...rsa, issuer: 'https://rsa-allowed.id.example.com' };
  const known = [
    { issuer: provider.issuer, audience: AUDIENCE, jwksUri: provider.jwksUri },
    { issuer: rsa.issuer, audience: AUDIENCE, jwksUri: rsa.jwksUri },
    { issuer: rsaAllowed.issuer, audience: AUDIENCE, jwksUri: rsa.jwksUri, algorithms: ['RS256'] },
    // Nobody listens there.
    { issuer: 'https://down.id.example.com', audience: AUDIENCE, jwksUri: 'http://127.0.0.1:9/jwks' },
  ];
  const env = { HAVEN_OIDC_ISSUERS: JSON.stringify(known), HAVEN_PUBLIC_URL: 'https://haven.example' };
  haven = await createTestApplication({ name: 'tokens', members: 1_000, clock, env });
  anyone = new Caller(haven.url);
  admin = new Caller(haven.url, haven.keys.analyst);
  manager = new Caller(haven.url, haven.keys.manager);
});

afterAll(async () => {
  await haven.close();
  await Promise.all([provider.close(), rsa.close()]);
});

const me = (token: string): Promise<Answer<MeDto & Problem>> => new Caller(haven.url, token).get('/v1/me');

interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: TokenDto & Problem;
}

async function ask(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<TokenAnswer> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...fields });
  const response = await fetch(`${haven.url}/oauth/token`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenDto & Problem };
}

const tokenOf = async (key: string, scope?: string): Promise<string> =>
  (await ask({ client_secret: key, ...(scope !== undefined && { scope }) })).body.access_token;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function madeKey(scopes: readonly string[] = BRAND_SCOPES, more: object = {}): Promise<IssuedApiKeyDto> {
  return (await admin.post<IssuedApiKeyDto>('/v1/api-keys', { label: 'Client', scopes, ...more })).body;
}

describe('the token endpoint', () => {
  it('gives a ten-minute token that stands for the key', async () => {
    const { key, id } = await madeKey();
    const { status, headers, body } = await ask({ client_secret: key, client_id: id });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: 600,
      scope: BRAND_SCOPES.join(' '),
    });
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    expect(decodeJwt(body.access_token)).toMatchObject({ sub: id, client_id: id, iss: AUDIENCE, aud: AUDIENCE });
    const { body: who } = await me(body.access_token);
    expect(who).toMatchObject({ id, kind: 'brand', credential: 'token', scopes: [...BRAND_SCOPES] });
  });

  it('takes the key by Basic and Bearer too, but once', async () => {
    const { key, id } = await madeKey();
    const basic = `Basic ${Buffer.from(`${id}:${key}`).toString('base64')}`;
    expect((await ask({}, { authorization: basic })).status).toBe(200);
    expect((await ask({}, { authorization: `Bearer ${key}` })).status).toBe(200);
    expect(await ask({ client_secret: key }, { authorization: basic })).toMatchObject({ status: 400 });
  });

  it.each([
    ['no credential', {}, {}, 401],
    ['a key that is none', { client_secret: 'crk_test_nonsense' }, {}, 401],
    ['another grant', { grant_type: 'password' }, {}, 400],
    ['an unknown field', { assertion: 'x' }, {}, 400],
  ])('refuses %s', async (_, fields, headers, status) => {
    expect((await ask(fields, headers)).status).toBe(status);
  });

  it('refuses another client’s id, a JSON body, and a token in the place of a key', async () => {
    const { key } = await madeKey();
    const { id } = await madeKey();
    expect((await ask({ client_secret: key, client_id: id })).status).toBe(401);
    expect((await ask({ client_secret: await tokenOf(key) })).status).toBe(401);
    expect((await ask({}, { authorization: `Bearer ${await tokenOf(key)}` })).status).toBe(401);
    const json = await anyone.post('/oauth/token', { grant_type: 'client_credentials', client_secret: key });
    expect(refusal(json)).toEqual({ status: 415, code: 'media-type-unsupported' });
  });

  it('publishes the key that verifies its tokens, and where things are', async () => {
    const { body: keySet } = await anyone.get<KeySetDto>('/.well-known/jwks.json');
    const { body: metadata } = await anyone.get<IssuerMetadataDto>('/.well-known/oauth-authorization-server');
    const token = await tokenOf(haven.keys.analyst);
    expect(keySet.keys.map(({ kid }) => kid)).toEqual([decodeProtectedHeader(token).kid]);
    expect(Object.keys(keySet.keys[0]!)).not.toContain('d');
    expect(metadata).toMatchObject({
      issuer: AUDIENCE,
      token_endpoint: `${AUDIENCE}/oauth/token`,
      jwks_uri: `${AUDIENCE}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
    });
  });
});

describe('a token', () => {
  it('narrows to the scopes it was asked for, and never widens', async () => {
    const { key } = await madeKey(['catalog:read', 'audiences:read']);
    const token = await tokenOf(key, 'catalog:read');
    const worker = new Caller(haven.url, token);
    expect((await worker.get('/v1/catalog/tiers')).status).toBe(200);
    expect(refusal(await worker.get('/v1/audiences'))).toEqual({ status: 403, code: 'scope-missing' });
    const wide = await ask({ client_secret: key, scope: 'catalog:read sizes:create' });
    expect([wide.status, wide.body.code]).toEqual([403, 'scope-missing']);
  });

  it('ends with its ten minutes, thirty seconds of skew allowed', async () => {
    const token = await tokenOf(haven.keys.analyst);
    clock.move(629_000);
    expect((await me(token)).status).toBe(200);
    clock.move(1_000);
    expect(refusal(await me(token))).toEqual(REFUSED);
  });

  it('does not outlive its key', async () => {
    const { key, id } = await madeKey();
    const token = await tokenOf(key);
    expect((await me(token)).status).toBe(200);
    await admin.delete(`/v1/api-keys/${id}`);
    clock.move(PROMISE_MS);
    expect(refusal(await me(token))).toEqual(REFUSED);
  });

  it('survives the rotation of its key, which changes the secret alone', async () => {
    const { key, id } = await madeKey();
    const token = await tokenOf(key);
    await admin.post(`/v1/api-keys/${id}/rotate`, { overlapMinutes: 0 });
    expect((await me(token)).status).toBe(200);
  });

  it('obeys the networks of its key', async () => {
    const { key, id } = await madeKey(BRAND_SCOPES, { allowedIps: ['127.0.0.1'] });
    const token = await tokenOf(key);
    const far = await madeKey(BRAND_SCOPES, { allowedIps: ['203.0.113.0/24'] });
    expect((await me(token)).body.id).toBe(id);
    expect((await ask({ client_secret: far.key })).status).toBe(401);
  });
});

/** A good token taken apart. */
const parts = async (): Promise<[header: object, claims: object, signature: string]> => {
  const token = await tokenOf(haven.keys.analyst);
  return [decodeProtectedHeader(token), decodeJwt(token), token.split('.')[2] ?? ''];
};

describe('a forged token', () => {
  it('without a signature is refused, however none is spelt', async () => {
    const [header, claims, signature] = await parts();
    for (const alg of ['none', 'None', 'NONE', '']) {
      for (const end of ['', signature]) {
        expect(refusal(await me(`${encoded({ ...header, alg })}.${encoded(claims)}.${end}`))).toEqual(REFUSED);
      }
    }
  });

  it('signed with the public key as a secret is refused', async () => {
    const { body } = await anyone.get<KeySetDto>('/.well-known/jwks.json');
    const jwk = body.keys[0]!;
    const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const [header, claims] = await parts();
    for (const secret of [pem.toString(), jwk.x, Buffer.from(jwk.x, 'base64url'), JSON.stringify(jwk)]) {
      const signed = `${encoded({ ...header, alg: 'HS256' })}.${encoded(claims)}`;
      const mac = createHmac('sha256', secret).update(signed).digest('base64url');
      expect(refusal(await me(`${signed}.${mac}`))).toEqual(REFUSED);
    }
  });

  it('with altered claims is refused', async () => {
    const [header, claims, signature] = await parts();
    const altered = { ...claims, scope: 'admin:brands' };
    expect(refusal(await me(`${encoded(header)}.${encoded(altered)}.${signature}`))).toEqual(REFUSED);
  });

  it('by another issuer in our name is refused', async () => {
    const { id } = await madeKey();
    const claims = { iss: AUDIENCE, aud: AUDIENCE, sub: id };
    expect(refusal(await me(await provider.token(claims)))).toEqual(REFUSED);
    const { kid } = decodeProtectedHeader(await tokenOf(haven.keys.analyst));
    expect(refusal(await me(await provider.token(claims, { kid })))).toEqual(REFUSED);
  });

  it('that is no token is refused', async () => {
    const [header, claims] = await parts();
    for (const text of [
      'a.b.c',
      '..',
      `${encoded(header)}.${encoded(claims)}`,
      `${encoded([])}.e30.`,
      'eyJ'.repeat(2_000),
    ]) {
      expect(refusal(await me(text))).toEqual(REFUSED);
    }
  });
});

describe('a token of a configured issuer', () => {
  let identityId: string;

  beforeAll(async () => {
    const wish = { issuer: provider.issuer, subject: SUBJECT, role: 'brand_analyst', label: 'C. Delmas' };
    const registered = await manager.post<{ id: string }>('/admin/v1/identities', {
      ...wish,
      brandId: haven.keys.brandId,
    });
    identityId = registered.body.id;
  });

  it('acts as whom the account manager registered, with the scopes of the role', async () => {
    const { status, body } = await me(await provider.token());
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: identityId, label: 'C. Delmas', credential: 'token' });
    expect(body.scopes).toEqual(BRAND_SCOPES.filter((scope) => scope !== 'keys:manage'));
    expect(body.brands.map(({ id }) => id)).toEqual([haven.keys.brandId]);
  });

  it('is narrowed by its scope claim and gets nothing that the role does not hold', async () => {
    const { body } = await me(await provider.token({ scope: 'openid catalog:read keys:manage admin:brands' }));
    expect(body.scopes).toEqual(['catalog:read']);
    expect((await me(await provider.token({ scope: 'openid profile' }))).body.scopes).toEqual([]);
  });

  it.each([
    ['another audience', { aud: 'https://elsewhere.example' }, {}],
    ['no audience', { aud: undefined }, {}],
    ['an unknown issuer', { iss: 'https://unknown.example' }, {}],
    ['an unregistered subject', { sub: 'somebody-else' }, {}],
    ['a subject that is no text', { sub: 7 as unknown as string }, {}],
    ['no id of its own', { jti: undefined }, {}],
    ['no end', { exp: undefined }, {}],
    ['an end in the past', { exp: 1_700_000_000 }, {}],
    ['a beginning in an hour', { nbf: 4_000_000_000 }, {}],
    ['a day-old beginning', { iat: 1_700_000_000, exp: 4_000_000_000 }, {}],
    ['the type of an id token', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['an unknown key id', {}, { kid: 'key-2' }],
    ['no key id', {}, { kid: undefined }],
    ['a key in its header', {}, { jwk: { kty: 'OKP' } }],
    ['the address of a key in its header', {}, { jku: 'https://evil.example/jwks' }],
    ['a certificate in its header', {}, { x5c: ['MIIB'] }],
    ['the address of a certificate', {}, { x5u: 'https://evil.example/cert' }],
    ['9 kB of claims', { padding: 'x'.repeat(9_000) }, {}],
  ])('is refused with %s', async (_, claims, header) => {
    expect(refusal(await me(await provider.token(claims, header)))).toEqual(REFUSED);
  });

  it('needs RS256 to be allowed by name', async () => {
    for (const { issuer } of [rsa, rsaAllowed]) {
      await manager.post('/admin/v1/identities', {
        issuer,
        subject: SUBJECT,
        role: 'account_manager',
        label: 'By RSA',
      });
    }
    expect(refusal(await me(await rsa.token()))).toEqual(REFUSED);
    expect((await me(await rsa.token({ iss: rsaAllowed.issuer }))).body).toMatchObject({ kind: 'retailer' });
  });

  it('cannot be judged while its issuer is out of reach', async () => {
    const answer = await me(await provider.token({ iss: 'https://down.id.example.com' }));
    expect(refusal(answer)).toEqual({ status: 503, code: 'issuer-unavailable' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toContain('127.0.0.1');
  });

  it('makes the service read the keys of its issuer once, not once a token', async () => {
    const before = provider.reads();
    for (let i = 0; i < 5; i++) expect((await me(await provider.token())).status).toBe(200);
    expect(provider.reads()).toBe(before);
  });

  it('is refused within a second once its subject is shut out', async () => {
    expect((await manager.delete(`/admin/v1/identities/${identityId}`)).status).toBe(204);
    clock.move(PROMISE_MS);
    expect(refusal(await me(await provider.token()))).toEqual(REFUSED);
    expect((await manager.delete(`/admin/v1/identities/${identityId}`)).status).toBe(204);
  });

  it('goes on verifying with the keys it has read while its issuer is down', async () => {
    await manager.post('/admin/v1/identities', {
      issuer: provider.issuer,
      subject: 'later',
      role: 'account_manager',
      label: 'Later',
    });
    await provider.close();
    expect((await me(await provider.token({ sub: 'later' }))).status).toBe(200);
  });
});
