import { Writable } from 'node:stream';
import { Client } from 'pg';
import { generateKey, keyHint, parseKey } from '../../src/access/api-key.ts';
import type { ApiKeyDto, ApiKeyPage, IssuedApiKeyDto } from '../../src/access/api-keys.dto.ts';
import type { MeDto } from '../../src/access/me.dto.ts';
import type { GrantDto } from '../../src/brands/brands.dto.ts';
import { MovableClock } from '#core';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import type { Answer } from './client.ts';
import { startReplica } from './replica.ts';

const DAY_MS = 86_400_000;
/** How old a stored credential may be when it is used: with its load it stays under the promised second. */
const PROMISE_MS = 1_000;
const REFUSED = { status: 401, code: 'not-authenticated' };

const clock = new MovableClock('2026-11-10T09:00:00Z');
let haven: TestApplication;
let admin: Caller;
let manager: Caller;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'keys', members: 1_000, clock });
  admin = new Caller(haven.url, haven.keys.analyst);
  manager = new Caller(haven.url, haven.keys.manager);
});

afterAll(() => haven.close());

async function made(body: object = {}, maker = admin): Promise<IssuedApiKeyDto> {
  const answer = await maker.post<IssuedApiKeyDto>('/v1/api-keys', {
    label: 'Made',
    scopes: ['catalog:read'],
    ...body,
  });
  expect(answer.status).toBe(201);
  return answer.body;
}

