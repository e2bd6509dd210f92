import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { MovableClock, RawCount, systemClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { releaseKey } from '../../src/releases/release-question.ts';
import { ReleaseStoreService } from '../../src/releases/release-store.service.ts';
import type { ReleaseRow } from '../../src/releases/release-store.service.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { eventually } from '../process/processes.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import { openBrands, openGate, question, request } from './gate.ts';
import type { Gate, GateOptions } from './gate.ts';
import { MortalConnections } from './mortal-connections.ts';

const LEASE_MS = 30_000;

let connection: DatabaseConnection;
let clock: MovableClock;
let gates: Gate[];
let brandId: string;
let other: Gate;

/** A query that ends when it is told to. */
class HeldQuery {
  readonly begun = Promise.withResolvers<void>();
  readonly result = Promise.withResolvers<RawCount>();

  readonly measure = (): Promise<RawCount> => {
    this.begun.resolve();
    return this.result.promise;
  };

  finish(): void {
    this.result.resolve(new RawCount(50_000n));
  }
}

async function gateOf(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = await openGate({ connection, clock, leaseMs: LEASE_MS, ...options });
  gates.push(gate);
  return gate;
}

const stateOf = async (manager: EntityManager): Promise<string[]> =>
  (await readBooks(manager)).releases.map(({ state }) => state);

async function expectBalance(): Promise<void> {
  expect(faultsOf(await readBooks(other.source.manager))).toEqual([]);
}

beforeAll(() => Logger.overrideLogger(false));

beforeEach(async () => {
  connection = await createTestDatabase('leases');
  clock = new MovableClock('2026-11-20T12:00:00Z');
  gates = [];
  other = await gateOf();
  [brandId = ''] = await openBrands(other.source.manager, 1);
});

afterEach(async () => {
  await expectBalance();
  for (const gate of gates) await gate.close();
});

describe('a worker that outlives its lease', () => {
  it('drops its answer once somebody has settled the release, and the charge stays', async () => {
    const gate = await gateOf();
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    clock.move(LEASE_MS);
    expect(await other.settlement.reap()).toBe(1);
    query.finish();
    expect((await call).row).toMatchObject({ state: 'burned', answer: null });
    expect((await readBooks(other.source.manager)).charges.map(({ state }) => state)).toEqual([
      'committed',
      'committed',
    ]);
  });

  it('still answers while nobody has settled it', async () => {
    const gate = await gateOf();
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    clock.move(10 * LEASE_MS);
    query.finish();
    expect((await call).row).toMatchObject({ state: 'committed' });
    expect(await other.settlement.reap()).toBe(0);
  });

  it('never runs its query when it wakes after its reservation was given back', async () => {
    const sleep = Promise.withResolvers<void>();
    const reserved = Promise.withResolvers<void>();
    class SleepyStore extends ReleaseStoreService {
      override async start(...args: Parameters<ReleaseStoreService['start']>): Promise<boolean> {
        reserved.resolve();
        await sleep.promise;
        return await super.start(...args);
      }
    }
    const gate = await gateOf({ makeStore: (source) => new SleepyStore(source) });
    let queries = 0;
    const measure = (): Promise<RawCount> => Promise.resolve(new RawCount(BigInt(++queries)));
    const call = gate.releases.release(request(question(brandId, 1), { measure }));
    await reserved.promise;
    clock.move(LEASE_MS);
    await other.settlement.reap();
    sleep.resolve();
    expect((await call).row).toMatchObject({ state: 'refunded', answer: null });
    expect(queries).toBe(0);
  });

  it('gives its question to the next caller, who is charged for a query of its own', async () => {
    const gate = await gateOf();
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    clock.move(LEASE_MS);
    const second = await other.releases.release(request(question(brandId, 1)));
    expect(second).toMatchObject({ replayed: false, chargedNanoRho: 50_000n });
    query.finish();
    expect((await call).row.state).toBe('burned');
    expect((await stateOf(other.source.manager)).toSorted()).toEqual(['burned', 'committed']);
  });
});

describe('a lease', () => {
  it('that is renewed after a settler has read it as expired keeps the release alive', async () => {
    const gate = await gateOf();
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    clock.move(LEASE_MS);
    const [seen] = (await other.store.expired(clock.now(), 1)) as [ReleaseRow];
    await gate.store.renewLease(seen.id, clock.now() + LEASE_MS);
    await other.settlement.settleIfExpired(seen);
    expect(await stateOf(other.source.manager)).toEqual(['running']);
    query.finish();
    expect((await call).row.state).toBe('committed');
  });

  it('is renewed while the query runs', async () => {
    const gate = await gateOf({ clock: systemClock, leaseMs: 300 });
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    const [begun] = await other.source.query<{ lease_until: Date }[]>('SELECT lease_until FROM release');
    await eventually('the lease is a second longer', 10_000, async () => {
      const [now] = await other.source.query<{ lease_until: Date }[]>('SELECT lease_until FROM release');
      return Number(now?.lease_until) - Number(begun?.lease_until) > 1_000;
    });
    query.finish();
    expect((await call).row.state).toBe('committed');
  });

  it('that cannot be renewed, for want of a database, brings nothing down, and the answer is stored when it is back', async () => {
    const connections = new MortalConnections();
    const gate = await gateOf({ clock: systemClock, leaseMs: 150, pool: { Client: connections.Client } });
    const query = new HeldQuery();
    const call = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    await query.begun.promise;
    connections.cut();
    await eventually('renewals have failed', 10_000, () => connections.refused >= 3);
    connections.heal();
    query.finish();
    expect((await call).row.state).toBe('committed');
  });
});

describe('expired releases', () => {
  it('are settled by the next caller of the same question, without waiting for the reaper', async () => {
    await abandon(2, 'reserved');
    clock.move(LEASE_MS);
    const asked = await other.releases.release(request(question(brandId, 2)));
    expect(asked).toMatchObject({ replayed: false, row: { state: 'committed' } });
    expect((await stateOf(other.source.manager)).toSorted()).toEqual(['committed', 'refunded']);
  });

  it('that cannot be settled do not keep the others from it', async () => {
    const stuck = await abandon(1, 'running');
    clock.move(1_000);
    await abandon(2, 'running');
    await abandon(3, 'reserved');
    clock.move(LEASE_MS);
    // Its charge is gone, so it can be settled neither way.
    await other.source.query('DELETE FROM budget_charge WHERE release_id = $1', [stuck]);
    await other.settlement.reap();
    expect((await stateOf(other.source.manager)).toSorted()).toEqual(['burned', 'refunded', 'running']);
    await other.source.query(
      `WITH gone AS (DELETE FROM release WHERE id = $1) UPDATE budget_day SET reserved_nrho = 0`,
      [stuck],
    );
  });

  it('are settled once when two reap at the same moment', async () => {
    for (let population = 0; population < 10; population++) await abandon(population, 'running');
    const gate = await gateOf();
    clock.move(LEASE_MS);
    await Promise.all([gate.settlement.reap(), other.settlement.reap()]);
    expect(new Set(await stateOf(other.source.manager))).toEqual(new Set(['burned']));
    expect(await other.audit.verify(brandId)).toEqual({ entries: '10', firstBrokenSeq: null });
  });
});

describe('a stop', () => {
  it('lets what runs end and begins nothing, so that it burns no charge', async () => {
    const inserting = Promise.withResolvers<void>();
    const proceed = Promise.withResolvers<void>();
    class SlowStore extends ReleaseStoreService {
      override async insertReserved(...args: Parameters<ReleaseStoreService['insertReserved']>): Promise<boolean> {
        if (args[1].releaseKey === releaseKey(slow)) {
          inserting.resolve();
          await proceed.promise;
        }
        return await super.insertReserved(...args);
      }
    }
    const slow = question(brandId, 2);
    const gate = await gateOf({ makeStore: (source) => new SlowStore(source) });
    const query = new HeldQuery();
    const running = gate.releases.release(request(question(brandId, 1), { measure: query.measure }));
    const reserving = gate.releases.release(request(slow));
    await Promise.all([query.begun.promise, inserting.promise]);
    const stopped = gate.releases.beforeApplicationShutdown();
    await expect(gate.releases.release(request(question(brandId, 3)))).rejects.toMatchObject({
      code: 'service-unavailable',
      text: { extensions: { charged: false } },
    });
    query.finish();
    proceed.resolve();
    await stopped;
    expect(new Set(await stateOf(other.source.manager))).toEqual(new Set(['committed']));
    expect((await running).row.state).toBe('committed');
    expect((await reserving).row.state).toBe('committed');
  });

  it('still answers what was answered before', async () => {
    const gate = await gateOf();
    const first = await gate.releases.release(request(question(brandId, 1)));
    await gate.releases.beforeApplicationShutdown();
    const again = await gate.releases.release(request(question(brandId, 1)));
    expect(again).toMatchObject({ replayed: true, row: { answer: first.row.answer } });
  });
});

/** Leaves a release behind as a process that died in this state does; gives its id. */
async function abandon(population: number, state: 'reserved' | 'running'): Promise<string> {
  const connections = new MortalConnections();
  class DyingStore extends ReleaseStoreService {
    override async start(...args: Parameters<ReleaseStoreService['start']>): Promise<boolean> {
      if (state === 'running') await super.start(...args);
      connections.cut();
      return false;
    }
  }
  const gate = await gateOf({ pool: { Client: connections.Client }, makeStore: (source) => new DyingStore(source) });
  await gate.releases.release(request(question(brandId, population))).catch(() => undefined);
  const { releases } = await readBooks(other.source.manager);
  return releases.at(-1)?.id ?? '';
}
