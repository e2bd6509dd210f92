import { DomainError, MovableClock, RawCount } from '#core';
import { LedgerEntriesService } from '../../src/releases/ledger-entries.service.ts';
import type { WindowLoss } from '../../src/releases/odometer.ts';
import { READ_NANO_RHO } from '../../src/releases/precision.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { openBrands, openGate, question, request } from './gate.ts';
import type { Gate } from './gate.ts';

const SLOT_MS = 1_000;
/** Into the slot, so that what is opened and settled now is shown 1,700 ms later. */
const SETTLED_AT = Date.parse('2026-11-10T12:00:00.300Z');

let clock: MovableClock;
let gate: Gate;
let charges: LedgerEntriesService;
let brandId: string;

beforeEach(async () => {
  clock = new MovableClock(SETTLED_AT);
  gate = await openGate({ connection: await createTestDatabase('slots'), clock, slotMs: SLOT_MS });
  charges = new LedgerEntriesService(gate.source, gate.context);
  [brandId = ''] = await openBrands(gate.source.manager, 1);
});

afterEach(async () => {
  await gate.close();
});

const nanoRhoOf = (loss: WindowLoss | undefined): { committed: bigint | undefined; reserved: bigint | undefined } => ({
  committed: loss?.committed.nanoRho,
  reserved: loss?.reserved.nanoRho,
});

/** Everything but the release itself that could tell when its query ended. */
async function seen(): Promise<object> {
  const [, brand] = await gate.odometer.readings([{ country: 'FR', brandId }]);
  const listed = await charges.list(`brand:${brandId}`, 10);
  const entries = await gate.audit.list(brandId, 10);
  return {
    month: nanoRhoOf(brand?.windows.month),
    states: listed.map(({ state }) => state),
    audited: entries.map(({ action, at }) => ({ action, at })),
    verified: await gate.audit.verify(brandId),
  };
}

const held = { committed: 0n, reserved: READ_NANO_RHO };
const BEFORE = { month: held, states: ['reserved'], audited: [], verified: { entries: '0', firstBrokenSeq: null } };

/** Asks, and resolves once the database holds the outcome: the slot is still to come, since the clock stands. */
async function settle(measure: () => Promise<RawCount>): Promise<void> {
  const outcome = await gate.releases.release(request(question(brandId, 1), { measure, waitMs: 2_000 }));
  expect(outcome.visible).toBe(false);
  const row = await gate.store.find(outcome.row.id);
  expect(row?.visibleAt).toBe(SETTLED_AT + 1_700);
}

describe('when a query ended', () => {
  it.each([
    ['an answer', () => Promise.resolve(new RawCount(50_000n)), 'committed', 'release.committed'],
    [
      'a failure that keeps its charge',
      () => Promise.reject(new DomainError('warehouse-limit', { public: 'too long' })),
      'committed',
      'release.burned',
    ],
    [
      'a refund',
      () => Promise.reject(new DomainError('warehouse-busy', { public: 'busy' })),
      'refunded',
      'release.refunded',
    ],
  ] as const)(
    'cannot be told from budgets, charges and audit before the slot: %s',
    async (_, measure, state, action) => {
      await settle(measure);
      expect(await seen()).toEqual(BEFORE);

      clock.move(1_699);
      expect(await seen()).toEqual(BEFORE);

      clock.move(1);
      expect(await seen()).toEqual({
        month: state === 'committed' ? { committed: READ_NANO_RHO, reserved: 0n } : { committed: 0n, reserved: 0n },
        states: [state],
        audited: [{ action, at: '2026-11-10T12:00:02.000Z' }],
        verified: { entries: '1', firstBrokenSeq: null },
      });
    },
  );

  it('does not loosen the cap meanwhile', async () => {
    await settle(() => Promise.resolve(new RawCount(50_000n)));
    const [, brand] = await gate.odometer.readings([{ country: 'FR', brandId }]);
    const month = nanoRhoOf(brand?.windows.month);
    expect((month.committed ?? 0n) + (month.reserved ?? 0n)).toBe(READ_NANO_RHO);
  });
});
