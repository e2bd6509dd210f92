import { decodeJwt, decodeProtectedHeader } from 'jose';
import { MovableClock } from '#core';
import { issuerKeyOf } from './issuer-key.ts';
import { LocalIssuer } from './local-issuer.ts';
import { TokenVerifier } from './token-verifier.ts';

const URL = 'https://haven.example.test';

describe('a derived issuer key', () => {
  const seed = Buffer.alloc(32, 7);

  it('is the same for the same bytes', () => {
    expect(issuerKeyOf(seed).equals(issuerKeyOf(Buffer.from(seed)))).toBe(true);
    expect(issuerKeyOf(seed).equals(issuerKeyOf(Buffer.alloc(32, 8)))).toBe(false);
  });

  it('agrees with RFC 8032 §7.1, test 1', () => {
    const secret = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
    const { x } = issuerKeyOf(Buffer.from(secret, 'hex')).export({ format: 'jwk' });
    const expected = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
    expect(Buffer.from(x ?? '', 'base64url').toString('hex')).toBe(expected);
  });

  it('needs exactly 32 bytes', () => {
    expect(() => issuerKeyOf(Buffer.alloc(31))).toThrow('must have 32');
  });
});

describe('LocalIssuer', () => {
  const clock = new MovableClock('2026-03-01T12:00:00.700Z');
  const end = clock.now() + 86_400_000;
  const issuerOf = (seed: number): Promise<LocalIssuer> =>
    LocalIssuer.create(URL, issuerKeyOf(Buffer.alloc(32, seed)), clock);

  const verifierOf = (issuer: LocalIssuer): TokenVerifier =>
    new TokenVerifier([{ issuer: URL, audience: URL, keys: issuer.verificationKeys }], clock);

  it('makes ten-minute access tokens its own keys verify', async () => {
    const issuer = await issuerOf(1);
    const { text, lifetimeSeconds } = await issuer.sign({ keyId: 'key_1', scopes: ['catalog:read'], expiresAt: end });
    expect(lifetimeSeconds).toBe(600);
    expect(decodeProtectedHeader(text)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: issuer.publicKey.kid });
    expect(decodeJwt(text)).toMatchObject({
      sub: 'key_1',
      client_id: 'key_1',
      iss: URL,
      aud: URL,
      scope: 'catalog:read',
    });
    const verified = await verifierOf(issuer).verify(text);
    expect(verified).toMatchObject({ subject: 'key_1', scopes: new Set(['catalog:read']) });
  });

  it('never makes two equal tokens, nor one that outlives its key', async () => {
    const issuer = await issuerOf(1);
    const subject = { keyId: 'key_1', scopes: [], expiresAt: clock.now() + 90_000 };
    const [first, second] = [await issuer.sign(subject), await issuer.sign(subject)];
    expect(first.text).not.toBe(second.text);
    expect((decodeJwt(first.text).exp ?? 0) * 1000).toBeLessThanOrEqual(subject.expiresAt);
  });

  it('publishes no private part', async () => {
    const issuer = await issuerOf(1);
    const secret = issuerKeyOf(Buffer.alloc(32, 1)).export({ format: 'jwk' }).d ?? '';
    expect(Object.keys(issuer.publicKey).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(issuer)).not.toContain(secret);
  });

  it('does not take a token of another key', async () => {
    const { text } = await (await issuerOf(2)).sign({ keyId: 'key_1', scopes: [], expiresAt: end });
    await expect(verifierOf(await issuerOf(1)).verify(text)).rejects.toMatchObject({ code: 'not-authenticated' });
  });
});
