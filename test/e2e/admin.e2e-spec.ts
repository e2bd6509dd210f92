import { Client } from 'pg';
import type { ApiKeyPage, IssuedApiKeyDto } from '../../src/access/api-keys.dto.ts';
import type { IdentityDto, IdentityListDto } from '../../src/access/identities.dto.ts';
import type { AuditEntryDto, AuditPage, AuditVerdictDto } from '../../src/audit/audit.dto.ts';
import type { MeDto } from '../../src/access/me.dto.ts';
import type { AudienceDto } from '../../src/audiences/audiences.dto.ts';
import type { AgencyDto, BrandDto, BrandListDto, GrantDto, GrantListDto } from '../../src/brands/brands.dto.ts';
import { newId } from '#core';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import { anyonesDefinition } from './operations.ts';

let haven: TestApplication;
let manager: Caller;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'admin', members: 1_000 });
  manager = new Caller(haven.url, haven.keys.manager);
  analyst = new Caller(haven.url, haven.keys.analyst);
  agency = new Caller(haven.url, haven.keys.agency);
});

afterAll(() => haven.close());

const invalid = (...pointers: string[]): object => ({ status: 400, code: 'request-invalid', pointers });

async function openBrand(manufacturer: string): Promise<BrandDto> {
  const answer = await manager.post<BrandDto>('/admin/v1/brands', { name: manufacturer, manufacturer });
  expect(answer.status).toBe(201);
  return answer.body;
}

