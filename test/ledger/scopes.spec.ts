import { MovableClock, newId } from '#core';
import { thetaAllowance } from '#privacy';
import type { BudgetCaps } from '../../src/config/config.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { capsInReads, openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const DAY_MS = 86_400_000;
const WIDE = { globalMonth: 1_000, globalYear: 1_000, brandMonth: 1_000, brandYear: 1_000, agencyMonth: 1_000 };

let clock: MovableClock;
let gate: Gate;
let brandId: string;
let otherBrandId: string;

async function open(budgets: BudgetCaps): Promise<void> {
  clock = new MovableClock(NOW);
  gate = await openGate({ connection: await createTestDatabase('scopes'), clock, budgets });
  [brandId = '', otherBrandId = ''] = await openBrands(gate.source.manager, 2);
}

afterEach(() => gate.close());

/** An agency that a brand lets in, until a day from now unless said otherwise. */
async function agencyOf(
  brands: readonly string[],
  until: { expires?: number; revoked?: number } = {},
): Promise<string> {
  const agencyId = newId('agency', NOW);
  const { expires = NOW + DAY_MS, revoked } = until;
  await gate.source.query('INSERT INTO agency (id, name, created_at) VALUES ($1, $1, now())', [agencyId]);
  for (const brand of brands) {
    await gate.source.query(
      `INSERT INTO agency_grant (id, agency_id, brand_id, scopes, created_by, created_at, expires_at, revoked_at)
       VALUES ($1, $2, $3, '{}', 'test', $4, $5, $6)`,
      [
        newId('grant', NOW),
        agencyId,
        brand,
        new Date(NOW - 2 * DAY_MS),
        new Date(expires),
        revoked === undefined ? null : new Date(revoked),
      ],
    );
  }
  return agencyId;
}

const ask = async (brand: string, population: number, campaignId?: string): Promise<unknown> =>
  await gate.releases.release(request(question(brand, population), campaignId === undefined ? {} : { campaignId }));

/** What each scope holds: the sum of its charges that are not refunded, which must be the sum of its days. */
async function held(): Promise<Record<string, number>> {
  const rows = await gate.source.query<{ id: string; charged: string; days: string }[]>(
    `SELECT s.id, (SELECT coalesce(sum(nano_rho), 0) FROM budget_charge WHERE scope_id = s.id AND state <> 'refunded') AS charged,
       (SELECT coalesce(sum(reserved_nrho + committed_nrho), 0) FROM budget_day WHERE scope_id = s.id) AS days
     FROM budget_scope s ORDER BY s.rank, s.id`,
  );
  expect(rows.filter(({ charged, days }) => charged !== days)).toEqual([]);
  return Object.fromEntries(rows.map(({ id, charged }) => [id, Number(charged)]));
}

describe('a release draws on', () => {
  beforeEach(() => open(capsInReads(WIDE)));

  it('its country, the agencies that may see it, its brand and its campaign, and on nobody else', async () => {
    const [first, second] = [await agencyOf([brandId, otherBrandId]), await agencyOf([brandId])];
    const others = [
      await agencyOf([otherBrandId]),
      await agencyOf([brandId], { expires: NOW }),
      await agencyOf([brandId], { revoked: NOW - 1 }),
    ];
    const campaignId = newId('campaign', NOW);
    await ask(brandId, 1, campaignId);
    const charged = Object.entries(await held()).filter(([, nanoRho]) => nanoRho > 0);
    expect(Object.fromEntries(charged)).toEqual({
      'global:FR': 50_000,
      [`agency:${first}`]: 50_000,
      [`agency:${second}`]: 50_000,
      [`brand:${brandId}`]: 50_000,
      [`campaign:${campaignId}`]: 50_000,
    });
    expect(charged.map(([id]) => id)).not.toEqual(expect.arrayContaining(others.map((id) => `agency:${id}`)));
  });

  it('its agencies for what each of their brands asks: they see the union', async () => {
    const agency = await agencyOf([brandId, otherBrandId]);
    await ask(brandId, 1);
    await ask(otherBrandId, 1);
    await ask(otherBrandId, 2);
    expect(await held()).toMatchObject({ [`agency:${agency}`]: 150_000, [`brand:${brandId}`]: 50_000 });
  });

  it('all of them in one order, so that spenders who share some never wait in a ring', async () => {
    await agencyOf([brandId, otherBrandId]);
    await agencyOf([otherBrandId, brandId]);
    const campaigns = [newId('campaign', NOW), newId('campaign', NOW)];
    const asked = Array.from({ length: 60 }, (_, n) => ask([brandId, otherBrandId][n % 2] ?? '', n, campaigns[n % 3]));
    await Promise.all(asked);
    expect((await held())['global:FR']).toBe(60 * 50_000);
  });

  it('them with its theta as with its rho, and is refused where delta would more than double', async () => {
    await gate.close();
    // 1 and 6 rho.
    await open(capsInReads({ ...WIDE, globalMonth: 20_000, globalYear: 120_000 }));
    await gate.filter.open({ country: 'FR', brandId });
    const reserve = async (population: number, quectoTheta: bigint): Promise<void> => {
      const asked = question(brandId, population);
      const price = { nanoRho: 50_000n, quectoTheta };
      const id = newId('release', NOW);
      await gate.source.transaction(async (manager) => {
        await gate.store.insertReserved(manager, {
          id,
          releaseKey: `key ${population}`,
          kind: asked.kind,
          brandId,
          country: 'FR',
          dataVersion: 1,
          question: {},
          price,
          requestedBy: 'key_test',
          actingFor: null,
          createdAt: NOW,
          leaseUntil: NOW,
        });
        await gate.filter.reserve(manager, { releaseId: id, payers: asked, price, at: NOW });
        await gate.filter.commit(manager, id);
      });
    };
    // The higher the cap on rho, the higher its epsilon and the less theta doubles delta: the year's stands first.
    const allowance = thetaAllowance(6_000_000_000n);
    await reserve(1, allowance - 10n);
    await reserve(2, 10n);
    await expect(reserve(3, 1n)).rejects.toMatchObject({ code: 'privacy-budget-exhausted' });
    await reserve(4, 0n);
    const [, brand] = await gate.odometer.readings([{ country: 'FR', brandId }]);
    expect(brand?.windows.year.committed).toEqual({ nanoRho: 150_000n, quectoTheta: allowance });
  });
});

