import { MovableClock } from '#core';
import type { SizingQuoteDto } from '../../src/audiences/audiences.dto.ts';
import type { BudgetListDto, ChargePage } from '../../src/releases/budgets.dto.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, anonymous, refusal, releaseBytes } from './client.ts';
import type { Problem } from './client.ts';
import { emptyAudience, largeAudience, unknownId } from './questions.ts';

const READ = 50_000;
/** Three reads a month: 150 millionths of ρ. */
const MONTH_READS = 3;
const SPENDS_PER_HOUR = 30;
const DAY_MS = 86_400_000;

const clock = new MovableClock('2026-11-15T10:00:00.000Z');
let service: TestApplication;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  const env = { HAVEN_BRAND_MONTH_MICRO_RHO: '150', HAVEN_SPEND_RATE_PER_HOUR: String(SPENDS_PER_HOUR) };
  service = await createTestApplication({ name: 'budgets', clock, env });
  analyst = new Caller(service.url, service.keys.analyst);
  agency = new Caller(service.url, service.keys.agency);
});

afterAll(() => service.close());

const chargesPath = (): string => `/v1/budgets/brand:${service.keys.brandId}/charges`;

describe('GET /v1/budgets', () => {
  it("shows month and year of the brand's budget and of each country's above it, unspent", async () => {
    const { body } = await analyst.get<BudgetListDto>('/v1/budgets');
    const names = body.data.map(({ id, period }) => `${id} ${period}`);
    const brand = `brand:${service.keys.brandId}`;
    const ids = ['global:ES', 'global:FR', 'global:IT', brand];
    expect(names.toSorted()).toEqual(ids.flatMap((id) => [`${id} month`, `${id} year`]).toSorted());
    expect(await analyst.month(service.keys.brandId)).toMatchObject({
      capNanoRho: MONTH_READS * READ,
      committedNanoRho: 0,
      reservedNanoRho: 0,
      leftNanoRho: MONTH_READS * READ,
      leftReads: MONTH_READS,
      resetsAt: '2026-12-01T00:00:00.000Z',
      displayUnit: { name: 'read', nanoRho: READ },
    });
    const one = await analyst.get<BudgetListDto>('/v1/budgets?country=FR');
    expect(new Set(one.body.data.map(({ id }) => id))).toEqual(new Set(['global:FR', brand]));
  });

  it("knows no other brand's budget", async () => {
    const foreign = await analyst.get(`/v1/budgets?brandId=${service.keys.otherBrandId}`);
    const unknown = await analyst.get(`/v1/budgets?brandId=${unknownId('brd')}`);
    expect(foreign.status).toBe(404);
    expect(anonymous(foreign)).toEqual(anonymous(unknown));
    const charges = await agency.get(chargesPath());
    const none = await agency.get(`/v1/budgets/brand:${unknownId('brd')}/charges`);
    expect(charges.status).toBe(404);
    expect(anonymous(charges)).toEqual(anonymous(none));
    expect((await analyst.get('/v1/budgets/global:FR/charges')).status).toBe(404);
  });

  it.each(['/v1/budgets?country=XX', '/v1/budgets?period=month', '/v1/budgets?brandId=brd_1'])(
    'refuses %s',
    async (path) => {
      expect(refusal(await analyst.get(path))).toMatchObject({ status: 400, code: 'request-invalid' });
    },
  );

  it('asks for a credential and its scope, knows its methods and gives JSON only', async () => {
    for (const path of ['/v1/budgets', chargesPath()]) {
      expect(refusal(await new Caller(service.url).get(path))).toEqual({ status: 401, code: 'not-authenticated' });
      const manager = new Caller(service.url, service.keys.manager);
      expect(refusal(await manager.get(path))).toEqual({ status: 403, code: 'scope-missing' });
      expect(refusal(await analyst.post(path, {}))).toEqual({ status: 405, code: 'method-not-allowed' });
      expect(refusal(await analyst.get(path, { Accept: 'text/csv' }))).toEqual({ status: 406, code: 'not-acceptable' });
    }
  });
});

