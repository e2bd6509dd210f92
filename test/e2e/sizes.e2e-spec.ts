import type { AudienceDto, AudienceSizeDto, SizingQuoteDto } from '../../src/audiences/audiences.dto.ts';
import type { ReleasePage, ReleaseViewDto } from '../../src/releases/release-view.dto.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, anonymous, refusal, releaseBytes } from './client.ts';
import type { Problem } from './client.ts';
import { audienceOf, emptyAudience, largeAudience, unknownId } from './questions.ts';

const READ = 50_000;

let service: TestApplication;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  service = await createTestApplication({ name: 'sizes' });
  connect();
});

afterAll(() => service.close());

function connect(): void {
  analyst = new Caller(service.url, service.keys.analyst);
  agency = new Caller(service.url, service.keys.agency);
}

const spent = async (): Promise<number> => (await analyst.month(service.keys.brandId)).committedNanoRho;

describe('POST /v1/audiences/{id}/sizes', () => {
  it('answers for the newest version, says where, and is charged', async () => {
    const before = await spent();
    const saved = await analyst.saved(largeAudience(1));
    const answer = await analyst.sized(saved.id);
    expect(answer.status).toBe(200);
    const { body } = answer;
    expect(body).toMatchObject({ audienceId: saved.id, audienceVersion: 1, replayed: false, warnings: [] });
    expect(body.charged).toEqual({ nanoRho: READ, reads: 1 });
    expect(body.chargedTo).toBe(service.keys.brandId);
    expect(answer.headers.get('location')).toBe(`/v1/audiences/${saved.id}/sizes/${body.releaseId}`);
    expect(await spent()).toBe(before + READ);
    const month = body.budget.find(({ kind, period }) => kind === 'brand' && period === 'month');
    expect(month?.committedNanoRho).toBe(before + READ);
  });

  it('answers for the version that is named', async () => {
    const saved = await analyst.saved(largeAudience(2));
    const path = `/v1/audiences/${saved.id}/versions`;
    const headers = { 'If-Match': saved.etag };
    await analyst.post<AudienceDto>(path, { definition: emptyAudience(2) }, headers);
    const [newest, first] = [await analyst.sized(saved.id), await analyst.sized(saved.id, { version: 1 })];
    expect(newest.body).toMatchObject({ audienceVersion: 2, release: { verdict: 'SUPPRESSED' } });
    expect(first.body).toMatchObject({ audienceVersion: 1, release: { verdict: 'RELEASED' } });
    const none = await analyst.spend<Problem>(`/v1/audiences/${saved.id}/sizes`, { version: 3 });
    expect(refusal(none)).toEqual({ status: 404, code: 'not-found' });
  });

  it('replays across saved audiences, estimates and references to one, never across options', async () => {
    const inner = await analyst.saved(largeAudience(3));
    const outer = await analyst.saved(audienceOf({ audienceRef: { id: inner.id } }));
    const first = await analyst.sized(inner.id);
    const before = await spent();
    for (const answer of [await analyst.sized(outer.id), await analyst.estimate(largeAudience(3))]) {
      expect(answer.body).toMatchObject({ replayed: true, charged: { nanoRho: 0, reads: 0 } });
      expect(releaseBytes(answer)).toBe(releaseBytes(first));
    }
    expect(await spent()).toBe(before);
    const social = await analyst.sized(inner.id, { purposes: ['ads_social'] });
    expect(social.body).toMatchObject({
      replayed: false,
      release: { purposes: ['ads_social', 'audience_measurement'] },
    });
    const coarse = await analyst.sized(inner.id, { precision: 'coarse' });
    expect(coarse.body).toMatchObject({ replayed: false, release: { sigma: 200, nanoRho: 12_500 } });
    expect(await spent()).toBe(before + READ + 12_500);
  });

  it("shares no answer between brands: each brand's question is its own", async () => {
    const [ours, theirs] = [
      await analyst.saved(audienceOf({ tier: { in: ['gold'] } })),
      await agency.saved(audienceOf({ tier: { in: ['gold'] } })),
    ];
    const [one, two] = [await analyst.sized(ours.id), await agency.sized(theirs.id)];
    expect(two.body).toMatchObject({ replayed: false, chargedTo: service.keys.otherBrandId });
    expect(two.body.releaseId).not.toBe(one.body.releaseId);
  });

  it('is charged once per key, and refuses the key for another version', async () => {
    const saved = await analyst.saved(largeAudience(4));
    const path = `/v1/audiences/${saved.id}/sizes`;
    const first = await analyst.spend<AudienceSizeDto>(path, {}, 'size-once');
    const before = await spent();
    const again = await analyst.spend<AudienceSizeDto>(path, {}, 'size-once');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await spent()).toBe(before);
    const other = await analyst.spend<Problem>(path, { precision: 'fine' }, 'size-once');
    expect(refusal(other)).toEqual({ status: 422, code: 'idempotency-key-reused' });
    expect(refusal(await analyst.post(path, {}))).toEqual({ status: 400, code: 'idempotency-key-required' });
  });

  it('only tells the price on a dry run', async () => {
    const saved = await analyst.saved(largeAudience(5));
    const before = await spent();
    const path = `/v1/audiences/${saved.id}/sizes`;
    const quote = await analyst.post<SizingQuoteDto>(`${path}?dryRun=true`, { precision: 'fine' });
    expect(quote.status).toBe(200);
    expect(quote.body.quote).toMatchObject({ nanoRho: 16 * READ, reads: 16, sigma: 25, replay: false });
    expect(await spent()).toBe(before);
    expect((await analyst.get<ReleasePage>(path)).body).toEqual({ data: [], nextCursor: null });
  });

  it('can be left running: 202, and the Location gives the answer', async () => {
    const saved = await analyst.saved(largeAudience(6));
    const path = `/v1/audiences/${saved.id}/sizes?wait=0`;
    const answer = await analyst.spend<AudienceSizeDto>(path, {});
    expect([200, 202]).toContain(answer.status);
    const read = await analyst.get<AudienceSizeDto>(`${answer.headers.get('location')}?wait=20`);
    expect(read.body).toMatchObject({ state: 'SUCCEEDED', releaseId: answer.body.releaseId, audienceVersion: 1 });
  });

  it.each([
    [{ version: 0 }, ['/version']],
    [{ version: 1.5 }, ['/version']],
    [{ precision: 'finest' }, ['/precision']],
    [{ purposes: 'ads_tv' }, ['/purposes']],
    [{ definition: {} }, ['/definition']],
  ])('refuses %j', async (body, pointers) => {
    const answer = await analyst.spend<Problem>(`/v1/audiences/${unknownId('aud')}/sizes`, body);
    expect(refusal(answer)).toEqual({ status: 400, code: 'request-invalid', pointers });
  });
});

