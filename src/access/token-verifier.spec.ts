import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createLocalJWKSet, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import type { JWK, JWTHeaderParameters, JWTPayload } from 'jose';
import { DomainError, MovableClock } from '#core';
import { TokenVerifier } from './token-verifier.ts';

const ISSUER = 'https://login.example.test';
const AUDIENCE = 'https://haven.example.test';
const NOW = Date.parse('2026-03-01T12:00:00Z') / 1000;

const ed = generateKeyPairSync('ed25519').privateKey;
const foreign = generateKeyPairSync('ed25519').privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const clock = new MovableClock(NOW * 1000);

const published = async (key: KeyObject, kid: string, alg?: string): Promise<JWK> => ({
  ...(await exportJWK(createPublicKey(key))),
  kid,
  ...(alg !== undefined && { alg }),
});

const keySet = createLocalJWKSet({
  keys: await Promise.all([
    published(ed, 'ed', 'EdDSA'),
    published(ec, 'ec', 'ES256'),
    published(rsa, 'rsa'),
    published(ed, 'twice'),
    published(foreign, 'twice'),
  ]),
});

const verifierOf = (algorithms?: string[]): TokenVerifier =>
  new TokenVerifier([{ issuer: ISSUER, audience: AUDIENCE, keys: keySet, ...(algorithms && { algorithms }) }], clock);

const verifier = verifierOf();

const GOOD: JWTPayload = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', iat: NOW, exp: NOW + 600, jti: 'j1' };

interface Change {
  readonly claims?: JWTPayload;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: KeyObject | Uint8Array;
}

const token = ({ claims = {}, header = {}, key = ed }: Change = {}): Promise<string> => {
  const payload = JSON.parse(JSON.stringify({ ...GOOD, ...claims })) as JWTPayload;
  return new SignJWT(payload).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ed', ...header }).sign(key);
};

const base64url = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token with any header and payload texts, signed or not: what the library would refuse to make. */
const forged = (header: object, payload: object | string, signature = 'AAAA'): string =>
  `${base64url(header)}.${base64url(payload)}.${signature}`;

const refusalOf = async (text: string, by: TokenVerifier = verifier): Promise<DomainError> => {
  const error: unknown = await by.verify(text).then(
    () => new Error('the token was taken'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DomainError)) throw error;
  return error;
};

describe('TokenVerifier takes', () => {
  it('a valid token and says whose it is and until when', async () => {
    expect(await verifier.verify(await token())).toEqual({
      issuer: ISSUER,
      subject: 'user-1',
      expiresAt: (NOW + 600) * 1000,
    });
  });

  it.each([
    ['ES256', { header: { alg: 'ES256', kid: 'ec' }, key: ec }],
    ['the long form of the type', { header: { typ: 'application/at+jwt' } }],
    ['several audiences', { claims: { aud: ['https://other.example.test', AUDIENCE] } }],
    ['29 s past its end', { claims: { exp: NOW - 29, iat: NOW - 600 } }],
    ['29 s before its beginning', { claims: { nbf: NOW + 29, iat: NOW + 29 } }],
  ])('%s', async (_, change: Change) => {
    expect(await verifier.verify(await token(change))).toMatchObject({ subject: 'user-1' });
  });

  it.each(['RS256', 'PS256'])('%s only where it is configured', async (alg) => {
    const text = await token({ header: { alg, kid: 'rsa' }, key: rsa });
    expect((await refusalOf(text)).code).toBe('not-authenticated');
    expect(await verifierOf([alg]).verify(text)).toMatchObject({ subject: 'user-1' });
  });

  it('of the scopes it names those that are ours', async () => {
    const { scopes } = await verifier.verify(
      await token({ claims: { scope: 'openid catalog:read  admin:keys __proto__' } }),
    );
    expect([...(scopes ?? [])]).toEqual(['catalog:read', 'admin:keys']);
  });

  it('an empty list of scopes as none, not as all', async () => {
    expect((await verifier.verify(await token({ claims: { scope: '' } }))).scopes).toEqual(new Set());
  });

  it('no token for longer than a day after it was made, whatever its end', async () => {
    const { expiresAt } = await verifier.verify(await token({ claims: { exp: NOW + 10 * 365 * 86_400 } }));
    expect(expiresAt).toBe((NOW + 86_400) * 1000);
  });
});

