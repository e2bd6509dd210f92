import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import request from 'supertest';
import { ERROR_CODES } from '#core';
import { startEdge } from './http-edge.app.ts';
import type { EdgeApp } from './http-edge.app.ts';

const LIMIT = 65_536;
let edge: EdgeApp;

beforeAll(async () => {
  edge = await startEdge();
});

afterAll(() => edge.close());

/** A body of exactly so many bytes. */
const sized = (bytes: number): string => `{"name":"${'x'.repeat(bytes - 11)}"}`;

const post = (body: string | Buffer, headers: Record<string, string> = {}): request.Test =>
  request(edge.url)
    .post('/things')
    .set({ 'Content-Type': 'application/json', ...headers })
    .serialize((data: unknown) => data as string)
    .send(body as string);

const token = (): request.Test => request(edge.url).post('/oauth/token');

/** Refusal as a client sees it; asserts what every problem document must be. */
async function problemOf(test: request.Test): Promise<{ status: number; code: string; pointer?: string }> {
  const response = await test.buffer(true).parse(parseText);
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(response.headers['cache-control']).toBe('no-store');
  const document = JSON.parse(response.body as string) as Record<string, unknown> & { errors?: { pointer: string }[] };
  expect(document).toMatchObject({ status: response.status, type: `/problems/${String(document['code'])}` });
  expect(document['traceId']).toBe(response.headers['x-request-id']);
  const pointer = document.errors?.[0]?.pointer;
  return { status: response.status, code: String(document['code']), ...(pointer === undefined ? {} : { pointer }) };
}

function parseText(response: request.Response, done: (error: Error | null, body: string) => void): void {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString()));
  response.on('end', () => done(null, text));
}