describe('of all budgets that a release draws on', () => {
  it.each([
    ['the country', { globalMonth: 2 }, 'global', 'month'],
    ['the country over a year', { globalYear: 2, globalMonth: 2 }, 'global', 'year'],
    ['an agency', { agencyMonth: 2 }, 'agency', 'month'],
    ['the brand', { brandMonth: 2 }, 'brand', 'month'],
    ['the campaign', { campaignTotal: 2 }, 'campaign', 'total'],
  ] as const)('%s alone can stop it, and then nothing is charged anywhere', async (_, narrow, scope, period) => {
    await open(capsInReads({ ...WIDE, campaignTotal: 1_000, ...narrow }));
    await agencyOf([brandId]);
    const campaignId = newId('campaign', NOW);
    await ask(brandId, 1, campaignId);
    await ask(brandId, 2, campaignId);
    const before = await held();
    await expect(ask(brandId, 3, campaignId)).rejects.toMatchObject({
      code: 'privacy-budget-exhausted',
      text: { extensions: { charged: false, budget: { scope, period, leftNanoRho: 0, neededNanoRho: 50_000 } } },
    });
    expect(await held()).toEqual(before);
  });

  it('a campaign never gets room back, a month and an agency do', async () => {
    await open(capsInReads({ ...WIDE, agencyMonth: 1, campaignTotal: 2 }));
    const agency = await agencyOf([brandId], { expires: NOW + 400 * DAY_MS });
    const campaignId = newId('campaign', NOW);
    await ask(brandId, 1, campaignId);
    await expect(ask(brandId, 2)).rejects.toMatchObject({ code: 'privacy-budget-exhausted' });
    clock.move(15 * DAY_MS);
    await ask(brandId, 2, campaignId);
    clock.move(370 * DAY_MS);
    await expect(ask(brandId, 3, campaignId)).rejects.toMatchObject({
      text: { extensions: { budget: { scope: 'campaign', resetsAt: null } } },
    });
    await ask(brandId, 3);
    expect((await held())[`agency:${agency}`]).toBe(150_000);
  });
});

describe('the running totals of a scope', () => {
  it('count its final charges one by one, in the order of their commits, and never a refund', async () => {
    await open(capsInReads(WIDE));
    await Promise.all(Array.from({ length: 12 }, (_, n) => ask([brandId, otherBrandId][n % 2] ?? '', n)));
    const busy = request(question(brandId, 99), {
      measure: () => Promise.reject(Object.assign(new Error('down'), { code: 'x' })),
    });
    await gate.releases.release(busy);
    const rows = await gate.source.query<{ state: string; position: string | null }[]>(
      'SELECT state, settled_position AS position FROM release ORDER BY settled_position',
    );
    expect(rows.map(({ position }) => Number(position))).toEqual(Array.from({ length: 13 }, (_, n) => n + 1));
    expect(rows.filter(({ state }) => state === 'burned')).toHaveLength(1);
    const [global] = await gate.source.query(
      `SELECT settled_charges, settled_nrho FROM budget_scope WHERE id = 'global:FR'`,
    );
    expect(global).toEqual({ settled_charges: '13', settled_nrho: String(13 * 50_000) });
  });
});