describe('GET /v1/audiences/{id}/sizes', () => {
  it('lists what was asked for this audience, newest first, in pages', async () => {
    const saved = await analyst.saved(largeAudience(7));
    const ids: string[] = [];
    for (const precision of ['coarse', 'standard', 'fine']) {
      ids.unshift((await analyst.sized(saved.id, { precision })).body.releaseId);
    }
    await analyst.sized(saved.id);
    const path = `/v1/audiences/${saved.id}/sizes?limit=2`;
    const first = await analyst.get<ReleasePage>(path);
    const second = await analyst.get<ReleasePage>(`${path}&cursor=${first.body.nextCursor}`);
    expect([first, second].flatMap(({ body }) => body.data.map(({ releaseId }) => releaseId))).toEqual(ids);
    expect(second.body.nextCursor).toBeNull();
    const other = await analyst.saved(largeAudience(8));
    const carried = await analyst.get(`/v1/audiences/${other.id}/sizes?cursor=${first.body.nextCursor}`);
    expect(refusal(carried)).toEqual({ status: 400, code: 'cursor-invalid', pointers: ['/cursor'] });
  });

  it('reads one again at no charge, the same bytes', async () => {
    const saved = await analyst.saved(largeAudience(9));
    const answer = await analyst.sized(saved.id);
    const before = await spent();
    const read = await analyst.get<AudienceSizeDto>(String(answer.headers.get('location')));
    expect(releaseBytes(read)).toBe(releaseBytes(answer));
    expect(read.body).toMatchObject({ audienceId: saved.id, audienceVersion: 1, charged: { nanoRho: 0 } });
    expect(await spent()).toBe(before);
  });

  it('knows no release under an audience that did not ask for it', async () => {
    const [one, two] = [await analyst.saved(largeAudience(10)), await analyst.saved(largeAudience(11))];
    const { releaseId } = (await analyst.sized(one.id)).body;
    const misplaced = await analyst.get(`/v1/audiences/${two.id}/sizes/${releaseId}`);
    const unknown = await analyst.get(`/v1/audiences/${two.id}/sizes/${unknownId('rel')}`);
    expect(misplaced.status).toBe(404);
    expect(anonymous(misplaced)).toEqual(anonymous(unknown));
  });

  it.each(['wait=-1', 'wait=26', 'wait=1.5', 'unknown=1'])('refuses ?%s', async (query) => {
    const path = `/v1/audiences/${unknownId('aud')}/sizes/${unknownId('rel')}`;
    expect(refusal(await analyst.get(`${path}?${query}`))).toMatchObject({ status: 400, code: 'request-invalid' });
  });
});