const me = (key: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Caller(haven.url, key).get('/v1/me', headers);

const listed = async (): Promise<readonly ApiKeyDto[]> =>
  (await admin.get<ApiKeyPage>('/v1/api-keys?limit=200')).body.data;

/** A key text of the right form, checksum included, with another secret. */
const otherSecret = (key: string): string => generateKey('test', parseKey(key)!.publicId).text;

/** A key text with one character of its secret altered, so that the checksum is wrong. */
const misspelt = (key: string): string => key.replace(/.(?=.{6}$)/, (letter) => (letter === 'a' ? 'b' : 'a'));

describe('a new key', () => {
  it('works, is listed without its secret, and does what it says', async () => {
    const { key, ...shown } = await made({ label: 'Nightly', scopes: ['catalog:read', 'audiences:read'] });
    expect(shown).toMatchObject({
      label: 'Nightly',
      kind: 'brand',
      status: 'active',
      createdBy: expect.stringMatching(/^key_/),
    });
    expect(shown.hint).toBe(keyHint('test', parseKey(key)!.publicId));
    expect(new Date(shown.expiresAt).getTime() - clock.now()).toBe(90 * DAY_MS);
    const answer = await new Caller(haven.url, key).get<MeDto>('/v1/me');
    expect(answer.body).toMatchObject({
      id: shown.id,
      credential: 'api-key',
      scopes: ['catalog:read', 'audiences:read'],
    });
    expect((await listed()).find(({ id }) => id === shown.id)).toEqual({ ...shown, lastUsedAt: expect.any(String) });
  });

  it('shows its secret once: in no list, no audit entry and no row', async () => {
    const { key, id } = await made();
    const secret = key.slice(-49, -6);
    for (const path of ['/v1/api-keys?limit=200', '/v1/audit/entries?limit=200', '/v1/me']) {
      const { text } = await admin.get(path);
      expect(text).not.toContain(secret);
    }
    expect((await admin.get('/v1/audit/entries')).text).toContain(id);
    expect(await rowText(id)).not.toContain(secret);
  });

  it('is stored as a hash from which it cannot be used', async () => {
    const { key, id } = await made();
    const hash = parseKey(key)!.secretHash.toString('hex');
    expect(await rowText(id)).toContain(hash);
    expect(refusal(await me(hash))).toEqual(REFUSED);
  });

  it.each([
    ['no scope', { scopes: [] }, '/scopes'],
    ['an unknown scope', { scopes: ['everything'] }, '/scopes'],
    ['a scope twice', { scopes: ['catalog:read', 'catalog:read'] }, '/scopes'],
    ['366 days', { expiresInDays: 366 }, '/expiresInDays'],
    ['a network that is none', { allowedIps: ['10.0.0.0/33'] }, '/allowedIps'],
    ['a label with a line break', { label: 'a\nb' }, '/label'],
    ['an unknown member', { secretHash: 'x' }, '/secretHash'],
  ])('is refused with %s', async (_, wrong, pointer) => {
    const answer = await admin.post('/v1/api-keys', { label: 'Made', scopes: ['catalog:read'], ...wrong });
    expect(refusal(answer)).toEqual({ status: 400, code: 'request-invalid', pointers: [pointer] });
  });
});

async function rowText(id: string): Promise<string> {
  const client = new Client({ ...haven.database });
  await client.connect();
  try {
    const { rows } = await client.query<{ text: string }>('SELECT k::text AS text FROM api_key k WHERE id = $1', [id]);
    return rows[0]?.text ?? '';
  } finally {
    await client.end();
  }
}

describe('what a key may give', () => {
  it('is never more than it holds', async () => {
    const { key } = await made({ scopes: ['keys:manage', 'catalog:read'] });
    const limited = new Caller(haven.url, key);
    const answer = await limited.post('/v1/api-keys', { label: 'More', scopes: ['catalog:read', 'sizes:create'] });
    expect(refusal(answer)).toEqual({ status: 403, code: 'grant-exceeds-grantor', pointers: ['/scopes/1'] });
    await made({ scopes: ['catalog:read', 'keys:manage'] }, limited);
  });

  it('is nothing of the retailer’s', async () => {
    const answer = await admin.post('/v1/api-keys', { label: 'More', scopes: ['admin:brands'] });
    expect(refusal(answer)).toEqual({ status: 403, code: 'grant-exceeds-grantor', pointers: ['/scopes/0'] });
  });

  it('does not grow by rotating a key that holds more', async () => {
    const strong = await made({ scopes: ['sizes:create', 'catalog:read'] });
    const { key } = await made({ scopes: ['keys:manage', 'catalog:read'] });
    const answer = await new Caller(haven.url, key).post(`/v1/api-keys/${strong.id}/rotate`, {});
    expect(refusal(answer)).toMatchObject({ status: 403, code: 'grant-exceeds-grantor' });
    expect((await me(strong.key)).status).toBe(200);
  });
});

describe('a rotated key', () => {
  it('works with both secrets until the overlap ends, then with the new one', async () => {
    const old = await made();
    const { body } = await admin.post<IssuedApiKeyDto>(`/v1/api-keys/${old.id}/rotate`, { overlapMinutes: 60 });
    expect(body.id).toBe(old.id);
    expect(body.key).not.toBe(old.key);
    expect([(await me(old.key)).status, (await me(body.key)).status]).toEqual([200, 200]);
    clock.move(60 * 60_000);
    expect(refusal(await me(old.key))).toEqual(REFUSED);
    expect((await me(body.key)).status).toBe(200);
  });

  it('ends its old secret at once without an overlap, and at the next rotation in any case', async () => {
    const first = await made();
    const second = await admin.post<IssuedApiKeyDto>(`/v1/api-keys/${first.id}/rotate`, {});
    const third = await admin.post<IssuedApiKeyDto>(`/v1/api-keys/${first.id}/rotate`, { overlapMinutes: 0 });
    expect(refusal(await me(first.key))).toEqual(REFUSED);
    expect(refusal(await me(second.body.key))).toEqual(REFUSED);
    expect((await me(third.body.key)).status).toBe(200);
  });

  it('cannot be one that has ended', async () => {
    const { id } = await made();
    await admin.delete(`/v1/api-keys/${id}`);
    expect(refusal(await admin.post(`/v1/api-keys/${id}/rotate`, {}))).toEqual({ status: 409, code: 'conflict' });
  });
});

describe('a key that has ended', () => {
  it('is refused after its day', async () => {
    const { key, id } = await made({ expiresInDays: 1 });
    clock.move(DAY_MS - 1);
    expect((await me(key)).status).toBe(200);
    clock.move(1);
    expect(refusal(await me(key))).toEqual(REFUSED);
    expect((await listed()).find((one) => one.id === id)?.status).toBe('expired');
  });

  it('is refused at once where it was revoked, and within a second on every replica', async () => {
    const { key, id } = await made();
    const replica = await startReplica(haven, clock);
    const there = (): Promise<Answer> => new Caller(replica.url, key).get('/v1/me');
    try {
      expect([(await me(key)).status, (await there()).status]).toEqual([200, 200]);
      expect((await admin.delete(`/v1/api-keys/${id}`)).status).toBe(204);
      expect(refusal(await me(key))).toEqual(REFUSED);
      clock.move(PROMISE_MS);
      expect(refusal(await there())).toEqual(REFUSED);
      expect((await admin.delete(`/v1/api-keys/${id}`)).status).toBe(204);
      expect((await listed()).find((one) => one.id === id)?.status).toBe('revoked');
    } finally {
      await replica.close();
    }
  });
});

describe('a wrong key', () => {
  it('with a wrong checksum is refused while nobody can read the table of keys', async () => {
    const { key } = await made();
    const client = new Client({ ...haven.database });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query('LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE');
      let blocked = true;
      const guess = me(generateKey('test').text).then((answer) => {
        blocked = false;
        return answer;
      });
      for (const text of [misspelt(key), key.slice(0, -1), `${key}a`, 'crk_test_', key.replace('test', 'live')]) {
        expect(refusal(await me(text))).toEqual(REFUSED);
      }
      expect(blocked).toBe(true);
      await client.query('COMMIT');
      expect(refusal(await guess)).toEqual(REFUSED);
    } finally {
      await client.end();
    }
  });

  it('with the right id tells no more than one with an unknown id', async () => {
    const { key } = await made();
    const unlike = { traceId: '' };
    const near = await me(otherSecret(key));
    const far = await me(generateKey('test').text);
    expect(refusal(near)).toEqual(REFUSED);
    expect({ ...(near.body as object), ...unlike }).toEqual({ ...(far.body as object), ...unlike });
  });

  it('of the other mode is refused', async () => {
    expect(refusal(await me(generateKey('live').text))).toEqual(REFUSED);
  });

  it.each(['?api_key=x', '?access_token=x', '?client_secret=x', '?x=crk_test_abcdefgh_x', '?q=CRK_LIVE_x'])(
    'in the address is refused, although a good one is in the header: %s',
    async (query) => {
      const answer = await admin.get(`/v1/me${query}`);
      expect(refusal(answer)).toEqual(REFUSED);
      expect(answer.text).not.toContain(query.slice(-20));
    },
  );
});

