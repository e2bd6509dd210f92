import { randomUUID } from 'node:crypto';
import type { AuditPage } from '../../src/audit/audit.dto.ts';
import type { AgencyDto, BrandDto } from '../../src/brands/brands.dto.ts';
import type { AdjustmentDto } from '../../src/releases/admin-budgets.dto.ts';
import type { BudgetListDto, ChargePage } from '../../src/releases/budgets.dto.ts';
import type { BudgetPeriodDto } from '../../src/releases/release-view.dto.ts';
import { MovableClock } from '#core';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { Caller, refusal } from './client.ts';
import type { Answer, Problem } from './client.ts';
import { largeAudience, unknownId } from './questions.ts';

const READ = 50_000;
const TODAY = '2026-11-15';
/** Room for the demo's two brands and one more, at 20,000 millionths of ρ each; an agency's for two of them. */
const ENV = {
  HAVEN_GLOBAL_MONTH_MICRO_RHO: '60000',
  HAVEN_GLOBAL_YEAR_MICRO_RHO: '360000',
  HAVEN_AGENCY_MONTH_MICRO_RHO: '40000',
};

const clock = new MovableClock(`${TODAY}T10:00:00.000Z`);
let haven: TestApplication;
let manager: Caller;
let analyst: Caller;
let agency: Caller;

beforeAll(async () => {
  haven = await createTestApplication({ name: 'quotas', clock, env: ENV });
  open();
});

afterAll(() => haven.close());

function open(): void {
  manager = new Caller(haven.url, haven.keys.manager);
  analyst = new Caller(haven.url, haven.keys.analyst);
  agency = new Caller(haven.url, haven.keys.agency);
}

async function budget(id: string, period = 'month'): Promise<BudgetPeriodDto | undefined> {
  const { body } = await manager.get<BudgetListDto>('/admin/v1/budgets');
  return body.data.find((entry) => entry.id === id && entry.period === period);
}

const setQuota = async <Body = Problem>(id: string, quota: object): Promise<Answer<Body>> =>
  await manager.call<Body>({
    method: 'PUT',
    path: `/admin/v1/budgets/${id}/quota`,
    body: { reason: 'Agreed', ...quota },
  });

const adjust = async <Body = Problem>(id: string, entry: object, key: string = randomUUID()): Promise<Answer<Body>> =>
  await manager.spend<Body>(`/admin/v1/budgets/${id}/adjustments`, { reason: 'Told by phone', ...entry }, key);

const openBrand = async (name: string, more: object = {}): Promise<Answer<BrandDto>> =>
  await manager.post<BrandDto>('/admin/v1/brands', { name, manufacturer: name, ...more });

const ownBudget = (): string => `brand:${haven.keys.brandId}`;

