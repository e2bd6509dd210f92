import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { MovableClock } from '#core';
import { seededRandom } from '../../libs/privacy/testing.ts';
import type { AudienceSizeDto } from '../../src/audiences/audiences.dto.ts';
import type { AuditPage } from '../../src/audit/audit.dto.ts';
import { ReleaseSettlementService } from '../../src/releases/release-settlement.service.ts';
import type { ReleasePage, ReleaseViewDto } from '../../src/releases/release-view.dto.ts';
import type { TestApplication } from '../harness/application.ts';
import { everythingRead, nameless } from './brand-view.ts';
import type { NamelessAnswer, SizeAddress } from './brand-view.ts';
import { Caller, refusal } from './client.ts';
import type { Problem } from './client.ts';
import { countedService, spendsAtLeast } from './counted-retailer.ts';
import type { CountedRetailer } from './counted-retailer.ts';
import { CLASSES, CLEAN, DEADLINE_MS, POISONED, POISON_NAMES, PoisonedWarehouse, RESOURCES } from './poisons.ts';
import { found, settled } from './settled.ts';

const SLOT_MS = 1_000;
const LEASE_MS = 900_000;
const READ = 50_000;
/** Between two slots. */
const START = Date.parse('2026-11-15T10:00:00.300Z');

/** One of two databases, the service on it, and a brand that asks there. */
interface Side {
  readonly clock: MovableClock;
  readonly warehouse: PoisonedWarehouse;
  readonly service: TestApplication;
  readonly brand: Caller;
}

async function openSide(retailer: CountedRetailer): Promise<Side> {
  const [clock, warehouse] = [new MovableClock(START), new PoisonedWarehouse()];
  const service = await countedService({
    name: 'poison',
    retailer,
    resources: RESOURCES,
    wrap: warehouse.wrap,
    clock,
    // The 2,000 members are five standard deviations above the threshold: every answer is shown.
    random: seededRandom('poison'),
    env: {
      RELEASE_SLOT_MS: String(SLOT_MS),
      HAVEN_QUERY_DEADLINE_MS: String(DEADLINE_MS),
      HAVEN_RESERVATION_LEASE_MS: String(LEASE_MS),
    },
  });
  return { clock, warehouse, service, brand: new Caller(service.url, service.keys.analyst) };
}

let poisoned: Side;
let clean: Side;
const sides = (): Side[] => [poisoned, clean];

beforeAll(async () => {
  [poisoned, clean] = [await openSide(POISONED), await openSide(CLEAN)];
}, 60_000);

afterAll(() => Promise.all(sides().map(({ service }) => service.close())));

/** Asks for the size of a saved audience without waiting for it. */
async function ask({ brand, service }: Side, number: number): Promise<{ call: NamelessAnswer; at: SizeAddress }> {
  const audience = await brand.saved(spendsAtLeast(number), `Question ${number}`);
  const call = await brand.spend<AudienceSizeDto>(`/v1/audiences/${audience.id}/sizes?wait=0`, {});
  const at = { brandId: service.keys.brandId, audienceId: audience.id, releaseId: call.body.releaseId };
  return { call: nameless(call), at };
}

const stateOf = async ({ brand }: Side, { releaseId }: SizeAddress): Promise<string> =>
  (await brand.get<ReleaseViewDto>(`/v1/releases/${releaseId}`)).body.state;

