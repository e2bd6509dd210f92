import { request } from 'node:http';
import fc from 'fast-check';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller } from './client.ts';
import {
  HOSTILE_FORM,
  HOSTILE_HEADERS,
  HOSTILE_JSON,
  HOSTILE_QUERY,
  HOSTILE_SEGMENT,
  MISTYPED_JSON,
  jsonWith,
  placesIn,
} from './hostile-corpus.ts';
import { BODIES, anyonesDefinition, operations, strangeIds, validCall } from './operations.ts';
import type { ApiOperation, Ids } from './operations.ts';

/** Requests of one run, and the seed that repeats them. */
const REQUESTS = 1_500;
const SEED = 20_261_121;
const AT_ONCE = 8;

interface Attack {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Partial<Record<string, string>>>;
  /** As it goes over the wire. */
  readonly body?: string;
}

interface Outcome {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

let haven: TestApplication;
/** Things the caller has, so that attacks get past "not found"; the rest does not exist. */
let ids: Ids;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'hostile', members: 1_000 });
  const caller = new Caller(haven.url, haven.keys.analyst);
  const { id: audience } = await caller.saved(anyonesDefinition());
  const { releaseId: release } = (await caller.sized(audience, { precision: 'coarse' })).body;
  ids = { ...strangeIds(), audience, release, budget: `brand:${haven.keys.brandId}` };
});

afterAll(() => haven.close());

/** Over a socket of its own accord: `fetch` would tidy the path. */
function send({ method, path, headers, body }: Attack): Promise<Outcome> {
  const { hostname, port } = new URL(haven.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const hostileBody = (operation: ApiOperation): fc.Arbitrary<string | undefined> => {
  if (operation.id === 'oauth_token') return HOSTILE_FORM;
  const sample = BODIES[operation.id]?.();
  if (sample === undefined) return fc.option(HOSTILE_JSON, { nil: undefined, freq: 4 });
  const places = [...placesIn(sample)];
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constantFrom(...places), HOSTILE_JSON).map(([at, text]) => jsonWith(sample, at, text)),
    },
    { weight: 1, arbitrary: HOSTILE_JSON.map((text) => jsonWith({ ...sample, more: 1 }, ['more'], text)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
};

/** Each member of each body once as each kind of value it is not, and once as nothing. */
function mistypedBodies(operation: ApiOperation): string[] {
  const sample = operation.id === 'oauth_token' ? undefined : BODIES[operation.id]?.();
  if (sample === undefined) return [];
  return [...placesIn(sample)].flatMap((at) => MISTYPED_JSON.map((text) => jsonWith(sample, at, text)));
}

const attack = (operation: ApiOperation, more: Partial<Attack>): Attack => {
  const { method, path, headers } = validCall(operation, ids);
  const isAdmins = operation.scope.startsWith('admin:');
  const form = operation.id === 'oauth_token' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  return {
    method,
    path: more.path ?? path,
    headers: {
      'content-type': 'application/json',
      ...form,
      ...lowerCased(headers ?? {}),
      ...more.headers,
      authorization: `Bearer ${isAdmins ? haven.keys.manager : haven.keys.analyst}`,
    },
    ...(more.body !== undefined && method === 'POST' && { body: more.body }),
  };
};

/** A call that is right but for one part, or two or three. */
const attackOn = (operation: ApiOperation): fc.Arbitrary<Attack> =>
  fc
    .record({
      segment: fc.option(HOSTILE_SEGMENT, { nil: undefined, freq: 2 }),
      query: fc.option(HOSTILE_QUERY, { nil: '', freq: 2 }),
      headers: fc.option(HOSTILE_HEADERS, { nil: {}, freq: 2 }),
      body: hostileBody(operation),
    })
    .map(({ segment, query, headers, body }) => {
      const { path } = validCall(operation, ids);
      const hostilePath = segment === undefined ? path : operation.path.replaceAll(/\{\w+\}/g, () => segment);
      return attack(operation, { path: hostilePath + query, headers, ...(body !== undefined && { body }) });
    });

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

it(`answers ${REQUESTS} hostile requests over all operations without one failure of its own`, async () => {
  const share = Math.ceil(REQUESTS / operations.length);
  const attacks = operations.flatMap((operation, i) => [
    ...mistypedBodies(operation).map((body) => attack(operation, { body })),
    ...fc.sample(attackOn(operation), { seed: SEED + i, numRuns: share }),
  ]);
  const faults: object[] = [];
  const statuses = new Map<number, number>();
  const next = attacks.values();
  const work = async (): Promise<void> => {
    for (const one of next) {
      const { status, type, text } = await send(one);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (isFault(status, type, text))
        faults.push({ ...one, headers: undefined, status, type, text: text.slice(0, 300) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(REQUESTS);
  // The corpus gets past the edge: it is refused by many rules, and some of it is taken.
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 404, 415, 422]));
}, 300_000);

/** A failure, or a refusal that is no problem document, or one that tells of the inside. */
function isFault(status: number, type: string, text: string): boolean {
  if (status < 400) return false;
  if (status >= 500 || type !== 'application/problem+json') return true;
  const { code, status: told, traceId } = JSON.parse(text) as Record<string, unknown>;
  return (
    told !== status ||
    typeof code !== 'string' ||
    typeof traceId !== 'string' ||
    /\bat \/|SELECT |node_modules/.test(text)
  );
}

it('is unharmed afterwards', async () => {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  const caller = new Caller(haven.url, haven.keys.analyst);
  expect((await caller.get('/readyz')).status).toBe(200);
  expect((await caller.get('/v1/me')).status).toBe(200);
  const verdict = await caller.get<{ firstBrokenSeq: string | null }>('/v1/audit/verify');
  expect(verdict.body.firstBrokenSeq).toBeNull();
});
