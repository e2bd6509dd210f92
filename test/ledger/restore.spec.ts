import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { MovableClock } from '#core';
import type { LedgerStateDto, ReconciledLedgerDto } from '../../src/releases/ledger-state.dto.ts';
import { Caller, refusal, releaseBytes } from '../e2e/client.ts';
import type { Problem } from '../e2e/client.ts';
import { largeAudience } from '../e2e/questions.ts';
import { createTestApplication } from '../harness/application.ts';
import type { TestApplication } from '../harness/application.ts';
import { eventually } from '../process/processes.ts';
import { backUp, restore } from './database-backup.ts';

const READ = 50_000;
const MONTH_READS = 5;
const MINUTE_MS = 60_000;
const REASON = 'the disk is gone';

beforeAll(() => Logger.overrideLogger(false));

describe('a service on a restored backup', () => {
  const clock = new MovableClock('2026-11-15T10:00:00.000Z');
  let service: TestApplication;
  let analyst: Caller;
  let manager: Caller;

  const callers = (): void => {
    analyst = new Caller(service.url, service.keys.analyst);
    manager = new Caller(service.url, service.keys.manager);
  };

  const gauge = async (): Promise<string | undefined> =>
    /^haven_ledger_read_only (\d)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];

  const reconcile = <Body>(key: string): ReturnType<typeof manager.spend<Body>> =>
    manager.spend<Body>('/admin/v1/ledger/reconcile', { reason: REASON }, key);

  let early: string;
  let lostRelease: string;
  let leftBefore: number;

  beforeAll(async () => {
    const env = { HAVEN_BRAND_MONTH_MICRO_RHO: String((MONTH_READS * READ) / 1_000) };
    service = await createTestApplication({ name: 'restore', clock, env });
    callers();
    early = releaseBytes(await analyst.estimate(largeAudience(0)));
    const backup = await backUp(service.database);
    await eventually('the service has its database again', 10_000, async () => {
      return (await fetch(`${service.url}/readyz`)).status === 200;
    });
    clock.move(MINUTE_MS);
    lostRelease = (await analyst.estimate(largeAudience(1))).body.releaseId;
    await analyst.estimate(largeAudience(2));
    leftBefore = (await analyst.month(service.keys.brandId)).leftReads;
    clock.move(MINUTE_MS);
    await restore(service.database, backup);
    service = await service.restart();
    callers();
  });

  afterAll(() => service.close());

  it('starts read-only, and tells the account manager what it has forgotten', async () => {
    expect(leftBefore).toBe(2);
    expect(await analyst.month(service.keys.brandId)).toMatchObject({ leftReads: 4 });
    const { body } = await manager.get<LedgerStateDto>('/admin/v1/ledger');
    const missing = { missingCharges: 2, missingNanoRho: 2 * READ, missingTheta: 0 };
    expect(body).toMatchObject({ state: 'READ_ONLY', reason: 'LEDGER_BEHIND' });
    expect(body.behind.toSorted((a, b) => a.budgetId.localeCompare(b.budgetId))).toEqual([
      { budgetId: `brand:${service.keys.brandId}`, ...missing },
      { budgetId: 'global:FR', ...missing },
    ]);
    expect(await gauge()).toBe('1');
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });

  it('answers no new question, charges nothing for it and keeps no key of it', async () => {
    for (const key of ['twice', 'twice']) {
      const answer = await analyst.spend<Problem>('/v1/audiences/estimate', { definition: largeAudience(3) }, key);
      expect(refusal(answer)).toEqual({ status: 503, code: 'ledger-read-only' });
      expect(answer.body.charged).toBe(false);
    }
    expect((await analyst.charges(service.keys.brandId)).map(({ nanoRho }) => nanoRho)).toEqual([READ]);
  });

  it('takes no entry by hand, which would stand for what it has forgotten', async () => {
    const entry = { kind: 'charge', nanoRho: 2 * READ, reason: 'told by phone' };
    const answer = await manager.spend<Problem>('/admin/v1/budgets/global:FR/adjustments', entry);
    expect(refusal(answer)).toEqual({ status: 503, code: 'ledger-read-only' });
  });

  it('gives what it still has, byte for byte, and nothing of what it has lost', async () => {
    expect(releaseBytes(await analyst.estimate(largeAudience(0)))).toBe(early);
    expect((await analyst.get(`/v1/releases/${lostRelease}`)).status).toBe(404);
    expect((await analyst.get('/v1/releases')).status).toBe(200);
    expect((await analyst.get('/v1/catalog/brands')).status).toBeLessThan(500);
  });

  it('is opened by a reconciliation, once, which only the account manager may do', async () => {
    const path = '/admin/v1/ledger/reconcile';
    expect(refusal(await analyst.post(path, { reason: 'mine' }))).toEqual({ status: 403, code: 'scope-missing' });
    expect(refusal(await manager.post(path, { reason: 'no key' }))).toEqual({
      status: 400,
      code: 'idempotency-key-required',
    });
    expect(refusal(await manager.spend(path, { reason: '' }))).toMatchObject({ status: 400, pointers: ['/reason'] });
    const key = randomUUID();
    const done = await reconcile<ReconciledLedgerDto>(key);
    expect(done.status).toBe(200);
    expect(done.body.charged.map(({ missingNanoRho }) => missingNanoRho)).toEqual([2 * READ, 2 * READ]);
    expect((await reconcile(key)).body).toEqual(done.body);
    expect(refusal(await reconcile<Problem>(randomUUID()))).toEqual({ status: 409, code: 'conflict' });
    const { body } = await manager.get<LedgerStateDto>('/admin/v1/ledger');
    expect(body).toMatchObject({ state: 'WRITABLE', reason: null, behind: [] });
    expect(await gauge()).toBe('0');
  });

  it('counts from then on what was lost: only two of five reads are left, and a lost question costs again', async () => {
    expect(await analyst.month(service.keys.brandId)).toMatchObject({ committedNanoRho: 3 * READ, leftReads: 2 });
    expect((await analyst.estimate(largeAudience(1))).body.charged.nanoRho).toBe(READ);
    expect((await analyst.estimate(largeAudience(3))).status).toBe(200);
    expect(refusal(await analyst.estimate<Problem>(largeAudience(4)))).toEqual({
      status: 409,
      code: 'privacy-budget-exhausted',
    });
  });

  it('still knows all that at the next start', async () => {
    service = await service.restart();
    callers();
    const { body } = await manager.get<LedgerStateDto>('/admin/v1/ledger');
    expect(body).toMatchObject({ state: 'WRITABLE', behind: [] });
    expect(await analyst.month(service.keys.brandId)).toMatchObject({ leftReads: 0 });
  });
});