async function openAgency(name: string): Promise<AgencyDto> {
  const answer = await manager.post<AgencyDto>('/admin/v1/agencies', { name });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** Entries of the retailer's audit about one thing, newest first. */
async function retailersEntries(resource: string): Promise<readonly AuditEntryDto[]> {
  const { body } = await manager.get<AuditPage>('/admin/v1/audit/entries?limit=200');
  return body.data.filter((entry) => entry.resource === resource);
}

describe('brands', () => {
  it('are opened with a portfolio of their own, listed and written down', async () => {
    const opened = await openBrand('Moulins du Sud');
    expect(opened).toMatchObject({ id: expect.stringMatching(/^brd_/), name: 'Moulins du Sud' });
    const { body } = await manager.get<BrandListDto>('/admin/v1/brands');
    expect(body.data.at(-1)).toEqual(opened);
    expect(body.data.map(({ id }) => id)).toEqual(
      expect.arrayContaining([haven.keys.brandId, haven.keys.otherBrandId]),
    );
    expect(await retailersEntries(opened.id)).toMatchObject([{ action: 'brand.opened', stream: 'retailer' }]);
  });

  it('never share a portfolio, nor when two are opened at once', async () => {
    await openBrand('Brasserie Nord');
    const again = await manager.post('/admin/v1/brands', { name: 'Another', manufacturer: 'Brasserie Nord' });
    expect(refusal(again)).toEqual({ status: 409, code: 'conflict' });
    const wish = { name: 'Twice', manufacturer: 'Twice' };
    const both = await Promise.all([1, 2].map(() => manager.post('/admin/v1/brands', wish)));
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  it.each([
    ['nothing', {}, ['/name', '/manufacturer']],
    ['an empty name', { name: '', manufacturer: 'A' }, ['/name']],
    ['201 letters', { name: 'x'.repeat(201), manufacturer: 'A' }, ['/name']],
    ['a number', { name: 'A', manufacturer: 7 }, ['/manufacturer']],
    ['an id of its own choice', { name: 'A', manufacturer: 'A', id: 'brd_x' }, ['/id']],
  ])('are not opened with %s', async (_, body, pointers) => {
    expect(refusal(await manager.post('/admin/v1/brands', body))).toEqual(invalid(...pointers));
  });

  it('may have a name of 200 characters of any script', async () => {
    for (const mark of ['\u{1F600}', 'é', '字', '\u0301']) {
      const name = mark.repeat(200);
      const { status, body } = await manager.post<BrandDto>('/admin/v1/brands', { name, manufacturer: `M ${mark}` });
      expect([status, body.name]).toEqual([201, name]);
    }
    for (const name of ['\u2764\uFE0F'.repeat(150), `x${'\uFE0F'.repeat(300)}`]) {
      const answer = await manager.post('/admin/v1/brands', { name, manufacturer: name });
      expect(answer.status).toBe(400);
    }
  });
});

describe('grants', () => {
  it('let an agency work for a brand, are listed and taken back once', async () => {
    const { id: agencyId } = await openAgency('Atelier');
    const { brandId } = haven.keys;
    const wish = { agencyId, brandId, scopes: ['catalog:read', 'audiences:read'], days: 30 };
    const { status, body: grant } = await manager.post<GrantDto>('/admin/v1/grants', wish);
    expect(status).toBe(201);
    expect(grant).toMatchObject({ agencyId, brandId, scopes: wish.scopes, revokedAt: null });
    expect(Date.parse(grant.expiresAt) - Date.parse(grant.createdAt)).toBe(30 * 86_400_000);
    expect((await manager.delete(`/admin/v1/grants/${grant.id}`)).status).toBe(204);
    expect((await manager.delete(`/admin/v1/grants/${grant.id}`)).status).toBe(204);
    const { body } = await manager.get<GrantListDto>('/admin/v1/grants');
    expect(body.data[0]).toEqual({ ...grant, revokedAt: expect.any(String) });
    const { body: audit } = await analyst.get<AuditPage>('/v1/audit/entries');
    const about = audit.data.filter(({ resource }) => resource === grant.id);
    expect(about.map(({ action }) => action)).toEqual(['grant.revoked', 'grant.given']);
  });

  it('are given to nobody and by nobody that does not exist', async () => {
    const { agencyId, brandId } = haven.keys;
    const wish = { agencyId, brandId, scopes: ['catalog:read'] };
    for (const wrong of [
      { agencyId: newId('agency', 0) },
      { brandId: newId('brand', 0) },
      { brandId: "' OR 1=1 --" },
    ]) {
      expect(refusal(await manager.post('/admin/v1/grants', { ...wish, ...wrong }))).toMatchObject({ status: 404 });
    }
    expect(refusal(await manager.delete(`/admin/v1/grants/${newId('grant', 0)}`))).toMatchObject({ status: 404 });
  });

  it.each([
    ['no scope', { scopes: [] }, ['/scopes']],
    ['a scope that manages keys', { scopes: ['keys:manage'] }, ['/scopes']],
    ['a scope of the retailer', { scopes: ['admin:brands'] }, ['/scopes']],
    ['a scope twice', { scopes: ['catalog:read', 'catalog:read'] }, ['/scopes']],
    ['no end', { days: 0 }, ['/days']],
    ['an end in two years', { days: 730 }, ['/days']],
  ])('are not given with %s', async (_, wrong, pointers) => {
    const { agencyId, brandId } = haven.keys;
    const answer = await manager.post('/admin/v1/grants', { agencyId, brandId, scopes: ['catalog:read'], ...wrong });
    expect(refusal(answer)).toEqual(invalid(...pointers));
  });
});

const makeKey = (body: object): ReturnType<Caller['post']> =>
  manager.post('/admin/v1/api-keys', { label: 'Made', scopes: ['catalog:read'], ...body });

describe('keys made by the retailer', () => {
  it('are a brand’s, an agency’s, or an agency’s for one brand', async () => {
    const { brandId, otherBrandId, agencyId } = haven.keys;
    const brandsOf = async (body: object): Promise<string[]> => {
      const { key } = (await makeKey(body)).body as IssuedApiKeyDto;
      return (await new Caller(haven.url, key).get<MeDto>('/v1/me')).body.brands.map(({ id }) => id);
    };
    expect(await brandsOf({ brandId })).toEqual([brandId]);
    expect(await brandsOf({ agencyId })).toEqual([otherBrandId]);
    expect(await brandsOf({ agencyId, brandId: otherBrandId })).toEqual([otherBrandId]);
    // This brand granted the agency nothing, so the key may do nothing.
    expect(await brandsOf({ agencyId, brandId })).toEqual([]);
  });

  it('are listed by owner, rotated and revoked', async () => {
    const { id: brandId } = await openBrand('Keyed');
    const { id, key } = (await makeKey({ brandId })).body as IssuedApiKeyDto;
    const list = async (): Promise<ApiKeyPage> =>
      (await manager.get<ApiKeyPage>(`/admin/v1/api-keys?brandId=${brandId}`)).body;
    expect((await list()).data.map((one) => [one.id, one.status])).toEqual([[id, 'active']]);
    const rotated = await manager.post<IssuedApiKeyDto>(`/admin/v1/api-keys/${id}/rotate`, { overlapMinutes: 0 });
    expect(rotated.body.key).not.toBe(key);
    expect((await manager.delete(`/admin/v1/api-keys/${id}`)).status).toBe(204);
    expect((await list()).data.map(({ status }) => status)).toEqual(['revoked']);
    expect((await manager.get<ApiKeyPage>('/admin/v1/api-keys?limit=1')).body.nextCursor).not.toBeNull();
  });

  it('belong to somebody that exists and hold what their kind may', async () => {
    expect(refusal(await makeKey({}))).toEqual(invalid('/brandId'));
    expect(refusal(await makeKey({ brandId: newId('brand', 0) }))).toMatchObject({
      status: 404,
      pointers: ['/brandId'],
    });
    expect(refusal(await makeKey({ agencyId: newId('agency', 0) }))).toMatchObject({
      status: 404,
      pointers: ['/agencyId'],
    });
    expect(refusal(await makeKey({ brandId: null }))).toEqual(invalid('/brandId'));
    const { brandId, agencyId } = haven.keys;
    for (const wrong of [
      { brandId, scopes: ['admin:keys'] },
      { agencyId, scopes: ['keys:manage'] },
    ]) {
      expect(refusal(await makeKey(wrong))).toMatchObject({ status: 403, code: 'grant-exceeds-grantor' });
    }
  });

  it('are a hundred active ones of one owner at most', async () => {
    const { id: brandId } = await openBrand('Many keys');
    for (let i = 0; i < 100; i++) expect((await makeKey({ brandId })).status).toBe(201);
    const full = await makeKey({ brandId });
    expect(refusal(full)).toEqual({ status: 409, code: 'conflict' });
    const { body } = await manager.get<ApiKeyPage>(`/admin/v1/api-keys?brandId=${brandId}&limit=1`);
    await manager.delete(`/admin/v1/api-keys/${body.data[0]?.id}`);
    expect((await makeKey({ brandId })).status).toBe(201);
  });
});

describe('identities', () => {
  const wish = { issuer: 'https://id.example.com', role: 'brand_analyst', label: 'C. Delmas' };
  const register = (body: object): ReturnType<Caller['post']> =>
    manager.post('/admin/v1/identities', { ...wish, subject: 'subject', ...body });

  it('are registered once for each subject of an issuer, listed and shut out', async () => {
    const { brandId } = haven.keys;
    const identity = (await register({ brandId })).body as IdentityDto;
    expect(identity).toMatchObject({ kind: 'brand', brandId, agencyId: null, disabledAt: null });
    expect(refusal(await register({ brandId }))).toEqual({ status: 409, code: 'conflict' });
    expect((await register({ brandId, issuer: 'https://other.example.com' })).status).toBe(201);
    expect((await manager.delete(`/admin/v1/identities/${identity.id}`)).status).toBe(204);
    const { body } = await manager.get<IdentityListDto>('/admin/v1/identities');
    expect(body.data.find(({ id }) => id === identity.id)).toEqual({ ...identity, disabledAt: expect.any(String) });
    expect(refusal(await manager.delete(`/admin/v1/identities/${newId('identity', 0)}`))).toMatchObject({
      status: 404,
    });
  });

  it.each([
    ['a brand’s role without a brand', {}, '/brandId'],
    ['a brand that is null', { brandId: null }, '/brandId'],
    ['an agency’s role without an agency', { role: 'agency_analyst' }, '/agencyId'],
    ['a retailer’s role with a brand', { role: 'account_manager', brandId: newId('brand', 0) }, '/brandId'],
    ['a role that is none', { role: 'root' }, '/role'],
    ['an issuer that is no address', { issuer: 'id' }, '/issuer'],
    ['a subject that no token can have', { subject: `x${'\uFE0F'.repeat(3_000)}` }, '/subject'],
  ])('are not registered with %s', async (_, wrong, pointer) => {
    expect(refusal(await register({ subject: 'wrong', ...wrong }))).toMatchObject(invalid(pointer));
  });

  it('belong to somebody that exists', async () => {
    expect(refusal(await register({ subject: 'lost', brandId: newId('brand', 0) }))).toMatchObject({ status: 404 });
  });
});

const verify = async (): Promise<AuditVerdictDto> => (await analyst.get<AuditVerdictDto>('/v1/audit/verify')).body;

describe('the audit', () => {
  it('of the retailer is paged, newest first, without gap or repetition', async () => {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await manager.get<AuditPage>(`/admin/v1/audit/entries?limit=40${query}`);
      expect(body.data.every(({ stream }) => stream === 'retailer')).toBe(true);
      seen.push(...body.data.map(({ seq }) => Number(seq)));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, i) => seen.length - i));
  });

  it('of a brand shows what its agency did for it, under the agency’s own name', async () => {
    const { otherBrandId: brandId, agencyId } = haven.keys;
    const { body: who } = await agency.get<MeDto>('/v1/me');
    const body = { name: 'By the agency', definition: anyonesDefinition(), brandId };
    const audience = await agency.post<AudienceDto>('/v1/audiences', body);
    const grant = { agencyId, brandId, scopes: ['audit:read'] };
    expect((await manager.post('/admin/v1/grants', grant)).status).toBe(201);
    const admin = await manager.post<IssuedApiKeyDto>('/admin/v1/api-keys', {
      label: 'Reader',
      scopes: ['audit:read'],
      brandId,
    });
    const { body: page } = await new Caller(haven.url, admin.body.key).get<AuditPage>('/v1/audit/entries?limit=200');
    const entry = page.data.find(({ resource }) => resource === audience.body.id);
    expect(entry).toMatchObject({ action: 'audience.created', actor: who.id, stream: brandId });
    expect(page.data.map(({ action }) => action)).toEqual(expect.arrayContaining(['grant.given', 'key.created']));
  });

  it('is a chain that holds until somebody alters it, and then says where', async () => {
    for (const name of ['a', 'b', 'c']) await analyst.saved(anyonesDefinition(), name);
    const { entries, firstBrokenSeq } = await verify();
    expect(firstBrokenSeq).toBeNull();
    expect(Number(entries)).toBeGreaterThanOrEqual(3);
    const last = Number(entries);
    const stream = haven.keys.brandId;
    await asOwner(async (client) => {
      const alter = (text: string, ...values: unknown[]): Promise<unknown> => client.query(text, [stream, ...values]);
      const undone = async (work: () => Promise<unknown>, seq: number): Promise<void> => {
        const { rows } = await client.query('SELECT * FROM audit_entry WHERE stream = $1', [stream]);
        await work();
        expect(await verify()).toMatchObject({ firstBrokenSeq: String(seq) });
        await alter('DELETE FROM audit_entry WHERE stream = $1');
        await client.query('INSERT INTO audit_entry SELECT * FROM jsonb_populate_recordset(NULL::audit_entry, $1)', [
          JSON.stringify(rows),
        ]);
        expect((await verify()).firstBrokenSeq).toBeNull();
      };
      await undone(() => alter(`UPDATE audit_entry SET actor = 'x' WHERE stream = $1 AND seq = 2`), 2);
      await undone(() => alter('DELETE FROM audit_entry WHERE stream = $1 AND seq = 1'), 1);
      await undone(() => alter('DELETE FROM audit_entry WHERE stream = $1 AND seq = $2', last), last);
      // Two entries change places.
      await undone(async () => {
        await alter('UPDATE audit_entry SET seq = -1 WHERE stream = $1 AND seq = 1');
        await alter('UPDATE audit_entry SET seq = 1 WHERE stream = $1 AND seq = 2');
        await alter('UPDATE audit_entry SET seq = 2 WHERE stream = $1 AND seq = -1');
      }, 1);
    });
  });
});

/** As somebody who owns the database and switched the guard of the table off. */
async function asOwner(work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ ...haven.database });
  await client.connect();
  try {
    await client.query('ALTER TABLE audit_entry DISABLE TRIGGER ALL');
    await work(client);
    await client.query('ALTER TABLE audit_entry ENABLE TRIGGER ALL');
  } finally {
    await client.end();
  }
}
