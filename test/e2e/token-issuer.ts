import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { JWK, JWTPayload } from 'jose';
import type { Clock } from '#core';

/** An identity provider of another company: publishes its keys at a local address and signs whatever it is told to. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  /** How often its keys were read. */
  readonly reads: () => number;
  /** A token with good claims, changed as told; undefined takes a claim out. */
  readonly token: (claims?: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
  readonly publicJwk: JWK;
  readonly close: () => Promise<void>;
}

export const AUDIENCE = 'https://haven.example';
export const SUBJECT = '00u1a2b3c4';

export async function startTokenIssuer(alg: 'ES256' | 'EdDSA' | 'RS256', clock: Clock): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const publicJwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg, use: 'sig' };
  let reads = 0;
  const server = createServer((_, response) => {
    reads += 1;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [publicJwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const issuer = `https://${alg.toLowerCase()}.id.example.com`;
  return {
    issuer,
    jwksUri: `http://127.0.0.1:${port}/jwks`,
    reads: () => reads,
    publicJwk,
    token: async (claims = {}, header = {}) => {
      const now = Math.floor(clock.now() / 1_000);
      const good = { iss: issuer, aud: AUDIENCE, sub: SUBJECT, iat: now, exp: now + 300, jti: randomUUID() };
      const stated = Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined);
      return await new SignJWT(Object.fromEntries(stated))
        .setProtectedHeader({ alg, typ: 'at+jwt', kid: 'key-1', ...header })
        .sign(privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