describe('a budget', () => {
  it('is never passed, whoever asks at once, and a refusal says what is left and when it resets', async () => {
    const questions = Array.from({ length: 5 }, (_, number) => largeAudience(number));
    const answers = await Promise.all(questions.map((definition) => analyst.estimate<Problem>(definition)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBe(MONTH_READS);
    for (const answer of refused) {
      expect(refusal(answer)).toEqual({ status: 409, code: 'privacy-budget-exhausted' });
      expect(answer.body).toMatchObject({
        charged: false,
        budget: {
          scope: 'brand',
          period: 'month',
          capNanoRho: MONTH_READS * READ,
          leftNanoRho: 0,
          neededNanoRho: READ,
          resetsAt: '2026-12-01T00:00:00.000Z',
        },
      });
    }
    expect(await analyst.month(service.keys.brandId)).toMatchObject({
      committedNanoRho: MONTH_READS * READ,
      leftNanoRho: 0,
    });
  });

  it('that is spent still gives stored answers and quotes, and refuses the cheapest question', async () => {
    const { data } = (await analyst.get<ChargePage>(chargesPath())).body;
    const [first] = data;
    const read = await analyst.get(`/v1/releases/${first?.releaseId}`);
    expect(read.status).toBe(200);
    const quote = await analyst.post<SizingQuoteDto>('/v1/audiences/estimate?dryRun=true', {
      definition: emptyAudience(1),
      precision: 'coarse',
    });
    expect(quote.body.quote).toMatchObject({ affordable: false, nanoRho: 12_500 });
    const cheapest = await analyst.estimate<Problem>(emptyAudience(1), { precision: 'coarse' });
    expect(refusal(cheapest)).toEqual({ status: 409, code: 'privacy-budget-exhausted' });
    const replays = await Promise.all(
      [0, 1, 2, 3, 4].map((number) => analyst.estimate<Problem>(largeAudience(number))),
    );
    const [replayed] = replays.filter(({ status }) => status === 200);
    expect(replays.filter(({ status }) => status === 200)).toHaveLength(MONTH_READS);
    expect(replayed && releaseBytes(replayed)).toMatch(/^\{"releaseId"/);
  });

  it("is the brand's own: another brand's is untouched", async () => {
    expect(await agency.month(service.keys.otherBrandId)).toMatchObject({
      committedNanoRho: 0,
      leftReads: MONTH_READS,
    });
  });

  it('frees the key of a refused request and starts anew with the month; the year remembers', async () => {
    const body = { definition: emptyAudience(2) };
    const path = '/v1/audiences/estimate';
    const early = await analyst.spend<Problem>(path, body, 'next-month');
    expect(early.status).toBe(409);
    clock.move(16 * DAY_MS);
    const later = await analyst.spend(path, body, 'next-month');
    expect(later.body).toMatchObject({ state: 'SUCCEEDED', charged: { nanoRho: READ } });
    expect(await analyst.month(service.keys.brandId)).toMatchObject({ committedNanoRho: READ, leftReads: 2 });
    const { body: budgets } = await analyst.get<BudgetListDto>('/v1/budgets');
    const year = budgets.data.find(({ kind, period }) => kind === 'brand' && period === 'year');
    expect(year).toMatchObject({ committedNanoRho: 4 * READ, resetsAt: '2027-11-15T00:00:00.000Z' });
  });
});

describe('GET /v1/budgets/{id}/charges', () => {
  it('names each charge once, newest first, in pages, with who asked for what', async () => {
    const all = (await analyst.get<ChargePage>(chargesPath())).body.data;
    expect(all.map(({ nanoRho, state }) => ({ nanoRho, state }))).toEqual(
      Array.from({ length: 4 }, () => ({ nanoRho: READ, state: 'committed' })),
    );
    expect(all[0]).toMatchObject({ kind: 'audience-size', country: 'FR' });
    const first = await analyst.get<ChargePage>(`${chargesPath()}?limit=3`);
    const second = await analyst.get<ChargePage>(`${chargesPath()}?limit=3&cursor=${first.body.nextCursor}`);
    expect([...first.body.data, ...second.body.data]).toEqual(all);
    expect(second.body.nextCursor).toBeNull();
  });

  it('refuses a cursor that was altered or is of another list', async () => {
    const { body } = await analyst.get<ChargePage>(`${chargesPath()}?limit=1`);
    const invalid = { status: 400, code: 'cursor-invalid', pointers: ['/cursor'] };
    expect(refusal(await analyst.get(`${chargesPath()}?cursor=${body.nextCursor}A`))).toEqual(invalid);
    expect(refusal(await analyst.get(`/v1/releases?cursor=${body.nextCursor}`))).toEqual(invalid);
  });
});

describe('the rate of spending', () => {
  it('is limited tenant by tenant, not by address, dry runs too, and says when to come back', async () => {
    const ask = async (caller = agency) =>
      await caller.post('/v1/audiences/estimate?dryRun=true', { definition: largeAudience(1) });
    const answers = [];
    for (let call = 0; call < SPENDS_PER_HOUR; call++) answers.push(await ask());
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const refused = await ask();
    expect(refusal(refused)).toEqual({ status: 429, code: 'rate-limited' });
    expect(refused.headers.get('retry-after')).toBe('120');
    expect(refused.headers.get('ratelimit')).toMatch(/;r=0;/);
    expect((await agency.get('/v1/budgets')).status).toBe(200);
    expect((await ask(analyst)).status).toBe(200);
    clock.move(121_000);
    expect((await ask()).status).toBe(200);
  });
});