describe('a key limited to networks', () => {
  it('works from them and not from elsewhere, whatever a header claims', async () => {
    const near = await made({ allowedIps: ['127.0.0.0/8', '::1'] });
    const far = await made({ allowedIps: ['203.0.113.0/24'] });
    expect((await me(near.key)).status).toBe(200);
    expect(refusal(await me(far.key))).toEqual(REFUSED);
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-client-ip']) {
      expect(refusal(await me(far.key, { [name]: name === 'forwarded' ? 'for=203.0.113.5' : '203.0.113.5' }))).toEqual(
        REFUSED,
      );
    }
  });

  it('is judged behind a trusted proxy by the address that the proxy saw', async () => {
    const { key } = await made({ allowedIps: ['203.0.113.0/24'] });
    const replica = await startReplica(haven, clock, { env: { HAVEN_TRUST_PROXY: '127.0.0.1' } });
    const from = async (forwarded: string): Promise<number> =>
      (await new Caller(replica.url, key).get('/v1/me', { 'x-forwarded-for': forwarded })).status;
    try {
      expect(await from('203.0.113.5')).toBe(200);
      // What the client wrote itself stands to the left of what the proxy added.
      expect(await from('203.0.113.5, 198.51.100.1')).toBe(401);
      expect(await from('198.51.100.1, 203.0.113.5')).toBe(200);
    } finally {
      await replica.close();
    }
  });
});

/** The brand lets the agency do this; every replica knows it a second later. */
const granted = async (scopes: readonly string[], brandId = haven.keys.brandId): Promise<GrantDto> => {
  const wish = { agencyId: haven.keys.agencyId, brandId, scopes };
  const answer = await manager.post<GrantDto>('/admin/v1/grants', wish);
  expect(answer.status).toBe(201);
  clock.move(PROMISE_MS);
  return answer.body;
};

const endGrant = async ({ id }: GrantDto): Promise<void> => {
  expect((await manager.delete(`/admin/v1/grants/${id}`)).status).toBe(204);
  clock.move(PROMISE_MS);
};

