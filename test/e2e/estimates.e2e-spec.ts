import type { AudienceEstimateDto, SizingQuoteDto } from '../../src/audiences/audiences.dto.ts';
import type { ReleaseViewDto } from '../../src/releases/release-view.dto.ts';
import { DomainError } from '#core';
import type { Warehouse } from '#warehouse';
import { tourMember } from '../../src/boot/tour-audiences.ts';
import { createTestApplication, TEST_RETAILER } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal, releaseBytes } from './client.ts';
import type { Problem } from './client.ts';
import { TOUR, audienceOf, emptyAudience, largeAudience, unknownId } from './questions.ts';
import { SteeredWarehouse } from './steered-warehouse.ts';

const PATH = '/v1/audiences/estimate';
const READ = 50_000;

let service: TestApplication;
let warehouse: SteeredWarehouse;
let analyst: Caller;

const steer = (inner: Warehouse): Warehouse => (warehouse = new SteeredWarehouse(inner));

beforeAll(async () => {
  service = await createTestApplication({ name: 'estimates', wrapWarehouse: steer });
  analyst = new Caller(service.url, service.keys.analyst);
});

afterAll(() => service.close());

/** What the brand has committed and reserved this month, nano-ρ. */
async function spent(): Promise<number> {
  const { committedNanoRho, reservedNanoRho } = await analyst.month(service.keys.brandId);
  return committedNanoRho + reservedNanoRho;
}

/** States of the charges made since there were `before`, newest first. */
async function chargesSince(before: number): Promise<string[]> {
  const charges = await analyst.charges(service.keys.brandId);
  return charges.slice(0, charges.length - before).map(({ state }) => state);
}

const chargeCount = async (): Promise<number> => (await analyst.charges(service.keys.brandId)).length;

describe('a dry run', () => {
  it.each([
    ['coarse', { nanoRho: 12_500, reads: 0.25, sigma: 200, tau: 1951 }],
    ['standard', { nanoRho: READ, reads: 1, sigma: 100, tau: 1475 }],
    ['fine', { nanoRho: 800_000, reads: 16, sigma: 25 }],
  ])('prices a %s question without touching rows or budget, and needs no key', async (precision, price) => {
    const [before, counted] = [await spent(), warehouse.counted.length];
    warehouse.next(() => () => Promise.reject(new Error('a dry run must not count')));
    const body = { definition: largeAudience(1), precision };
    const answer = await analyst.post<SizingQuoteDto>(`${PATH}?dryRun=true`, body);
    expect(answer.status).toBe(200);
    expect(answer.body.quote).toMatchObject({ ...price, replay: false, affordable: true });
    const after = answer.body.quote.budgetAfter.find(({ kind, period }) => kind === 'brand' && period === 'month');
    expect(after?.committedNanoRho).toBe(before + price.nanoRho);
    expect(await spent()).toBe(before);
    expect(warehouse.counted).toHaveLength(counted);
    expect(warehouse.forgetSteps()).toBe(1);
  });

  it('is free where the answer exists', async () => {
    await analyst.estimate(largeAudience(2));
    const answer = await analyst.post<SizingQuoteDto>(`${PATH}?dryRun=true`, { definition: largeAudience(2) });
    expect(answer.body.quote).toMatchObject({ nanoRho: 0, reads: 0, replay: true });
  });
});

