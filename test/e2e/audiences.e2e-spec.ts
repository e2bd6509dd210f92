import type { AudienceDto, AudiencePage, AudienceVersionDto } from '../../src/audiences/audiences.dto.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, anonymous, refusal } from './client.ts';
import { TOUR, audienceOf, emptyAudience, largeAudience, unknownId } from './questions.ts';

let service: TestApplication;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  service = await createTestApplication({ name: 'audiences', members: 1_000 });
  analyst = new Caller(service.url, service.keys.analyst);
  agency = new Caller(service.url, service.keys.agency);
});

afterAll(() => service.close());

const addVersion = async (audience: AudienceDto, definition: unknown, etag = audience.etag) =>
  await analyst.post<AudienceDto>(`/v1/audiences/${audience.id}/versions`, { definition }, { 'If-Match': etag });

const naming = async (brand: string) =>
  await analyst.post('/v1/audiences', {
    name: 'Not ours',
    definition: audienceOf({ purchased: { products: { brands: [brand] }, window: { lastDays: 30 } } }),
  });

/** Every call on audiences, of one audience where it needs one. */
const calls = (id: string): [string, (caller: Caller) => Promise<ReturnType<typeof refusal>>][] => [
  ['list', async (caller) => refusal(await caller.get('/v1/audiences'))],
  ['create', async (caller) => refusal(await caller.post('/v1/audiences', { name: 'x', definition: {} }))],
  ['read', async (caller) => refusal(await caller.get(`/v1/audiences/${id}`))],
  ['read a version', async (caller) => refusal(await caller.get(`/v1/audiences/${id}/versions/1`))],
  [
    'add a version',
    async (caller) =>
      refusal(await caller.post(`/v1/audiences/${id}/versions`, { definition: {} }, { 'If-Match': '"1-1"' })),
  ],
  ['archive', async (caller) => refusal(await caller.delete(`/v1/audiences/${id}`))],
];

