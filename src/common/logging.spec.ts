import { Writable } from 'node:stream';
import fc from 'fast-check';
import { createLogger, describeError } from './logging.ts';
import { redact } from './redaction.ts';

const API_KEY = 'crk_live_abcd1234_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6000abc';
const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl';
const MEMBER = 'b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184';

/** Secrets, and the ways they come into a log. */
const LEAKS: [string, unknown][] = [
  ['an API key in a message', `refused ${API_KEY}.`],
  ['a test key', `crk_test_${API_KEY.slice(9)}`],
  ['headers', { headers: { authorization: `Bearer ${API_KEY}`, cookie: 'sid=canary', 'x-api-key': 'canary' } }],
  ['a token', { note: `got ${JWT}` }],
  ['an opaque bearer token', 'authorization: Bearer canary-opaque'],
  ['a basic credential', 'Authorization: Basic Y2FuYXJ5OmNhbmFyeQ=='],
  ['a body', { body: { client_secret: 'canary', clientSecret: 'can"ary', refresh_token: 'canary' } }],
  ['a body as text', { body: JSON.stringify({ password: 'canary', apiKey: 'canary' }) }],
  ['a query string', 'GET /v1/x?limit=5&api_key=canary&token=canary#x'],
  ['a connection string', 'cannot reach postgres://haven:canary@db/haven'],
  ['a member', { loyaltyIdSha256: MEMBER, other: [MEMBER.toUpperCase(), `=${MEMBER};`] }],
  ['a member under a name', { loyalty_id: 'canary', emailSha256: 'canary' }],
  ['an error', { err: new Error(`bad ${API_KEY}`, { cause: new Error(`deep ${JWT} ${MEMBER}`) }) }],
  ['a database error', { err: Object.assign(new Error('failed'), { parameters: ['canary'], query: 'canary' }) }],
];

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done): void {
      lines.push(chunk.toString());
      done();
    },
  });
  write(createLogger('info', sink));
  return lines.join('');
}

describe('log', () => {
  it.each(LEAKS)('shows nothing of %s', (_, leak) => {
    const text = logged((logger) => (typeof leak === 'string' ? logger.info(leak) : logger.info(leak as object)));
    expect(text).not.toMatch(/canary|ary"|Y2FuYXJ5|Zm9vYmFy|eyJzdWIi|b1946ac9/i);
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it('keeps what is no secret', () => {
    const entry = { traceId: 'a'.repeat(32), route: '/v1/audiences/:id', status: 200, tokenCount: 3, brand: 'brd_01' };
    expect(JSON.parse(logged((logger) => logger.info(entry, 'request')))).toMatchObject({
      ...entry,
      level: 'info',
      message: 'request',
    });
  });

  it('keeps to one line whatever is logged', () => {
    const forged = 'x\n{"level":"info","message":"forged"}\r\u001b[31m';
    const text = logged((logger) => logger.info({ forged }, forged)).trim();
    for (const control of ['\n', '\r', '\u001b']) expect(text).not.toContain(control);
  });

  it('is silent below its level', () => {
    expect(logged((logger) => logger.debug('x'))).toBe('');
  });

  it('stays JSON under redaction, whatever the values', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.constantFrom('token', 'apiKey', 'cookie', 'x'),
        (value, name) => {
          const line = JSON.stringify({ [name]: value, text: JSON.stringify({ [name]: value }) });
          expect(() => JSON.parse(redact(line)) as unknown).not.toThrow();
        },
      ),
      { numRuns: 500, seed: 20_260_304 },
    );
  });

  it.each([
    ['backslashes', '\\'.repeat(50_000)],
    ['token starts', 'eyJ-'.repeat(12_500)],
    ['key starts', 'crk_live_'.repeat(6_000)],
    ['quotes', '"token":"'.repeat(6_000)],
    ['schemes', 'a://'.repeat(12_500)],
    ['blanks', `Bearer${' '.repeat(50_000)}`],
    ['hexadecimal', 'a'.repeat(50_000)],
  ])('redacts 50 kB of %s in under 50 ms of CPU', (_, text) => {
    redact(text);
    const before = process.cpuUsage();
    redact(text);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1_000).toBeLessThan(50);
  });
});

it('describes a chain of causes, and ends', () => {
  const loop = new Error('a');
  loop.cause = loop;
  expect(JSON.stringify(describeError(loop)).length).toBeLessThan(20_000);
  expect(describeError('text')).toEqual({ type: 'string', message: 'something that is not an error was thrown' });
});