describe('an answer', () => {
  it('is a noised count with its interval, and charged', async () => {
    const before = await spent();
    const answer = await analyst.estimate(largeAudience(3));
    expect(answer.status).toBe(200);
    const { release, charged, replayed } = answer.body;
    expect({ charged, replayed }).toEqual({ charged: { nanoRho: READ, reads: 1 }, replayed: false });
    expect(release?.verdict).toBe('RELEASED');
    // Ten standard deviations: a false alarm has odds of 1 in 10^23.
    expect(Math.abs(Number(release?.value) - Number(warehouse.counted.at(-1)))).toBeLessThan(1_000);
    expect(await spent()).toBe(before + READ);
    const read = await analyst.get<ReleaseViewDto>(`/v1/releases/${answer.body.releaseId}`);
    expect(releaseBytes(read)).toBe(releaseBytes(answer));
  });

  it('tells nothing of what it suppressed: bodies of nobody and of some differ in ids and times alone', async () => {
    const some = audienceOf({ all: [{ region: { in: [TOUR.regionCodes[2]] } }, { tier: { in: ['gold'] } }] });
    const answers = [await analyst.estimate(emptyAudience(1)), await analyst.estimate(some)];
    const [none, few] = warehouse.counted.slice(-2);
    expect(none).toBe(0n);
    expect(Number(few)).toBeGreaterThan(20);
    expect(Number(few)).toBeLessThan(800);
    const [first, second] = answers.map(({ body }) => {
      const { releaseId: _, releasedAt: __, ...rest } = body.release ?? {};
      return { state: body.state, failure: body.failure, charged: body.charged, release: rest };
    });
    expect(first).toEqual(second);
    expect(first?.release).toMatchObject({ verdict: 'SUPPRESSED', value: null, interval95: null });
    const numbers = Object.entries(first?.release ?? {}).filter(([, value]) => typeof value === 'number');
    expect(numbers.map(([name]) => name).toSorted()).toEqual(
      ['beta', 'dataVersion', 'epsilon', 'k', 'nanoRho', 'rho', 'sigma', 'tau'].toSorted(),
    );
  });

  it('is charged once to twenty callers at once, who all get the same bytes', async () => {
    const before = await spent();
    const answers = await Promise.all(Array.from({ length: 20 }, () => analyst.estimate(largeAudience(4))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(releaseBytes)).size).toBe(1);
    expect(answers.filter(({ body }) => !body.replayed)).toHaveLength(1);
    expect(answers.reduce((sum, { body }) => sum + body.charged.nanoRho, 0)).toBe(READ);
    expect(await spent()).toBe(before + READ);
  });

  it('can be waited for elsewhere: 202 with the place where it will be', async () => {
    const started = Promise.withResolvers<void>();
    warehouse.next((count) => async (statement, options) => {
      await started.promise;
      return await count(statement, options);
    });
    const headers = { 'Idempotency-Key': 'no-wait' };
    const answer = await analyst.post<AudienceEstimateDto>(`${PATH}?wait=0`, { definition: largeAudience(5) }, headers);
    started.resolve();
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ state: 'RUNNING', release: null, charged: { nanoRho: READ } });
    expect(answer.headers.get('retry-after')).toBe('2');
    const read = await analyst.get<ReleaseViewDto>(`${answer.headers.get('location')}?wait=20`);
    expect(read.body).toMatchObject({ state: 'SUCCEEDED', releaseId: answer.body.releaseId });
    expect(read.body.release?.verdict).toBe('RELEASED');
  });
});

describe('an Idempotency-Key', () => {
  it('is required', async () => {
    const before = await chargeCount();
    const answer = await analyst.post(PATH, { definition: largeAudience(6) });
    expect(refusal(answer)).toEqual({ status: 400, code: 'idempotency-key-required' });
    expect(await chargeCount()).toBe(before);
  });

  it('charges once and gives the first answer again, marked', async () => {
    const before = await chargeCount();
    const body = { definition: largeAudience(7) };
    const first = await analyst.spend(PATH, body, 'same-key');
    const again = await analyst.spend(PATH, body, 'same-key');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.body).toEqual(first.body);
    expect(await chargesSince(before)).toEqual(['committed']);
  });

  it('refuses the same key for another question, uncharged', async () => {
    await analyst.spend(PATH, { definition: largeAudience(8) }, 'first-question');
    const before = await chargeCount();
    const other = await analyst.spend<Problem>(PATH, { definition: largeAudience(9) }, 'first-question');
    expect(refusal(other)).toEqual({ status: 422, code: 'idempotency-key-reused' });
    expect(await chargeCount()).toBe(before);
  });

  it('of a request that runs is in flight', async () => {
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    warehouse.next((count) => async (statement, options) => {
      begun.resolve();
      await go.promise;
      return await count(statement, options);
    });
    const body = { definition: largeAudience(10) };
    const first = analyst.spend(PATH, body, 'in-flight');
    await begun.promise;
    const second = await analyst.spend<Problem>(PATH, body, 'in-flight');
    expect(refusal(second)).toEqual({ status: 409, code: 'idempotency-in-flight' });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    go.resolve();
    expect((await first).status).toBe(200);
  });
});