describe('POST /v1/audiences', () => {
  it('saves a definition as version 1 and says it in words', async () => {
    const definition = largeAudience(1);
    const answer = await analyst.post<AudienceDto>('/v1/audiences', { name: 'Three regions', definition });
    expect(answer.status).toBe(201);
    const { body } = answer;
    expect(answer.headers.get('location')).toBe(`/v1/audiences/${body.id}`);
    expect(answer.headers.get('etag')).toBe(body.etag);
    expect(body).toMatchObject({ brandId: service.keys.brandId, country: TOUR.country, archivedAt: null });
    expect(body.current).toMatchObject({ version: 1, definition, audienceId: body.id });
    expect(body.current.sentence.en).toMatch(/^Members in France who /);
    expect((await analyst.get<AudienceDto>(`/v1/audiences/${body.id}`)).body).toEqual(body);
  });

  it('gives equivalent spellings one hash', async () => {
    const [one, two] = TOUR.regionCodes;
    const straight = await analyst.saved(audienceOf({ region: { in: [one, two] } }));
    const twisted = await analyst.saved(audienceOf({ any: [{ region: { in: [two] } }, { region: { in: [one] } }] }));
    const different = await analyst.saved(audienceOf({ region: { in: [one] } }));
    expect(twisted.current.definitionHash).toBe(straight.current.definitionHash);
    expect(different.current.definitionHash).not.toBe(straight.current.definitionHash);
  });

  it('gives a repeated request the first answer and refuses its key for another', async () => {
    const body = { name: 'Once', definition: largeAudience(2) };
    const headers = { 'Idempotency-Key': 'audience-once' };
    const first = await analyst.post<AudienceDto>('/v1/audiences', body, headers);
    const again = await analyst.post<AudienceDto>('/v1/audiences', body, headers);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.body).toEqual(first.body);
    const other = await analyst.post('/v1/audiences', { ...body, name: 'Twice' }, headers);
    expect(refusal(other)).toEqual({ status: 422, code: 'idempotency-key-reused' });
    const unreadable = await analyst.post('/v1/audiences', body, { 'Idempotency-Key': 'a key' });
    expect(refusal(unreadable)).toEqual({ status: 400, code: 'idempotency-key-invalid' });
  });

  it.each([
    ['no rule', { version: 'audience/1', country: 'FR' }, ['/definition/rule']],
    ['an unknown leaf', audienceOf({ bought: {} }), ['/definition/rule/bought']],
    [
      'two faults',
      audienceOf({ all: [{ region: { in: ['FR-XXX'] } }, { tier: { in: ['none-such'] } }] }),
      ['/definition/rule/all/0/region/in/0', '/definition/rule/all/1/tier/in/0'],
    ],
    ['a country without data', audienceOf({ region: { in: ['AE-DU'] } }, 'AE'), ['/definition/country']],
    [
      'an audience that does not exist',
      audienceOf({ audienceRef: { id: unknownId('aud') } }),
      ['/definition/rule/audienceRef'],
    ],
  ])('refuses %s and points into the request', async (_, definition, pointers) => {
    const answer = await analyst.post('/v1/audiences', { name: 'Wrong', definition });
    expect(refusal(answer)).toEqual({ status: 422, code: 'audience-invalid', pointers });
  });

  it("refuses another manufacturer's brand in the words for one that does not exist", async () => {
    const foreign = await naming(String(TOUR.manufacturers[1].brandCodes[0]));
    const unknown = await naming('no-such-brand');
    const pointers = ['/definition/rule/purchased/products/brands/0'];
    expect(refusal(foreign)).toEqual({ status: 403, code: 'product-out-of-scope', pointers });
    expect(refusal(unknown)).toEqual({ status: 403, code: 'product-out-of-scope', pointers });
    expect(foreign.body.detail).toBe(unknown.body.detail);
  });

  it.each([
    ['no name', { definition: largeAudience(1) }, ['/name']],
    ['an empty name', { name: '', definition: largeAudience(1) }, ['/name']],
    ['a definition that is no object', { name: 'x', definition: 'all' }, ['/definition']],
    ['an unknown member', { name: 'x', definition: largeAudience(1), country: 'FR' }, ['/country']],
  ])('refuses %s', async (_, body, pointers) => {
    expect(refusal(await analyst.post('/v1/audiences', body))).toMatchObject({ status: 400, pointers });
  });

  it('refuses a body that is no JSON', async () => {
    const text = await analyst.post('/v1/audiences', {}, { 'Content-Type': 'text/plain' });
    expect(refusal(text)).toEqual({ status: 415, code: 'media-type-unsupported' });
    const large = { name: 'x'.repeat(70_000), definition: {} };
    expect(refusal(await analyst.post('/v1/audiences', large))).toEqual({ status: 413, code: 'payload-too-large' });
  });

  it('refuses to save for another brand as for one that does not exist', async () => {
    const body = { name: 'Theirs', definition: largeAudience(1) };
    const foreign = await analyst.post('/v1/audiences', { ...body, brandId: service.keys.otherBrandId });
    const unknown = await analyst.post('/v1/audiences', { ...body, brandId: unknownId('brd') });
    expect(foreign.status).toBe(404);
    expect(anonymous(foreign)).toEqual(anonymous(unknown));
  });
});

