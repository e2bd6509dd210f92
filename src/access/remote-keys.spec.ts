import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { DomainError, MovableClock } from '#core';
import { remoteKeys } from './remote-keys.ts';
import { TokenVerifier } from './token-verifier.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const NOW = Date.parse('2026-03-01T12:00:00Z');
const key = generateKeyPairSync('ed25519').privateKey;
const keySet = JSON.stringify({ keys: [{ ...(await exportJWK(createPublicKey(key))), kid: 'one', alg: 'EdDSA' }] });

const giveKeys: Handler = (_, response) => {
  response.setHeader('Content-Type', 'application/jwk-set+json').end(keySet);
};
const fail: Handler = (_, response) => {
  response.writeHead(503).end();
};

let server: Server;
let handler: Handler;
let reads: number;
let clock: MovableClock;

beforeAll(async () => {
  server = createServer((request, response) => {
    reads++;
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  reads = 0;
  handler = giveKeys;
  clock = new MovableClock(NOW);
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;

/** What becomes of a token with a key id: `taken`, or the code of the refusal. */
const verdict = async (keys: JWTVerifyGetKey, kid = 'one'): Promise<string> => {
  const verifier = new TokenVerifier([{ issuer: 'https://i.test', audience: 'haven', keys }], clock);
  const seconds = NOW / 1000;
  const token = await new SignJWT({
    iss: 'https://i.test',
    aud: 'haven',
    sub: 'u',
    jti: 'j',
    iat: seconds,
    exp: seconds + 600,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
    .sign(key);
  return verifier.verify(token).then(
    () => 'taken',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
};

describe('remote keys', () => {
  it('are read once for many tokens', async () => {
    const keys = remoteKeys(address(), clock);
    expect(await verdict(keys)).toBe('taken');
    expect(await verdict(keys)).toBe('taken');
    expect(reads).toBe(1);
  });

  it('refuse an unknown key id without reading again inside the cool-down', async () => {
    const keys = remoteKeys(address(), clock);
    expect(await verdict(keys)).toBe('taken');
    for (const kid of ['two', 'three', 'four']) expect(await verdict(keys, kid)).toBe('not-authenticated');
    expect(reads).toBe(1);
  });

  it.each<[string, Handler]>([
    ['an error', fail],
    ['HTML', (_, response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html>')],
    ['JSON that is no key set', (_, response) => response.end('{"keys":7}')],
    ['null', (_, response) => response.end('null')],
    ['a redirect', (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end()],
    ['more than 256 kB', (_, response) => response.end(`{"keys":[],"padding":"${'x'.repeat(300_000)}"}`)],
    ['a broken connection', (request) => request.socket.destroy()],
  ])('say that the issuer is unavailable on %s, and leave it alone for five seconds', async (_, broken) => {
    handler = broken;
    const keys = remoteKeys(address(), clock);
    for (const kid of ['one', 'two', 'three']) expect(await verdict(keys, kid)).toBe('issuer-unavailable');
    expect(reads).toBe(1);
    handler = giveKeys;
    clock.move(4_999);
    expect(await verdict(keys)).toBe('issuer-unavailable');
    clock.move(1);
    expect(await verdict(keys)).toBe('taken');
  });

  it('give up on an issuer that does not answer', async () => {
    handler = () => undefined;
    expect(await verdict(remoteKeys(address(), clock))).toBe('issuer-unavailable');
  });

  it('go on verifying while the issuer is down, as long as they are kept', async () => {
    const keys = remoteKeys(address(), clock);
    expect(await verdict(keys)).toBe('taken');
    handler = fail;
    expect(await verdict(keys)).toBe('taken');
  });

  it.each(['http://keys.example.test/', 'ftp://127.0.0.1/', 'file:///etc/passwd', '/keys', ''])(
    'refuse the address %p',
    (text) => {
      expect(() => remoteKeys(text, clock)).toThrow('must be an https: URL');
    },
  );
});