describe('a failure', () => {
  it('of the query burns the charge, says so, and says it again under the same key', async () => {
    const before = await chargeCount();
    warehouse.next(() => () => Promise.reject(new Error('a row broke the query')));
    const body = { definition: largeAudience(11) };
    const failed = await analyst.spend<Problem>(PATH, body, 'burned');
    expect(refusal(failed)).toEqual({ status: 503, code: 'release-failed' });
    expect(failed.body.charged).toBe(true);
    expect(failed.text).not.toContain('row broke');
    const again = await analyst.spend<Problem>(PATH, body, 'burned');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toMatchObject({ code: 'release-failed', charged: true });
    expect(await chargesSince(before)).toEqual(['committed']);
    const asked = await analyst.spend(PATH, body, 'asked-anew');
    expect(asked.body).toMatchObject({ state: 'SUCCEEDED', charged: { nanoRho: READ } });
  });

  it('of a query that was never admitted gives the charge back and frees the key', async () => {
    const before = [await chargeCount(), await spent()];
    const busy = new DomainError('warehouse-busy', { public: 'Too many queries wait.', retryAfterSeconds: 7 });
    warehouse.next(() => () => Promise.reject(busy));
    const body = { definition: largeAudience(12) };
    const refused = await analyst.spend<Problem>(PATH, body, 'busy');
    expect(refusal(refused)).toEqual({ status: 503, code: 'warehouse-busy' });
    expect(refused.body.charged).toBe(false);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await spent()).toBe(before[1]);
    const later = await analyst.spend(PATH, body, 'busy');
    expect(later.body).toMatchObject({ state: 'SUCCEEDED', replayed: false });
    expect(await chargesSince(Number(before[0]))).toEqual(['committed', 'refunded']);
  });

  it('because the data changed meanwhile is asked again on the new data, at one charge', async () => {
    const before = [await chargeCount(), await spent()];
    const version = (await service.warehouse.dataVersion(TOUR.country)).version;
    warehouse.next((count) => async (statement, options) => {
      const at = new Date().toISOString();
      const loyaltyIdSha256 = tourMember(TEST_RETAILER);
      const event = {
        loyaltyIdSha256,
        purpose: 'ads_tv',
        status: 'granted',
        source: 'app',
        textVersion: '1',
        at,
      } as const;
      await service.warehouse.recordConsent([event], Date.now());
      return await count(statement, options);
    });
    const answer = await analyst.estimate(largeAudience(13));
    expect(answer.body).toMatchObject({ charged: { nanoRho: READ }, replayed: false });
    expect(answer.body.release).toMatchObject({ verdict: 'RELEASED', dataVersion: version + 1 });
    expect(await spent()).toBe(Number(before[1]) + READ);
    expect(await chargesSince(Number(before[0]))).toEqual(['committed', 'refunded']);
  });
});

describe('refusals', () => {
  it('point into the definition, and cost nothing', async () => {
    const before = await chargeCount();
    const wrong = await analyst.estimate<Problem>(audienceOf({ region: { in: ['FR-IDF', 'XX-NO'] } }));
    expect(refusal(wrong)).toEqual({
      status: 422,
      code: 'audience-invalid',
      pointers: ['/definition/rule/region/in/1'],
    });
    const brands = [String(TOUR.manufacturers[1].brandCodes[0])];
    const foreign = audienceOf({ purchased: { products: { brands }, window: { lastDays: 30 } } });
    expect(refusal(await analyst.estimate<Problem>(foreign))).toEqual({
      status: 403,
      code: 'product-out-of-scope',
      pointers: ['/definition/rule/purchased/products/brands/0'],
    });
    expect(await chargeCount()).toBe(before);
  });

  it.each([
    ['no definition', '', {}, ['/definition']],
    ['an unknown precision', '', { definition: {}, precision: 'exact' }, ['/precision']],
    ['an unknown purpose', '', { definition: {}, purposes: ['espionage'] }, ['/purposes']],
    ['a purpose twice', '', { definition: {}, purposes: ['ads_tv', 'ads_tv'] }, ['/purposes']],
    ['a longer wait', '?wait=26', { definition: {} }, ['/wait']],
    ['another dryRun', '?dryRun=1', { definition: {} }, ['/dryRun']],
    ['an unknown member', '', { definition: {}, sigma: 1 }, ['/sigma']],
  ])('name %s', async (_, query, body, pointers) => {
    const answer = await analyst.spend<Problem>(`${PATH}${query}`, body);
    expect(refusal(answer)).toEqual({ status: 400, code: 'request-invalid', pointers });
  });

  it('say that nothing was charged where the call could have been, and nothing of it elsewhere', async () => {
    const malformed = await analyst.spend<Problem>(PATH, { definition: {}, precision: 'exact' });
    const invalid = await analyst.estimate<Problem>(audienceOf({ region: { in: ['XX-NO'] } }));
    const keyless = await analyst.post(PATH, { definition: largeAudience(7) });
    const foreign = await analyst.spend<Problem>(`/v1/audiences/${unknownId('aud')}/sizes`, {});
    const said = [malformed, invalid, keyless, foreign].map(({ body: { status, charged } }) => ({ status, charged }));
    expect(said).toEqual([400, 422, 400, 404].map((status) => ({ status, charged: false })));
    const read = await analyst.get(`/v1/releases/${unknownId('rel')}`);
    expect(read.body).not.toHaveProperty('charged');
  });

  it('ask for a credential and its scope, and know no other brand', async () => {
    const body = { definition: largeAudience(1) };
    expect(refusal(await new Caller(service.url).spend(PATH, body))).toMatchObject({ status: 401 });
    const manager = new Caller(service.url, service.keys.manager);
    expect(refusal(await manager.spend(PATH, body))).toEqual({ status: 403, code: 'scope-missing' });
    for (const brandId of [service.keys.otherBrandId, unknownId('brd')]) {
      const answer = await analyst.spend<Problem>(PATH, { ...body, brandId });
      expect(refusal(answer)).toEqual({ status: 404, code: 'not-found' });
    }
    const text = await analyst.post(PATH, body, { 'Content-Type': 'text/plain', 'Idempotency-Key': 'text' });
    expect(refusal(text)).toEqual({ status: 415, code: 'media-type-unsupported' });
  });
});
