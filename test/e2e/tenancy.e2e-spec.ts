import { randomUUID } from 'node:crypto';
import type { ApiKeyDto, IssuedApiKeyDto } from '../../src/access/api-keys.dto.ts';
import type { AudienceDto, AudiencePage } from '../../src/audiences/audiences.dto.ts';
import type { AgencyDto, GrantDto } from '../../src/brands/brands.dto.ts';
import { BRAND_SCOPES } from '../../src/access/scopes.ts';
import { newId } from '#core';
import type { HttpCall } from '../../src/boot/tour-client.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import type { Answer } from './client.ts';
import { addressing, anyonesDefinition, guarded, resourcesIn, strangeIds, validCall } from './operations.ts';
import type { ApiOperation, Ids } from './operations.ts';

/** A brand with something of everything, and everything about it that nobody else may see. */
interface Tenant {
  readonly brandId: string;
  readonly admin: Caller;
  readonly ids: Ids;
  readonly audienceIds: readonly string[];
  /** Texts that must be in no answer to another tenant. */
  readonly secrets: readonly string[];
}

let haven: TestApplication;
let manager: Caller;
let victim: Tenant;
let rival: Tenant;
/** Works for the rival alone. */
let agency: Caller;
/** Works for the victim alone. */
let victimsAgencyId: string;
let attackers: readonly (readonly [name: string, caller: Caller])[];

beforeAll(async () => {
  haven = await createTestApplication({ name: 'tenancy' });
  manager = new Caller(haven.url, haven.keys.manager);
  agency = new Caller(haven.url, haven.keys.agency);
  victimsAgencyId = (await manager.post<AgencyDto>('/admin/v1/agencies', { name: 'Of the victim' })).body.id;
  victim = await furnish(haven.keys.brandId, victimsAgencyId, 'Victim');
  rival = await furnish(haven.keys.otherBrandId, haven.keys.agencyId, 'Rival');
  attackers = [
    ['another brand', rival.admin],
    ['an agency of another brand', agency],
  ];
});

afterAll(() => haven.close());

async function furnish(brandId: string, agencyId: string, name: string): Promise<Tenant> {
  const made = await manager.post<IssuedApiKeyDto>('/admin/v1/api-keys', {
    label: `${name} admin`,
    brandId,
    scopes: BRAND_SCOPES,
  });
  const admin = new Caller(haven.url, made.body.key);
  const grant = await manager.post<GrantDto>('/admin/v1/grants', { agencyId, brandId, scopes: ['catalog:read'] });
  const key = await admin.post<ApiKeyDto>('/v1/api-keys', { label: `${name} key`, scopes: ['catalog:read'] });
  const identity = await manager.post<{ id: string }>('/admin/v1/identities', {
    issuer: 'https://id.example.com',
    subject: name,
    role: 'brand_analyst',
    label: name,
    brandId,
  });
  const audiences: AudienceDto[] = [];
  for (const i of [1, 2, 3]) audiences.push(await admin.saved(anyonesDefinition(), `${name} audience ${i}`));
  const [first] = audiences;
  const sized = await admin.sized(first!.id, { precision: 'coarse' });
  expect(sized.status).toBe(200);
  const { releaseId } = sized.body;
  return {
    brandId,
    admin,
    audienceIds: audiences.map(({ id }) => id),
    ids: {
      audience: first!.id,
      version: '1',
      release: releaseId,
      key: key.body.id,
      budget: `brand:${brandId}`,
      grant: grant.body.id,
      identity: identity.body.id,
    },
    secrets: [brandId, ...audiences.map(({ id }) => id), releaseId, made.body.id, key.body.id, grant.body.id, name],
  };
}

/** Everything of an answer that can tell anything: not its trace, its time, or the path the caller wrote himself. */
function told({ status, headers, body }: Answer, path: string): object {
  const unlike = ['x-request-id', 'date', 'ratelimit', 'keep-alive'];
  const said = [...headers].filter(([name]) => !unlike.includes(name));
  const { traceId: _, instance, ...document } = body as { traceId: string; instance?: string };
  expect(instance).toBe(path.split('?')[0]);
  return { status, headers: Object.fromEntries(said), document };
}