describe('who may', () => {
  it("answers for another brand's audience as for none", async () => {
    const saved = await analyst.saved(largeAudience(12));
    const { releaseId } = (await analyst.sized(saved.id)).body;
    const answers = async (id: string) => [
      await agency.spend<Problem>(`/v1/audiences/${id}/sizes`, {}),
      await agency.post(`/v1/audiences/${id}/sizes?dryRun=true`, {}),
      await agency.get(`/v1/audiences/${id}/sizes`),
      await agency.get(`/v1/audiences/${id}/sizes/${releaseId}`),
    ];
    const [foreign, unknown] = [await answers(saved.id), await answers(unknownId('aud'))];
    expect(foreign.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(foreign.map(anonymous)).toEqual(unknown.map(anonymous));
  });

  it('asks for a credential and its scope', async () => {
    const path = `/v1/audiences/${unknownId('aud')}/sizes`;
    for (const [caller, expected] of [
      [new Caller(service.url), { status: 401, code: 'not-authenticated' }],
      [new Caller(service.url, service.keys.manager), { status: 403, code: 'scope-missing' }],
    ] as const) {
      expect(refusal(await caller.spend(path, {}))).toEqual(expected);
      expect(refusal(await caller.get(path))).toEqual(expected);
      expect(refusal(await caller.get(`${path}/${unknownId('rel')}`))).toEqual(expected);
    }
  });

  it('names the methods of each address and gives JSON only', async () => {
    const path = `/v1/audiences/${unknownId('aud')}/sizes`;
    const wrong = await analyst.delete(path);
    expect(refusal(wrong)).toEqual({ status: 405, code: 'method-not-allowed' });
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    expect(refusal(await analyst.get(path, { Accept: 'text/csv' }))).toEqual({ status: 406, code: 'not-acceptable' });
  });
});

describe('a restart', () => {
  it('keeps answers, keys and charges: the same question is replayed to the byte', async () => {
    const body = { definition: largeAudience(13) };
    const path = '/v1/audiences/estimate';
    const first = await analyst.spend(path, body, 'before-the-restart');
    const before = await spent();
    service = await service.restart();
    connect();
    const replayed = await analyst.estimate(largeAudience(13));
    expect(replayed.body).toMatchObject({ replayed: true, charged: { nanoRho: 0 } });
    expect(releaseBytes(replayed)).toBe(releaseBytes(first));
    const sameKey = await analyst.spend(path, body, 'before-the-restart');
    expect(sameKey.headers.get('idempotent-replayed')).toBe('true');
    expect(sameKey.body).toEqual(first.body);
    const read = await analyst.get<ReleaseViewDto>(`/v1/releases/${first.body.releaseId}`);
    expect(releaseBytes(read)).toBe(releaseBytes(first));
    expect(await spent()).toBe(before);
  });
});