describe('versions', () => {
  it('adds versions and leaves the earlier ones as they were', async () => {
    const first = await analyst.saved(largeAudience(3));
    const second = await addVersion(first, emptyAudience(3));
    expect(second.status).toBe(201);
    expect(second.body.current).toMatchObject({ version: 2, definition: emptyAudience(3) });
    expect(second.body.etag).not.toBe(first.etag);
    const read = await analyst.get<AudienceVersionDto>(`/v1/audiences/${first.id}/versions/1`);
    expect(read.body).toEqual(first.current);
    const newest = await analyst.get<AudienceDto>(`/v1/audiences/${first.id}`);
    expect(newest.body).toEqual(second.body);
    expect(newest.headers.get('etag')).toBe(second.body.etag);
  });

  it('adds one of two versions that were written on the same state', async () => {
    const saved = await analyst.saved(largeAudience(4));
    const answers = await Promise.all([4, 5].map((number) => addVersion(saved, emptyAudience(number))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 412]));
    const late = answers.find(({ status }) => status === 412);
    expect(late && refusal(late)).toEqual({ status: 412, code: 'precondition-failed' });
  });

  it('wants If-Match, and of the present state', async () => {
    const saved = await analyst.saved(largeAudience(5));
    const path = `/v1/audiences/${saved.id}/versions`;
    const bare = await analyst.post(path, { definition: emptyAudience(5) });
    expect(refusal(bare)).toEqual({ status: 428, code: 'precondition-required' });
    const stale = await addVersion(saved, emptyAudience(5), '"0-0"');
    expect(refusal(stale)).toEqual({ status: 412, code: 'precondition-failed' });
  });

  it('refuses an audience that leads back to itself', async () => {
    const inner = await analyst.saved(largeAudience(6));
    const outer = await analyst.saved(audienceOf({ audienceRef: { id: inner.id } }));
    const circle = await addVersion(inner, audienceOf({ none: [{ audienceRef: { id: outer.id } }] }));
    expect(circle.status).toBe(422);
    expect(refusal(circle).code).toBe('audience-cycle');
    expect(refusal(circle).pointers).toEqual(['/definition/rule/none/0/audienceRef']);
  });

  it('keeps an audience in its country', async () => {
    const saved = await analyst.saved(largeAudience(7));
    const abroad = await addVersion(saved, audienceOf({ tier: { in: ['gold'] } }, 'ES'));
    expect(refusal(abroad)).toEqual({ status: 422, code: 'audience-invalid', pointers: ['/definition/country'] });
  });

  it.each(['0', '2', '999999999', '99999999999999999999'])(
    'has no version %s of an audience with one',
    async (version) => {
      const saved = await analyst.saved(largeAudience(8));
      const answer = await analyst.get(`/v1/audiences/${saved.id}/versions/${version}`);
      expect(refusal(answer)).toEqual({ status: 404, code: 'not-found' });
    },
  );

  it.each(['one', '1.5'])('refuses %s as a version', async (version) => {
    const saved = await analyst.saved(largeAudience(8));
    expect((await analyst.get(`/v1/audiences/${saved.id}/versions/${version}`)).status).toBe(400);
  });
});

describe('DELETE /v1/audiences/{id}', () => {
  it('archives: readable, no longer changed or sized, and twice is once', async () => {
    const saved = await analyst.saved(largeAudience(9));
    const archived = await analyst.delete<AudienceDto>(`/v1/audiences/${saved.id}`);
    expect(archived.status).toBe(200);
    expect(archived.body.archivedAt).not.toBeNull();
    expect((await analyst.get<AudienceDto>(`/v1/audiences/${saved.id}`)).body).toEqual(archived.body);
    expect((await analyst.delete<AudienceDto>(`/v1/audiences/${saved.id}`)).body).toEqual(archived.body);
    const conflict = { status: 409, code: 'audience-archived' };
    expect(refusal(await addVersion(archived.body, emptyAudience(9)))).toEqual(conflict);
    const path = `/v1/audiences/${saved.id}/sizes`;
    expect(refusal(await analyst.spend(path, {}))).toEqual(conflict);
    expect(refusal(await analyst.post(`${path}?dryRun=true`, {}))).toEqual(conflict);
  });

  it('obeys If-Match where it is sent', async () => {
    const saved = await analyst.saved(largeAudience(10));
    const stale = await analyst.delete(`/v1/audiences/${saved.id}`, { 'If-Match': '"0-0"' });
    expect(refusal(stale)).toEqual({ status: 412, code: 'precondition-failed' });
    const now = await analyst.delete<AudienceDto>(`/v1/audiences/${saved.id}`, { 'If-Match': saved.etag });
    expect(now.status).toBe(200);
  });
});