/** Calls twice, with ids of the victim and with ids of nobody, and expects one answer. */
async function expectSameAsNothing(caller: Caller, theirs: HttpCall, nobodys: HttpCall): Promise<Answer> {
  const answer = await caller.call(theirs);
  const nothing = await caller.call(nobodys);
  expect(told(answer, theirs.path)).toEqual(told(nothing, nobodys.path));
  for (const secret of victim.secrets.filter((text) => !JSON.stringify(theirs).includes(text))) {
    expect(answer.text).not.toContain(secret);
  }
  return answer;
}

/** A key of mine for an agency. */
const keyFor = (agencyId: string): HttpCall => ({
  method: 'POST',
  path: '/v1/api-keys',
  body: { label: 'Theirs', agencyId, scopes: ['catalog:read'] },
});

/** What a caller who is none of the tenant's is told: that there is nothing, or that the route is not for him. */
function expectedStatus(operation: ApiOperation, name: string): number {
  if (operation.scope.startsWith('admin:')) return 403;
  return name.includes('agency') && ['keys:manage', 'audit:read'].includes(operation.scope) ? 403 : 404;
}

describe.each(addressing.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  '%s',
  (_, operation) => {
    const queries = operation.query.includes('dryRun') ? ['', '?dryRun=true'] : [''];

    it.each(['another brand', 'an agency of another brand'])('is to %s as if it were not there', async (name) => {
      const [, caller] = attackers.find(([known]) => known === name)!;
      for (const query of queries) {
        const theirs = validCall(operation, victim.ids, query);
        const answer = await expectSameAsNothing(caller, theirs, validCall(operation, strangeIds(), query));
        expect(answer.status).toBe(expectedStatus(operation, name));
      }
    });
  },
);

describe('a part of another brand’s', () => {
  const nested = addressing.filter((operation) => resourcesIn(operation)[1] === 'release');

  it.each(nested.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'is not reached through one’s own whole by %s',
    async (_, operation) => {
      const theirs = validCall(operation, { ...rival.ids, release: victim.ids.release });
      const nobodys = validCall(operation, { ...rival.ids, release: strangeIds().release });
      expect((await expectSameAsNothing(rival.admin, theirs, nobodys)).status).toBe(404);
      expect((await rival.admin.call(validCall(operation, rival.ids))).status).toBe(200);
    },
  );
});

describe('another brand named beside the path', () => {
  const naming = guarded.filter(({ query, scope }) => query.includes('brandId') && !scope.startsWith('admin:'));

  it.each(naming.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    'in the query of %s is as if it were not there',
    async (_, operation) => {
      for (const [name, caller] of attackers) {
        const theirs = validCall(operation, victim.ids, `?brandId=${victim.brandId}`);
        const nobodys = validCall(operation, victim.ids, `?brandId=${newId('brand', Date.now())}`);
        const answer = await expectSameAsNothing(caller, theirs, nobodys);
        expect(answer.status).toBe(expectedStatus(operation, name));
      }
    },
  );

  it.each(['/v1/audiences', '/v1/audiences/estimate', '/v1/audiences/estimate?dryRun=true'])(
    'in the body of POST %s is as if it were not there',
    async (path) => {
      for (const [, caller] of attackers) {
        const call = (brandId: string): HttpCall => ({
          method: 'POST',
          path,
          headers: { 'Idempotency-Key': randomUUID() },
          body: { definition: anyonesDefinition(), brandId, ...(path === '/v1/audiences' && { name: 'Theirs' }) },
        });
        const answer = await expectSameAsNothing(caller, call(victim.brandId), call(newId('brand', Date.now())));
        expect(refusal(answer)).toEqual({ status: 404, code: 'not-found' });
      }
    },
  );

  it.each(['/v1/audiences', '/v1/audiences/estimate', '/v1/audiences/estimate?dryRun=true'])(
    'as an audience that a definition refers to in POST %s is as if it were not there',
    async (path) => {
      for (const [, caller] of attackers) {
        const refer = (id: string): Promise<Answer> =>
          caller.post(
            path,
            {
              definition: anyonesDefinition({ audienceRef: { id } }),
              ...(path === '/v1/audiences' && { name: 'Ref' }),
            },
            { 'Idempotency-Key': randomUUID() },
          );
        const strange = strangeIds().audience;
        const [theirs, nobodys] = [await refer(victim.ids.audience), await refer(strange)];
        expect(theirs.status).toBe(422);
        expect(told({ ...theirs, body: JSON.parse(theirs.text.replaceAll(victim.ids.audience, 'ID')) }, path)).toEqual(
          told({ ...nobodys, body: JSON.parse(nobodys.text.replaceAll(strange, 'ID')) }, path),
        );
      }
    },
  );

  it('as an agency it granted gets no key of mine', async () => {
    const answer = await expectSameAsNothing(rival.admin, keyFor(victimsAgencyId), keyFor(newId('agency', Date.now())));
    expect(answer.status).toBe(404);
  });

  it('as the audience a list of releases is for lists nothing', async () => {
    for (const [, caller] of attackers) {
      for (const id of [victim.ids.audience, strangeIds().audience]) {
        expect((await caller.get(`/v1/releases?audience=${id}`)).body).toEqual({ data: [], nextCursor: null });
      }
    }
  });
});