/** Lets one slot after the other pass until there is what is waited for. */
const sooner = async <T>(
  { clock }: Side,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> =>
  await found(what, () => {
    clock.move(SLOT_MS);
    return look();
  });

/** What a brand reads of its budgets and of what it was charged. */
const spending = async ({ brand, service }: Side): Promise<NamelessAnswer[]> => [
  nameless(await brand.get('/v1/budgets')),
  nameless(await brand.get(`/v1/budgets/brand:${service.keys.brandId}/charges`)),
];

/** What a brand is told of one failure, without ids and without what else it has spent. */
async function fate({ brand, service }: Side, { releaseId, audienceId }: SizeAddress): Promise<object> {
  const { body } = await brand.get<ReleaseViewDto>(`/v1/releases/${releaseId}`);
  const { releaseId: _, budget: __, ...view } = body;
  const [listed] = (await brand.get<ReleasePage>(`/v1/audiences/${audienceId}/sizes`)).body.data;
  const charge = (await brand.charges(service.keys.brandId)).find((each) => each.releaseId === releaseId);
  const { data } = (await brand.get<AuditPage>('/v1/audit/entries?limit=200')).body;
  const entries = data.filter(({ resource }) => resource === releaseId);
  return {
    view,
    listed: { state: listed?.state, release: listed?.release },
    charge: { nanoRho: charge?.nanoRho, state: charge?.state },
    entries: entries.map(({ action, details }) => ({ action, details })),
  };
}

describe('where the rows of one member break the query', () => {
  const asked: { there: SizeAddress; gone: SizeAddress }[] = [];
  const told: object[] = [];

  it.each(POISON_NAMES)(
    '%s: until its slot nothing tells the database from the one without the member',
    async (poison) => {
      for (const { warehouse } of sides()) warehouse.poison = poison;
      const number = POISON_NAMES.indexOf(poison) + 1;
      const [there, gone] = [await ask(poisoned, number), await ask(clean, number)];
      const slots = [
        await settled(poisoned.service, there.at.releaseId),
        await settled(clean.service, gone.at.releaseId),
      ];
      expect(poisoned.warehouse.endings.at(-1)).toMatch(CLASSES[poison]);
      expect(clean.warehouse.endings.at(-1)).toBe('counted');
      expect(there.call).toEqual(gone.call);
      expect(slots).toEqual([START + 1_700, START + 1_700]);
      expect(await everythingRead(poisoned.brand, there.at)).toEqual(await everythingRead(clean.brand, gone.at));
      asked.push({ there: there.at, gone: gone.at });
    },
  );

  it('at the slot a failure stands where the answer is, and costs what it costs', async () => {
    for (const { clock } of sides()) clock.move(1_699);
    for (const { there } of asked) expect(await stateOf(poisoned, there)).toBe('RUNNING');
    for (const { clock } of sides()) clock.move(1);
    for (const { there, gone } of asked) {
      expect([await stateOf(poisoned, there), await stateOf(clean, gone)]).toEqual(['FAILED', 'SUCCEEDED']);
      told.push(await fate(poisoned, there));
      // What is compared above does tell once it may.
      expect(await everythingRead(poisoned.brand, there)).not.toEqual(await everythingRead(clean.brand, gone));
    }
    const [failed, answered] = await Promise.all(sides().map(spending));
    expect(failed).toEqual(answered);
  });

  it('a process that dies meanwhile is one failure more', async () => {
    const { warehouse, clock, service } = poisoned;
    const late = Promise.withResolvers<void>();
    [warehouse.poison, warehouse.held] = [null, late.promise];
    const counts = warehouse.endings.length;
    const { at } = await ask(poisoned, 10);
    await found('the count', () => warehouse.endings.length > counts || undefined);
    clock.move(LEASE_MS + 1);
    await service.app.get(ReleaseSettlementService, { strict: false }).reap();
    late.resolve();
    warehouse.held = Promise.resolve();
    await sooner(poisoned, 'the failure', async () => (await stateOf(poisoned, at)) === 'FAILED' || undefined);
    told.push(await fate(poisoned, at));
  });

  it('no failure can be told from another', () => {
    expect(told).toHaveLength(POISON_NAMES.length + 1);
    expect(told[0]).toMatchObject({
      view: { state: 'FAILED', release: null, failure: 'release-failed' },
      charge: { nanoRho: READ, state: 'committed' },
      entries: [{ action: 'release.burned' }],
    });
    for (const each of told) expect(each).toEqual(told[0]);
  });

  it('nor by a caller who waits', async () => {
    const problems: NamelessAnswer[] = [];
    for (const poison of POISON_NAMES) {
      poisoned.warehouse.poison = poison;
      let problem: NamelessAnswer | undefined;
      const call = poisoned.brand.estimate<Problem>(spendsAtLeast(20 + problems.length));
      void call.then((answer) => (problem = nameless(answer)));
      problems.push(await sooner(poisoned, 'the refusal', () => problem));
    }
    expect(problems[0]?.status).toBe(503);
    expect(problems[0]?.body).toMatch(
      /"code":"release-failed".*"charged":true|"charged":true.*"code":"release-failed"/,
    );
    for (const each of problems) expect(each).toEqual(problems[0]);
  });
});

/** A request whose caller hangs up once the query runs; resolves when the service has seen that. */
async function leave({ warehouse, service }: Side, body: object): Promise<void> {
  const server = service.app.getHttpServer();
  const connections = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  const counts = warehouse.endings.length;
  const headers = {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${service.keys.analyst}`,
    'Idempotency-Key': randomUUID(),
  };
  const call = request(`${service.url}/v1/audiences/estimate`, { method: 'POST', headers, agent: false });
  call.on('error', () => undefined).end(JSON.stringify(body));
  await found('the count', () => warehouse.endings.length > counts || undefined);
  const before = await connections();
  call.destroy();
  await found('the loss of the connection', async () => (await connections()) < before || undefined);
}

describe('a caller who leaves after the query began', () => {
  it('is charged, and finds the answer later', async () => {
    const { warehouse, brand, service } = clean;
    const late = Promise.withResolvers<void>();
    [warehouse.poison, warehouse.held] = [null, late.promise];
    const before = (await brand.month(service.keys.brandId)).committedNanoRho;
    await leave(clean, { definition: spendsAtLeast(40) });
    const [open] = (await brand.get<ReleasePage>('/v1/releases?limit=1')).body.data;
    const path = `/v1/releases/${open?.releaseId}`;
    expect(open?.state).toBe('RUNNING');
    expect(refusal(await brand.delete(path))).toEqual({ status: 405, code: 'method-not-allowed' });
    late.resolve();
    warehouse.held = Promise.resolve();
    const answered = async (): Promise<true | undefined> =>
      (await brand.get<ReleaseViewDto>(path)).body.release?.verdict === 'RELEASED' || undefined;
    expect(await sooner(clean, 'the answer', answered)).toBe(true);
    expect((await brand.month(service.keys.brandId)).committedNanoRho).toBe(before + READ);
    const again = await brand.estimate(spendsAtLeast(40));
    expect(again.body).toMatchObject({ releaseId: open?.releaseId, replayed: true, charged: { nanoRho: 0 } });
  });
});