describe('an agency', () => {
  let agency: Caller;

  beforeAll(() => {
    agency = new Caller(haven.url, haven.keys.agency);
  });

  it('may do for each brand what that brand granted, until it is taken back', async () => {
    const { brandId, otherBrandId } = haven.keys;
    const products = (id: string): Promise<Answer> => agency.get(`/v1/catalog/products?brandId=${id}`);
    expect(refusal(await products(brandId))).toEqual({ status: 404, code: 'not-found' });
    const given = await granted(['catalog:read']);
    expect((await products(brandId)).status).toBe(200);
    expect(refusal(await agency.get(`/v1/budgets?brandId=${brandId}`))).toEqual({ status: 403, code: 'scope-missing' });
    expect((await agency.get(`/v1/budgets?brandId=${otherBrandId}`)).status).toBe(200);
    expect(refusal(await agency.get('/v1/catalog/products'))).toMatchObject({ status: 400, code: 'brand-required' });
    await endGrant(given);
    expect(refusal(await products(brandId))).toEqual({ status: 404, code: 'not-found' });
  });

  it('cannot be given a key that reaches beyond the grant', async () => {
    const given = await granted(['catalog:read', 'audiences:read']);
    const wish = { label: 'Agency', agencyId: haven.keys.agencyId };
    const wide = await admin.post('/v1/api-keys', { ...wish, scopes: ['catalog:read', 'sizes:create'] });
    expect(refusal(wide)).toEqual({ status: 403, code: 'grant-exceeds-grantor', pointers: ['/scopes/1'] });
    const managing = await admin.post('/v1/api-keys', { ...wish, scopes: ['keys:manage'] });
    expect(refusal(managing)).toMatchObject({ status: 403, code: 'grant-exceeds-grantor' });
    await endGrant(given);
  });

  it('loses what its key could do when the grant ends, in the middle of its work', async () => {
    const given = await granted(['catalog:read', 'audiences:read']);
    const { key, id } = await made({ agencyId: haven.keys.agencyId, scopes: ['catalog:read', 'audiences:read'] });
    const worker = new Caller(haven.url, key);
    expect((await worker.get('/v1/audiences')).status).toBe(200);
    await endGrant(given);
    expect(refusal(await worker.get('/v1/audiences'))).toEqual({ status: 403, code: 'scope-missing' });
    expect((await worker.get<MeDto>('/v1/me')).body).toMatchObject({ id, brands: [], scopes: [] });
  });

  it('has a key limited to one brand reach no other brand that granted it', async () => {
    const given = await granted(['catalog:read']);
    const { key } = await made({ agencyId: haven.keys.agencyId });
    const worker = new Caller(haven.url, key);
    expect((await worker.get<MeDto>('/v1/me')).body.brands.map(({ id }) => id)).toEqual([haven.keys.brandId]);
    const other = await worker.get(`/v1/catalog/products?brandId=${haven.keys.otherBrandId}`);
    expect(refusal(other)).toEqual({ status: 404, code: 'not-found' });
    await endGrant(given);
  });

  it('manages no keys, its own neither', async () => {
    expect(refusal(await agency.get('/v1/api-keys'))).toEqual({ status: 403, code: 'scope-missing' });
  });

  it('has a grant end by itself on its day', async () => {
    const wish = { agencyId: haven.keys.agencyId, brandId: haven.keys.brandId, scopes: ['catalog:read'], days: 1 };
    await manager.post('/admin/v1/grants', wish);
    clock.move(PROMISE_MS);
    const products = (): Promise<Answer> => agency.get(`/v1/catalog/products?brandId=${haven.keys.brandId}`);
    expect((await products()).status).toBe(200);
    clock.move(DAY_MS);
    expect(refusal(await products())).toEqual({ status: 404, code: 'not-found' });
  });
});

it('leaves no key text in the log at its finest, nor in what is logged of refusals', async () => {
  const lines: string[] = [];
  const sink = new Writable({ write: (chunk: Buffer, _, done) => (lines.push(chunk.toString()), done()) });
  const replica = await startReplica(haven, clock, { env: { HAVEN_LOG_LEVEL: 'debug' }, log: sink });
  const caller = new Caller(replica.url, haven.keys.analyst);
  const { key, id } = await made({}, caller);
  await new Caller(replica.url, key).get('/v1/me');
  await new Caller(replica.url, otherSecret(key)).get('/v1/me');
  await new Caller(replica.url, misspelt(key)).get(`/v1/me?x=${key}`);
  await caller.post(`/v1/api-keys/${key}/rotate`, { label: key });
  await caller.post('/v1/api-keys', { label: key, scopes: [key] }, { 'Idempotency-Key': key });
  await replica.close();
  const log = lines.join('');
  expect(log).toContain(id);
  expect(lines.filter((line) => line.includes('"status":401')).length).toBeGreaterThanOrEqual(2);
  for (const secret of [key, haven.keys.analyst]) expect(log).not.toContain(secret.slice(-49, -6));
});