describe('bodies', () => {
  it.each([
    ['NUL in a string', String.raw`{"name":"a\u0000b"}`, '/name'],
    ['a lone surrogate', String.raw`{"name":"\udfff"}`, '/name'],
    ['a __proto__ key', '{"name":"x","__proto__":{"polluted":1}}', ''],
    ['constructor.prototype', '{"name":"x","constructor":{"prototype":{"polluted":1}}}', '/constructor'],
    ['a key twice', '{"name":"x","name":"y"}', ''],
    ['1e309', '{"name":1e309}', '/name'],
    ['a byte order mark', '\uFEFF{"name":"x"}', ''],
    ['6,000 keys', `{${Array.from({ length: 6_000 }, (_, i) => `"k${i}":1`).join(',')}}`, ''],
    ['30,000 nested arrays', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, `/name${'/0'.repeat(19)}`],
    ['5,000 nested objects', '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000), '/a'.repeat(20)],
    ['malformed JSON', '{"name":', '/name'],
  ])('refuses %s with 400 and points at it', async (_, body, pointer) => {
    expect(await problemOf(post(body))).toEqual({ status: 400, code: 'json-invalid', pointer });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['an unknown property', '{"name":"x","more":1}', '/more'],
    ['an unknown property in a part', '{"name":"x","parts":[{"kind":"a","more":1}]}', '/parts/0/more'],
    ['an inherited property', '{"name":"x","toString":1}', '/toString'],
    ['a wrong type', '{"name":5}', '/name'],
    ['nothing', '', '/name'],
    ['an array', '[]', ''],
    ['a text', '"x"', ''],
    ['null', 'null', ''],
  ])('refuses %s with 400 and points at it', async (_, body, pointer) => {
    expect(await problemOf(post(body))).toEqual({ status: 400, code: 'request-invalid', pointer });
  });

  it.each([
    ['text/plain', { 'Content-Type': 'text/plain' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['another JSON type', { 'Content-Type': 'application/problem+json' }],
    ['UTF-16', { 'Content-Type': 'application/json; charset=utf-16le' }],
    ['Latin-1', { 'Content-Type': 'application/json;charset="iso-8859-1"' }],
    ['an unknown coding', { 'Content-Encoding': 'compress' }],
    ['two codings', { 'Content-Encoding': 'gzip, gzip' }],
  ])('refuses %s with 415', async (_, headers) => {
    expect(await problemOf(post('{"name":"x"}', headers))).toEqual({ status: 415, code: 'media-type-unsupported' });
  });

  it('takes 64 kB and refuses one byte more', async () => {
    await post(sized(LIMIT)).expect(201);
    expect(await problemOf(post(sized(LIMIT + 1)))).toEqual({ status: 413, code: 'payload-too-large' });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('counts bytes after %s', async (coding, compress) => {
    await post(compress(sized(LIMIT)), { 'Content-Encoding': coding }).expect(201);
    expect(await problemOf(post(compress(sized(LIMIT + 1)), { 'Content-Encoding': coding }))).toMatchObject({
      status: 413,
    });
  });

  it('refuses a gzip bomb of 50 MB without inflating it', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    expect(bomb.length).toBeLessThan(LIMIT);
    const before = process.memoryUsage.rss();
    expect(await problemOf(post(bomb, { 'Content-Encoding': 'gzip' }))).toMatchObject({ status: 413 });
    expect(process.memoryUsage.rss() - before).toBeLessThan(40_000_000);
  });

  it('refuses data that do not decompress', async () => {
    expect(await problemOf(post('{"name":"x"}', { 'Content-Encoding': 'gzip' }))).toMatchObject({ status: 400 });
    const cut = gzipSync(sized(2_000)).subarray(0, 20);
    expect(await problemOf(post(cut, { 'Content-Encoding': 'gzip' }))).toMatchObject({ status: 400 });
  });

  it('gives a controller exactly what JSON.parse would', async () => {
    const body = { list: [0, -0.5, 1e300, true, null], text: 'é\u2028😀"\\', empty: {}, constructor: 'x', '': [''] };
    const response = await request(edge.url).post('/echo').send(body).expect(200);
    expect(response.body).toEqual({ body });
  });

  it('takes a form at the token endpoint only, and nothing else there', async () => {
    const { body } = await token().type('form').send('grant_type=client_credentials&scope=a+b%20c').expect(200);
    expect(body).toEqual({ body: { grant_type: 'client_credentials', scope: 'a b c' } });
    expect(await problemOf(token().send({ grant_type: 'x' }))).toMatchObject({ status: 415 });
    for (const form of ['a=1&a=2', 'a=%00', '__proto__=1', 'a&'.repeat(60)]) {
      expect(await problemOf(token().type('form').send(form))).toMatchObject({ status: 400, code: 'request-invalid' });
    }
  });
});

describe('methods and addresses', () => {
  it.each([
    ['/things', 'delete', 'GET, HEAD, OPTIONS, POST'],
    ['/things/1', 'post', 'GET, HEAD, OPTIONS, PUT'],
    ['/problems', 'patch', 'GET, HEAD, OPTIONS'],
  ] as const)(
    'refuses another method on %s with 405 and Allow, before it looks at the body',
    async (path, method, allow) => {
      const response = await request(edge.url)[method](path).set('Content-Type', 'text/plain').send('{');
      expect(response.status).toBe(405);
      expect(response.headers['allow']).toBe(allow);
      expect(JSON.parse(response.text)).toMatchObject({ code: 'method-not-allowed', allow: allow.split(', ') });
    },
  );

  it('answers OPTIONS with Allow and HEAD like GET without a body', async () => {
    const options = await request(edge.url).options('/things').expect(204);
    expect(options.headers['allow']).toBe('GET, HEAD, OPTIONS, POST');
    const [head, get] = [await request(edge.url).head('/things'), await request(edge.url).get('/things')];
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.text).toBeUndefined();
    const missing = await request(edge.url).head('/nothing').expect(404);
    expect(missing.headers['content-type']).toBe('application/problem+json');
  });

  it.each(['/nothing', '/things/1/more', '/THINGS/1/2', '//things/1/2', '/problems/no-such-problem'])(
    'gives 404 for %s',
    async (path) => {
      expect(await problemOf(request(edge.url).get(path))).toMatchObject({ status: 404, code: 'not-found' });
    },
  );

  it('does not say more about an unknown address whatever is sent there', async () => {
    const test = request(edge.url).post('/nothing').set('Content-Type', 'text/plain').send('x'.repeat(100));
    expect(await problemOf(test)).toEqual({ status: 404, code: 'not-found' });
  });

  it.each([
    ['/things/%00', 'NUL in the path'],
    ['/things?cursor=a%00b', 'NUL in the query'],
    ['/things/%FF', 'bytes that are not UTF-8'],
    ['/things/%E0%80', 'a cut sequence'],
    ['/things?limit=1&limit=2', 'a parameter twice'],
    ['/things?__proto__=1', '__proto__ as a parameter'],
    [`/things?${'a=1&'.repeat(60)}`, 'too many parameters'],
    ['/things?limit=201', 'a limit out of range'],
    ['/things?limit[$gt]=1', 'an unknown parameter'],
  ])('refuses %s with 400: %s', async (path) => {
    expect(await problemOf(request(edge.url).get(path))).toMatchObject({ status: 400, code: 'request-invalid' });
  });
});

describe('negotiation', () => {
  it.each([
    'application/json',
    '*/*',
    'application/*;q=0.1',
    'text/html, application/json;q=0.5',
    'application/problem+json',
  ])('answers Accept: %s with JSON', async (accept) => {
    const response = await request(edge.url).get('/things').set('Accept', accept).expect(200);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
  });

  it.each([
    ['/things', 'text/html'],
    ['/things', 'application/json;q=0'],
    ['/csv', 'application/json'],
  ])('refuses %s as %s with 406, in a problem document all the same', async (path, accept) => {
    expect(await problemOf(request(edge.url).get(path).set('Accept', accept))).toEqual({
      status: 406,
      code: 'not-acceptable',
    });
  });

  it('serves the page of every problem, as JSON and as HTML', async () => {
    for (const code of ERROR_CODES) {
      const { body } = await request(edge.url).get(`/problems/${code}`).expect(200);
      expect(body).toMatchObject({ type: `/problems/${code}`, code });
    }
    const page = await request(edge.url).get('/problems').set('Accept', 'text/html,*/*;q=0.8').expect(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const code of ERROR_CODES) expect(page.text).toContain(`<code>${code}</code>`);
  });
});

describe('failures', () => {
  it('tells the caller nothing of the cause and the log once, under the same trace', async () => {
    const response = await request(edge.url).get('/boom').expect(500);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.text).not.toMatch(/canary|Error|\.ts/);
    const { traceId } = JSON.parse(response.text) as { traceId: string };
    await edge.lineOf(traceId);
    const lines = edge.log.filter((line) => line['traceId'] === traceId);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', status: 500, route: '/boom', code: 'internal' });
    expect(JSON.stringify(lines[0])).toContain('canary-cause');
    expect(edge.logText()).not.toContain('canarycanary');
  });

  it('gives 500 where a refusal carries what cannot be written', async () => {
    const response = await request(edge.url).get('/unwritable').expect(500);
    expect(response.text).not.toContain('4711');
  });

  it('says in whole seconds when to come back, and keeps the text for the log out of the answer', async () => {
    const response = await request(edge.url).get('/busy').expect(503);
    expect(response.headers['retry-after']).toBe('2');
    expect(response.text).not.toContain('canary-internal');
    expect(edge.logText()).toContain('canary-internal');
  });
});

describe('every answer', () => {
  it('carries the security headers, and nothing that breaks plain HTTP', async () => {
    const { headers } = await request(edge.url).get('/things');
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    for (const name of ['strict-transport-security', 'cross-origin-opener-policy', 'x-powered-by']) {
      expect(headers[name]).toBeUndefined();
    }
  });

  it('continues the caller’s trace and logs one line with route, status, time and principal', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { body, headers } = await request(edge.url)
      .get('/me?api_key=canary')
      .set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
    expect([body.trace, headers['x-request-id']]).toEqual([traceId, traceId]);
    await edge.lineOf(traceId);
    const lines = edge.log.filter((line) => line['traceId'] === traceId);
    expect(lines).toMatchObject([
      { method: 'GET', path: '/me', route: '/me', status: 200, principal: 'key_of_caller', ms: expect.any(Number) },
    ]);
    expect(edge.logText()).not.toContain('api_key');
  });

  it('has no header of the caller in the log', async () => {
    const headers = { Authorization: 'Bearer canary-token', Cookie: 'sid=canary-token', 'X-Api-Key': 'canary-token' };
    await request(edge.url).get('/things').set(headers).expect(200);
    await post('{"name":"canary-token"}').expect(201);
    expect(edge.logText()).not.toContain('canary-token');
  });

  it('does not believe X-Forwarded-For unless told to', async () => {
    const { body } = await request(edge.url).get('/me').set('X-Forwarded-For', '203.0.113.9');
    expect(body.ip).toBe('127.0.0.1');
    const behindProxy = await startEdge({ trustProxy: ['loopback'] });
    const forwarded = await request(behindProxy.url).get('/me').set('X-Forwarded-For', '198.51.100.1, 203.0.113.9');
    await behindProxy.close();
    expect(forwarded.body.ip).toBe('203.0.113.9');
  });

  it('has ETag and 304 for what did not change', async () => {
    const { headers } = await request(edge.url).get('/things');
    await request(edge.url).get('/things').set('If-None-Match', headers['etag']!).expect(304);
  });
});

describe('fuzz', () => {
  const sign = fc.constantFrom('"', '{', '[', '\\', ',', ':', '\u0000', '\ud800', '9', 'e', '}', ']');
  const broken = fc
    .tuple(fc.json({ stringUnit: 'binary' }), fc.nat(), sign)
    .map(([text, at, mark]) => text.slice(0, at % (text.length + 1)) + mark + text.slice(at % (text.length + 1)));
  const named = fc.dictionary(fc.constantFrom('name', 'parts', 'kind', 'toString', '0', 'length'), fc.jsonValue(), {
    maxKeys: 4,
  });
  const bodies = fc.oneof(
    fc.json({ stringUnit: 'binary' }).map((text) => Buffer.from(text)),
    broken.map((text) => Buffer.from(text)),
    named.map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  const headers = fc.record({
    'Content-Type': fc.oneof(
      { weight: 8, arbitrary: fc.constant('application/json') },
      fc.constantFrom(
        'application/json; charset=utf-8',
        'text/plain',
        'application/json; charset=',
        ';',
        'a/b; c="',
        'multipart/form-data',
      ),
    ),
    'Content-Encoding': fc.oneof(
      { weight: 9, arbitrary: fc.constant('identity') },
      fc.constantFrom('gzip', 'deflate', 'br', 'zstd', 'x', ''),
    ),
    Accept: fc.oneof(
      { weight: 9, arbitrary: fc.constant('*/*') },
      fc.constantFrom('application/json', ';', 'a', 'text/*', ',,'),
    ),
  });
  const targets = fc.constantFrom(
    '/things',
    '/echo',
    '/oauth/token',
    '/things/%E2%82%AC',
    '/things?a=%ff',
    '/problems',
  );

  it('meets no 5xx and no other error form in 2,500 random requests', async () => {
    const cases = fc.sample(fc.record({ body: bodies, headers, target: targets }), {
      numRuns: 2_500,
      seed: 20_260_305,
    });
    const statuses = new Map<number, number>();
    for (const { body, headers: sent, target } of cases) {
      const response = await fetch(edge.url + target, { method: 'POST', body, headers: sent });
      const text = await response.text();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      const form = response.headers.get('content-type');
      if (response.status >= 500 || (response.status >= 400 && form !== 'application/problem+json')) {
        throw new Error(
          `${response.status} ${form} for ${target} ${JSON.stringify(sent)} ${body.toString('base64')}: ${text}`,
        );
      }
    }
    // The corpus reaches every layer: taken, refused by the guard, by method, by type.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 405, 415]));
  });
});