describe('lists', () => {
  const lists = guarded.filter(
    ({ method, path, scope }) => method === 'GET' && !path.includes('{') && !scope.startsWith('admin:'),
  );

  it.each(lists.map((operation) => [operation.path, operation] as const))(
    '%s shows nothing of another tenant',
    async (path, operation) => {
      for (const [name, caller] of attackers) {
        const answer = await caller.get(path);
        expect([200, expectedStatus(operation, name)]).toContain(answer.status);
        for (const secret of victim.secrets) expect(answer.text).not.toContain(secret);
      }
    },
  );

  it.each([
    '/v1/audiences',
    '/v1/releases',
    '/v1/api-keys',
    '/v1/audit/entries',
    '/v1/catalog/products',
    '/v1/catalog/categories',
  ])('%s does not go on from another tenant’s cursor', async (path) => {
    if (path === '/v1/releases') await victim.admin.estimate(anyonesDefinition(), { precision: 'standard' });
    const page = await victim.admin.get<AudiencePage>(`${path}?limit=1`);
    const cursor = page.body.nextCursor;
    expect(cursor).toMatch(/^[\w-]{40,}$/);
    expect((await victim.admin.get(`${path}?limit=1&cursor=${cursor}`)).status).toBe(200);
    const answer = await rival.admin.get(`${path}?limit=1&cursor=${cursor}`);
    expect(refusal(answer)).toEqual({ status: 400, code: 'cursor-invalid', pointers: ['/cursor'] });
  });
});

describe('idempotency keys', () => {
  it('of one caller mean nothing to another', async () => {
    const key = randomUUID();
    const body = { name: 'Under one key', definition: anyonesDefinition() };
    const first = await victim.admin.post<AudienceDto>('/v1/audiences', body, { 'Idempotency-Key': key });
    const again = await victim.admin.post<AudienceDto>('/v1/audiences', body, { 'Idempotency-Key': key });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.id).toBe(first.body.id);
    const colleague = new Caller(haven.url, haven.keys.analyst);
    for (const other of [rival.admin, colleague]) {
      const own = await other.post<AudienceDto>('/v1/audiences', body, { 'Idempotency-Key': key });
      expect([own.status, own.headers.get('idempotent-replayed')]).toEqual([201, null]);
      expect(own.body.id).not.toBe(first.body.id);
    }
  });
});

it('gives nobody a foreign row while a hundred calls of all tenants run at once', async () => {
  const paths = ['/v1/audiences', '/v1/releases', '/v1/me', '/v1/budgets', '/v1/audiences/{own}'];
  const sides = [
    { me: victim, caller: victim.admin, other: rival },
    { me: rival, caller: rival.admin, other: victim },
    { me: rival, caller: agency, other: victim },
    { me: victim, caller: new Caller(haven.url, haven.keys.analyst), other: rival },
  ];
  const calls = Array.from({ length: 100 }, async (_, i) => {
    const { me, caller, other } = sides[i % sides.length]!;
    const path = paths[Math.floor(i / sides.length) % paths.length]!.replace('{own}', me.ids.audience);
    const answer = await caller.get(path);
    return { i, path, status: answer.status, foreign: other.secrets.filter((secret) => answer.text.includes(secret)) };
  });
  const answers = await Promise.all(calls);
  expect(answers.filter(({ status, foreign }) => status !== 200 || foreign.length > 0)).toEqual([]);
});