describe('quotas', () => {
  it('are admitted while the budget above can keep them all, and beyond that only on purpose', async () => {
    const third = await openBrand('Third');
    expect(third.status).toBe(201);
    const fourth = await openBrand('Fourth');
    expect(refusal(fourth)).toEqual({ status: 409, code: 'budget-overcommitted' });
    expect(fourth.body).toMatchObject({
      budget: { period: 'month', promisedNanoRho: 80_000_000, capNanoRho: 60_000_000 },
    });
    expect((await openBrand('Fourth', { allowOvercommit: true })).status).toBe(201);
    const { body } = await manager.get<AuditPage>('/admin/v1/audit/entries?limit=1');
    expect(body.data[0]).toMatchObject({ action: 'brand.opened', details: { name: 'Fourth', allowOvercommit: true } });
  });

  it('that two managers promise at once are never both admitted where only one fits', async () => {
    expect((await setQuota(ownBudget(), { monthNanoRho: 1_000_000, yearNanoRho: 120_000_000 })).status).toBe(409);
    const lower = { monthNanoRho: 1_000_000, yearNanoRho: 2_000_000, allowOvercommit: true };
    const all = await manager.get<BudgetListDto>('/admin/v1/budgets');
    const brands = new Set(all.body.data.filter(({ kind }) => kind === 'brand').map(({ id }) => id));
    for (const id of brands) expect((await setQuota(id, lower)).status).toBe(200);
    const [one = '', two = ''] = brands;
    const high = { monthNanoRho: 40_000_000, yearNanoRho: 41_000_000 };
    const both = await Promise.all([setQuota(one, high), setQuota(two, high)]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    for (const id of brands) await setQuota(id, { monthNanoRho: 15_000_000, yearNanoRho: 90_000_000 });
  });

  it('set by hand hold from the next question on, survive a restart and stand in both audits', async () => {
    const quota = { monthNanoRho: 3 * READ, yearNanoRho: 4 * READ, reason: 'Trial month' };
    const set = await setQuota<BudgetListDto>(ownBudget(), quota);
    expect(set.body.data.map(({ period, capNanoRho }) => [period, capNanoRho])).toEqual([
      ['month', 3 * READ],
      ['year', 4 * READ],
    ]);
    haven = await haven.restart();
    open();
    expect(await budget(ownBudget())).toMatchObject({ capNanoRho: 3 * READ });
    for (const path of [`/v1/audit/entries?limit=1`, '/admin/v1/audit/entries?limit=1']) {
      const { body } = await (path.startsWith('/v1') ? analyst : manager).get<AuditPage>(path);
      expect(body.data[0]).toMatchObject({ action: 'budget.quota-set', details: { reason: 'Trial month' } });
    }
  });

  it.each([
    ['a global budget', 'global:FR', { monthNanoRho: 1, yearNanoRho: 1 }, 409, 'guarantee-not-adjustable'],
    ['no budget', `brand:${unknownId('brd')}`, { monthNanoRho: 1, yearNanoRho: 1 }, 404, 'not-found'],
  ])('of %s are not set', async (_, id, quota, status, code) => {
    await analyst.estimate(largeAudience(0));
    expect(refusal(await setQuota(id, quota))).toEqual({ status, code });
  });

  it.each([
    ['without the year', { monthNanoRho: 1 }, ['']],
    ['with a total', { monthNanoRho: 1, yearNanoRho: 1, totalNanoRho: 1 }, ['']],
    ['with more in a month than in a year', { monthNanoRho: 2, yearNanoRho: 1 }, ['/monthNanoRho']],
    ['of nothing', { monthNanoRho: 0, yearNanoRho: 1 }, ['/monthNanoRho']],
    ['without a reason', { monthNanoRho: 1, yearNanoRho: 1, reason: '' }, ['/reason']],
  ])('of a brand are not set %s', async (_, quota, pointers) => {
    expect(refusal(await setQuota(ownBudget(), quota))).toEqual({ status: 400, code: 'request-invalid', pointers });
  });
});

describe('an agency', () => {
  it('has a budget of its own, charged for what its brands ask, which it and the manager see and no brand does', async () => {
    const id = `agency:${haven.keys.agencyId}`;
    const before = await budget(id);
    const asked = await agency.estimate(largeAudience(1));
    expect(asked.status).toBe(200);
    expect(await budget(id)).toMatchObject({ committedNanoRho: (before?.committedNanoRho ?? 0) + READ });
    const own = (await agency.get<BudgetListDto>('/v1/budgets')).body.data.filter(({ kind }) => kind === 'agency');
    expect(own).toMatchObject([{ id, period: 'month', capNanoRho: 40_000_000 }]);
    const seen = (await analyst.get<BudgetListDto>('/v1/budgets')).body.data.map(({ kind }) => kind);
    expect(new Set(seen)).toEqual(new Set(['global', 'brand']));
    expect(JSON.stringify(asked.body)).not.toContain(id);
  });

  it('that a brand lets in takes over what the brand was charged, once', async () => {
    const { body: newcomer } = await manager.post<AgencyDto>('/admin/v1/agencies', { name: 'Newcomer' });
    const spent = await budget(`brand:${haven.keys.otherBrandId}`);
    expect(spent?.committedNanoRho).toBeGreaterThan(0);
    const grant = { agencyId: newcomer.id, brandId: haven.keys.otherBrandId, scopes: ['releases:read'], days: 1 };
    for (const status of [201, 201]) {
      expect((await manager.post('/admin/v1/grants', grant)).status).toBe(status);
      expect(await budget(`agency:${newcomer.id}`)).toMatchObject({ committedNanoRho: spent?.committedNanoRho });
    }
    await agency.estimate(largeAudience(2));
    expect(await budget(`agency:${newcomer.id}`)).toMatchObject({
      committedNanoRho: (spent?.committedNanoRho ?? 0) + READ,
    });
  });

  it('is not let in by more brands than its budget can bear, but on purpose', async () => {
    const { body } = await manager.get<BudgetListDto>('/admin/v1/budgets');
    const brands = [...new Set(body.data.filter(({ kind }) => kind === 'brand').map(({ owner }) => owner))];
    const { body: busy } = await manager.post<AgencyDto>('/admin/v1/agencies', { name: 'Busy' });
    const grants = brands
      .filter((id) => id !== haven.keys.brandId)
      .map((brandId) => ({ agencyId: busy.id, brandId, scopes: ['releases:read'], days: 1 }));
    const statuses: number[] = [];
    for (const grant of grants) statuses.push((await manager.post('/admin/v1/grants', grant)).status);
    // 15 millionths each of three brands do not fit into 40.
    expect(statuses).toEqual([201, 201, 409]);
    const refused = await manager.post('/admin/v1/grants', grants[2]);
    expect(refusal(refused)).toEqual({ status: 409, code: 'budget-overcommitted' });
    expect((await manager.post('/admin/v1/grants', { ...grants[2], allowOvercommit: true })).status).toBe(201);
  });
});

describe('an entry made by hand', () => {
  it('counts like a charge, once under its key, and stands with its reason in ledger and audits', async () => {
    const before = await budget(ownBudget());
    const key = randomUUID();
    clock.move(1_000);
    const first = await adjust<AdjustmentDto>(ownBudget(), { kind: 'charge', nanoRho: 7 }, key);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ budgetId: ownBudget(), kind: 'charge', nanoRho: 7, day: TODAY });
    expect((await adjust<AdjustmentDto>(ownBudget(), { kind: 'charge', nanoRho: 7 }, key)).body).toEqual(first.body);
    expect(await budget(ownBudget())).toMatchObject({ committedNanoRho: (before?.committedNanoRho ?? 0) + 7 });
    const entry = { adjustmentId: first.body.id, releaseId: null, kind: 'adjustment-charge', reason: 'Told by phone' };
    expect((await analyst.charges(haven.keys.brandId))[0]).toMatchObject({ ...entry, nanoRho: 7, country: null });
    const listed = await manager.get<ChargePage>(`/admin/v1/budgets/${ownBudget()}/charges?limit=1`);
    expect(listed.body.data[0]).toMatchObject(entry);
    const next = await manager.get<ChargePage>(
      `/admin/v1/budgets/${ownBudget()}/charges?limit=1&cursor=${listed.body.nextCursor}`,
    );
    expect(next.body.data[0]).toMatchObject({ adjustmentId: null, kind: 'audience-size' });
    expect((await analyst.get<AuditPage>('/v1/audit/entries?limit=1')).body.data[0]).toMatchObject({
      action: 'budget.charge',
      details: { nanoRho: '7', day: TODAY, reason: 'Told by phone' },
    });
  });

  it('gives a quota back what was spent on its day and not more, and the guarantee nothing', async () => {
    const before = await budget(ownBudget());
    const spent = before?.committedNanoRho ?? 0;
    const credit = await adjust<AdjustmentDto>(ownBudget(), { kind: 'credit', nanoRho: READ, day: TODAY });
    expect(credit.status).toBe(201);
    expect(await budget(ownBudget())).toMatchObject({ committedNanoRho: spent - READ });
    const more = await adjust(ownBudget(), { kind: 'credit', nanoRho: spent - READ + 1 });
    expect(refusal(more)).toEqual({ status: 409, code: 'conflict' });
    const otherDay = await adjust(ownBudget(), { kind: 'credit', nanoRho: 1, day: '2026-11-14' });
    expect(refusal(otherDay)).toEqual({ status: 409, code: 'conflict' });
    const guarantee = await adjust('global:FR', { kind: 'credit', nanoRho: 1 });
    expect(refusal(guarantee)).toEqual({ status: 409, code: 'guarantee-not-adjustable' });
    expect((await adjust<AdjustmentDto>('global:FR', { kind: 'charge', nanoRho: 1 })).status).toBe(201);
  });

  it('that passes the cap stands, and then nothing more is answered', async () => {
    const left = (await budget(ownBudget()))?.leftNanoRho ?? 0;
    expect((await adjust<AdjustmentDto>(ownBudget(), { kind: 'charge', nanoRho: left + 1 })).status).toBe(201);
    const refused = await analyst.estimate<Problem>(largeAudience(3), { precision: 'coarse' });
    expect(refusal(refused)).toEqual({ status: 409, code: 'privacy-budget-exhausted' });
    expect(refused.body).toMatchObject({ charged: false, budget: { scope: 'brand', leftNanoRho: 0 } });
  });

  it.each([
    ['for tomorrow', { kind: 'charge', nanoRho: 1, day: '2026-11-16' }, ['/day']],
    ['for a day that has left the year', { kind: 'charge', nanoRho: 1, day: '2025-11-15' }, ['/day']],
    ['for no day', { kind: 'charge', nanoRho: 1, day: '15.11.2026' }, ['/day']],
    ['for a day that is none', { kind: 'charge', nanoRho: 1, day: '2026-02-31' }, ['/day']],
    ['of nothing', { kind: 'charge', nanoRho: 0 }, ['/nanoRho']],
    ['of another kind', { kind: 'restore', nanoRho: 1 }, ['/kind']],
    ['without a reason', { kind: 'charge', nanoRho: 1, reason: '' }, ['/reason']],
  ])('is refused %s', async (_, entry, pointers) => {
    expect(refusal(await adjust(ownBudget(), entry))).toEqual({ status: 400, code: 'request-invalid', pointers });
  });

  it('needs an idempotency key and a budget', async () => {
    const bare = await manager.post(`/admin/v1/budgets/${ownBudget()}/adjustments`, {
      kind: 'charge',
      nanoRho: 1,
      reason: 'x',
    });
    expect(refusal(bare)).toEqual({ status: 400, code: 'idempotency-key-required' });
    const unknown = await adjust(`brand:${unknownId('brd')}`, { kind: 'charge', nanoRho: 1 });
    expect(refusal(unknown)).toEqual({ status: 404, code: 'not-found' });
    expect((await manager.get('/admin/v1/budgets/global:XX/charges')).status).toBe(404);
  });
});

describe('a configuration whose caps cannot keep the quotas', () => {
  it('stops the start and says what to do, unless the overcommitment is wanted', async () => {
    const small = { HAVEN_GLOBAL_MONTH_MICRO_RHO: '30000' };
    const started = await createTestApplication({ name: 'quotas_start', members: 1_000 });
    await expect(started.restart(small)).rejects.toThrow(
      /quotas of all brands .* promise 40000000 nano-ρ in one month, must be at most 30000000: .* HAVEN_ALLOW_OVERCOMMIT=true/,
    );
    const wanted = await started.restart({ ...small, HAVEN_ALLOW_OVERCOMMIT: 'true' }).catch((error: unknown) => error);
    expect(wanted).toHaveProperty('url');
    await (wanted as TestApplication).close();
  });
});
