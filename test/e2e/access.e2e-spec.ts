import { DataSource } from 'typeorm';
import { ApiKeysService } from '../../src/access/api-keys.service.ts';
import type { KeyOwner } from '../../src/access/api-keys.service.ts';
import { BRAND_SCOPES, RETAILER_SCOPES } from '../../src/access/scopes.ts';
import type { Scope } from '../../src/access/scopes.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import { guarded, strangeIds, validCall } from './operations.ts';
import type { ApiOperation } from './operations.ts';

let haven: TestApplication;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'access', members: 1_000 });
});

afterAll(() => haven.close());

const isRetailers = (scope: string): scope is Scope => scope.startsWith('admin:');

/** A caller with these scopes and no others, of the kind that may hold them. */
async function callerWith(scopes: readonly Scope[]): Promise<Caller> {
  const forRetailer = scopes.every(isRetailers);
  const owner: KeyOwner = forRetailer
    ? { kind: 'retailer', brandId: null, agencyId: null }
    : { kind: 'brand', brandId: haven.keys.brandId, agencyId: null };
  const spec = { label: `Holds ${scopes.length}`, scopes, expiresInDays: 1, allowedIps: [] };
  const keys = haven.app.get(ApiKeysService, { strict: false });
  const source = haven.app.get(DataSource, { strict: false });
  const { text } = await source.transaction((manager) => keys.issue(manager, owner, spec, 'test'));
  return new Caller(haven.url, text);
}

const named = (chosen: readonly ApiOperation[]): (readonly [string, ApiOperation])[] =>
  chosen.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);

describe('without a valid credential', () => {
  it.each(named(guarded))('%s answers 401 and says how to authenticate', async (_, operation) => {
    const call = validCall(operation, strangeIds());
    const bare = await new Caller(haven.url).call(call);
    expect(refusal(bare)).toEqual({ status: 401, code: 'not-authenticated' });
    expect(bare.headers.get('www-authenticate')).toBe('Bearer realm="haven"');
    for (const authorization of ['Bearer nonsense', 'Basic dXNlcjpwYXNz', 'Bearer', `Token ${haven.keys.analyst}`]) {
      const answer = await new Caller(haven.url).call({ ...call, headers: { ...call.headers, authorization } });
      expect(refusal(answer)).toEqual({ status: 401, code: 'not-authenticated' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="haven", error="invalid_token"');
    }
  });
});

describe('with every scope of its kind but the one needed', () => {
  const scopes = [...new Set(guarded.map(({ scope }) => scope))].filter((scope) => scope !== 'any-credential');

  it.each(scopes)('operations under %s answer 403 and name it', async (scope) => {
    const kind: readonly Scope[] = isRetailers(scope) ? RETAILER_SCOPES : BRAND_SCOPES;
    const caller = await callerWith(kind.filter((held) => held !== scope));
    for (const operation of guarded.filter((candidate) => candidate.scope === scope)) {
      const answer = await caller.call(validCall(operation, strangeIds()));
      expect([operation.id, refusal(answer)]).toEqual([operation.id, { status: 403, code: 'scope-missing' }]);
      expect(answer.body).toMatchObject({ neededScope: scope });
      expect(answer.headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${scope}"`);
    }
  });

  it.each(scopes)('operations under %s are let in by it alone', async (scope) => {
    const caller = await callerWith([scope as Scope]);
    for (const operation of guarded.filter((candidate) => candidate.scope === scope)) {
      const answer = await caller.call(validCall(operation, strangeIds()));
      const code = answer.status < 400 ? 'taken' : refusal(answer).code;
      expect([operation.id, code]).not.toEqual([operation.id, 'scope-missing']);
      expect([operation.id, code]).not.toEqual([operation.id, 'not-authenticated']);
    }
  });
});

describe('scopes of the other kind', () => {
  it('open nothing: the retailer reads no brand’s data, a brand administers nothing', async () => {
    const [manager, analyst] = [haven.keys.manager, haven.keys.analyst].map((key) => new Caller(haven.url, key));
    for (const operation of guarded.filter(({ scope }) => scope !== 'any-credential')) {
      const outsider = isRetailers(operation.scope) ? analyst : manager;
      const answer = await outsider!.call(validCall(operation, strangeIds()));
      expect([operation.id, answer.status]).toEqual([operation.id, 403]);
    }
  });
});