describe('GET /v1/audiences', () => {
  it('pages newest first; what is saved meanwhile neither repeats nor hides one', async () => {
    const saved: string[] = [];
    for (let number = 20; number < 25; number++) saved.unshift((await agency.saved(emptyAudience(number))).id);
    const first = await agency.get<AudiencePage>('/v1/audiences?limit=2');
    await agency.saved(emptyAudience(30));
    const second = await agency.get<AudiencePage>(`/v1/audiences?limit=2&cursor=${first.body.nextCursor}`);
    const third = await agency.get<AudiencePage>(`/v1/audiences?limit=2&cursor=${second.body.nextCursor}`);
    const seen = [first, second, third].flatMap(({ body }) => body.data.map(({ id }) => id));
    expect(seen).toEqual(saved);
    expect(third.body.nextCursor).toBeNull();
  });

  it('leaves out archived ones unless asked', async () => {
    const saved = await analyst.saved(largeAudience(11));
    await analyst.delete(`/v1/audiences/${saved.id}`);
    const ids = async (query: string) =>
      (await analyst.get<AudiencePage>(`/v1/audiences?limit=200${query}`)).body.data.map(({ id }) => id);
    expect(await ids('')).not.toContain(saved.id);
    expect(await ids('&archived=true')).toContain(saved.id);
  });

  it('refuses a cursor that was altered, is of another filter or of another caller', async () => {
    const { body } = await analyst.get<AudiencePage>('/v1/audiences?limit=1');
    const cursor = String(body.nextCursor);
    const invalid = { status: 400, code: 'cursor-invalid', pointers: ['/cursor'] };
    const altered = `${cursor.startsWith('AQ') ? 'AR' : 'AQ'}${cursor.slice(2)}`;
    expect(refusal(await analyst.get(`/v1/audiences?cursor=${altered}`))).toEqual(invalid);
    expect(refusal(await analyst.get(`/v1/audiences?archived=true&cursor=${cursor}`))).toEqual(invalid);
    expect(refusal(await analyst.get(`/v1/releases?cursor=${cursor}`))).toEqual(invalid);
    expect(refusal(await agency.get(`/v1/audiences?cursor=${cursor}`))).toEqual(invalid);
  });

  it.each(['limit=0', 'archived=yes', 'brand=x'])('refuses ?%s', async (query) => {
    expect(refusal(await analyst.get(`/v1/audiences?${query}`))).toMatchObject({
      status: 400,
      code: 'request-invalid',
    });
  });
});

describe('who may', () => {
  it.each(calls(unknownId('aud')))('asks for a credential and its scope to %s', async (_, call) => {
    expect(await call(new Caller(service.url))).toEqual({ status: 401, code: 'not-authenticated' });
    expect(await call(new Caller(service.url, `${service.keys.analyst}x`))).toMatchObject({ status: 401 });
    expect(await call(new Caller(service.url, service.keys.manager))).toEqual({ status: 403, code: 'scope-missing' });
  });

  it("answers for another brand's audience as for none", async () => {
    const { id } = await analyst.saved(largeAudience(12));
    const answers = async (audience: string) => [
      await agency.get(`/v1/audiences/${audience}`),
      await agency.get(`/v1/audiences/${audience}/versions/1`),
      await agency.post(
        `/v1/audiences/${audience}/versions`,
        { definition: emptyAudience(1) },
        { 'If-Match': '"1-1"' },
      ),
      await agency.delete(`/v1/audiences/${audience}`),
    ];
    const foreign = await answers(id);
    const unknown = await answers(unknownId('aud'));
    expect(foreign.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(foreign.map(anonymous)).toEqual(unknown.map(anonymous));
    const referring = audienceOf({ audienceRef: { id } });
    const answer = await agency.post('/v1/audiences', { name: 'Through a reference', definition: referring });
    expect(refusal(answer)).toMatchObject({ status: 422, code: 'audience-invalid' });
  });

  it('names the methods of each address', async () => {
    const collection = await analyst.delete('/v1/audiences');
    expect(refusal(collection)).toEqual({ status: 405, code: 'method-not-allowed' });
    expect(collection.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    const one = await analyst.post(`/v1/audiences/${unknownId('aud')}`, {});
    expect(one.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS');
  });

  it('gives JSON only', async () => {
    const answer = await analyst.get('/v1/audiences', { Accept: 'application/xml' });
    expect(refusal(answer)).toEqual({ status: 406, code: 'not-acceptable' });
  });
});