describe('TokenVerifier refuses', () => {
  const spki = Buffer.from(createPublicKey(ed).export({ type: 'spki', format: 'pem' }));
  const hs = (alg: string): Promise<string> => token({ header: { alg }, key: new Uint8Array(spki) });

  it.each<[string, () => string | Promise<string>]>([
    ['an unsecured token', () => new UnsecuredJWT(GOOD).encode()],
    ['alg none with a key id', () => forged({ alg: 'none', typ: 'at+jwt', kid: 'ed' }, GOOD, '')],
    ['alg None', () => forged({ alg: 'None', typ: 'at+jwt', kid: 'ed' }, GOOD, '')],
    [
      'alg none with the signature of a good token',
      async () => {
        const [, , signature] = (await token()).split('.');
        return forged({ alg: 'none', typ: 'at+jwt', kid: 'ed' }, GOOD, signature);
      },
    ],
    ['HS256 keyed with the public key', () => hs('HS256')],
    ['HS512 keyed with the public key', () => hs('HS512')],
    ['another key under a known key id', () => token({ key: foreign })],
    ['an unknown key id', () => token({ header: { kid: 'else' } })],
    ['a key id that is a path', () => token({ header: { kid: '../../dev/null' } })],
    ['a key id of another type of key', () => token({ header: { kid: 'ec' } })],
    ['no key id', () => token({ header: { kid: undefined } })],
    ['a key id that is no text', () => token({ header: { kid: 7 as unknown as string } })],
    ['jku', () => token({ header: { jku: 'https://evil.example.test/keys' }, key: foreign })],
    [
      'an embedded key',
      async () => token({ header: { jwk: await exportJWK(createPublicKey(foreign)) }, key: foreign }),
    ],
    ['x5u', () => token({ header: { x5u: 'https://evil.example.test/cert' } })],
    ['x5c', () => token({ header: { x5c: ['AAAA'] } })],
    ['crit', () => forged({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ed', crit: ['x'], x: 1 }, GOOD)],
    ['the type of an ID token', () => token({ header: { typ: 'JWT' } })],
    ['no type', () => token({ header: { typ: undefined } })],
    ['another issuer', () => token({ claims: { iss: 'https://evil.example.test' } })],
    ['an issuer that only begins like ours', () => token({ claims: { iss: `${ISSUER}/` } })],
    ['an issuer that is a list', () => token({ claims: { iss: [ISSUER] as unknown as string } })],
    ['another audience', () => token({ claims: { aud: 'https://other.example.test' } })],
    ['no audience', () => token({ claims: { aud: undefined } })],
    ['no end', () => token({ claims: { exp: undefined } })],
    ['an end that is a text', () => token({ claims: { exp: String(NOW + 600) as unknown as number } })],
    ['31 s past its end', () => token({ claims: { exp: NOW - 31, iat: NOW - 600 } })],
    ['31 s before its beginning', () => token({ claims: { nbf: NOW + 31 } })],
    ['made in the future', () => token({ claims: { iat: NOW + 31 } })],
    ['made more than a day ago', () => token({ claims: { iat: NOW - 86_400 - 31 } })],
    ['no time of making', () => token({ claims: { iat: undefined } })],
    ['no token id', () => token({ claims: { jti: undefined } })],
    ['an empty token id', () => token({ claims: { jti: '' } })],
    ['no subject', () => token({ claims: { sub: undefined } })],
    ['an empty subject', () => token({ claims: { sub: '' } })],
    ['a subject with NUL', () => token({ claims: { sub: 'user\0' } })],
    ['a subject with a lone surrogate', () => token({ claims: { sub: 'user\ud800' } })],
    ['a subject of 256 characters', () => token({ claims: { sub: 'u'.repeat(256) } })],
    ['a subject that is a list', () => token({ claims: { sub: ['user-1'] as unknown as string } })],
    ['scopes that are a list', () => token({ claims: { scope: ['catalog:read'] } })],
    ['more than 8 kB', () => token({ claims: { padding: 'x'.repeat(8_192) } })],
    ['64 kB of dots', () => '.'.repeat(65_536)],
    ['no text at all', () => ''],
    ['two parts', async () => (await token()).split('.').slice(0, 2).join('.')],
    ['five parts', () => 'a.b.c.d.e'],
    ['junk', () => 'not.a.token'],
    ['a header that is a list', () => forged([], GOOD)],
    ['a payload that is a list', () => forged({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ed' }, [])],
    ['a payload that is not JSON', () => forged({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ed' }, '{"iss":')],
    [
      'an altered payload',
      async () => {
        const [header, , signature] = (await token()).split('.');
        return [header, base64url({ ...GOOD, sub: 'user-2' }), signature].join('.');
      },
    ],
    ['an altered signature', async () => `${(await token()).slice(0, -4)}AAAA`],
    ['a key id that is published twice', () => token({ header: { kid: 'twice' } })],
  ])('%s', async (_, make) => {
    const text = await make();
    const error = await refusalOf(text);
    expect(error.code).toBe('not-authenticated');
    const [, payload = '', signature = ''] = text.split('.');
    const told = JSON.stringify([error.message, error.text, error.cause ?? null, error.stack]) + String(error);
    for (const part of [payload, signature].filter(({ length }) => length > 20)) expect(told).not.toContain(part);
    expect(told).not.toContain('user-1');
  });

  it('an end beyond all dates without failing', async () => {
    const endless = JSON.stringify(GOOD).replace(`"exp":${NOW + 600}`, '"exp":1e309');
    const [header = ''] = (await token()).split('.');
    const input = `${header}.${base64url(endless)}`;
    const { expiresAt } = await verifier.verify(`${input}.${sign(null, Buffer.from(input), ed).toString('base64url')}`);
    expect(expiresAt).toBe((NOW + 86_400) * 1000);
  });

  it('to start with an algorithm that is not allowed, or with one issuer twice', () => {
    expect(() => verifierOf(['HS256'])).toThrow('HS256 must be one of');
    expect(() => verifierOf(['none'])).toThrow('none must be one of');
    const issuer = { issuer: ISSUER, audience: AUDIENCE, keys: keySet };
    expect(() => new TokenVerifier([issuer, issuer], clock)).toThrow('twice');
  });
});

describe('TokenVerifier', () => {
  it('passes on that the keys cannot be read, which is not the token’s fault', async () => {
    const unreachable = new TokenVerifier(
      [
        {
          issuer: ISSUER,
          audience: AUDIENCE,
          keys: () => Promise.reject(new DomainError('issuer-unavailable', { public: 'Try again.' })),
        },
      ],
      clock,
    );
    expect((await refusalOf(await token(), unreachable)).code).toBe('issuer-unavailable');
  });

  it('never verifies a token of one issuer with the keys of another', async () => {
    const other = createLocalJWKSet({ keys: [await published(foreign, 'ed', 'EdDSA')] });
    const both = new TokenVerifier(
      [
        { issuer: ISSUER, audience: AUDIENCE, keys: keySet },
        { issuer: 'https://second.example.test', audience: AUDIENCE, keys: other },
      ],
      clock,
    );
    const stolen = await token({ claims: { iss: 'https://second.example.test' } });
    expect((await refusalOf(stolen, both)).code).toBe('not-authenticated');
    expect(await both.verify(await token())).toMatchObject({ issuer: ISSUER });
  });
});
