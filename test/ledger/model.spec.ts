import { rm } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import type { AsyncCommand } from 'fast-check';
import { DataSource } from 'typeorm';
import { MovableClock } from '#core';
import type { BudgetCaps } from '../../src/config/config.ts';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { AskCommand, CrashCommand, MoveClockCommand, ReapCommand } from './model-commands.ts';
import type { World } from './model-commands.ts';
import { LedgerModel } from './ledger-model.ts';
import { capsInReads, marksOf, openBrands, openGate } from './gate.ts';
import type { Gate } from './gate.ts';
import { BackUpCommand, ReconcileCommand, RestartCommand, RestoreCommand } from './restore-commands.ts';
import { dropCopies, emptyTables } from './table-backup.ts';

const RUNS = 200;
const RUNS_WITH_RESTORES = 120;
const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Small enough that a dozen questions run into each; a brand's month is its year, so that both ends of a year count. */
const BUDGETS = capsInReads({ globalMonth: 5, globalYear: 7, brandMonth: 3, brandYear: 3 });

/** Wide enough that much is spent between a backup and its restoring, and still met. */
const WIDE = capsInReads({ globalMonth: 12, globalYear: 16, brandMonth: 8, brandYear: 10 });

let connection: DatabaseConnection;
let administrator: DataSource;
let clock: MovableClock;
let brands: readonly string[];

beforeAll(async () => {
  Logger.overrideLogger(false);
  connection = await createTestDatabase('model');
  administrator = await new DataSource(dataSourceOptions(connection)).initialize();
  clock = new MovableClock(0);
  brands = await openBrands(administrator.manager, 2);
});

afterAll(() => administrator.destroy());

const asked = {
  brand: fc.nat(1),
  country: fc.constantFrom('FR' as const, 'FR' as const, 'ES' as const),
  population: fc.nat(4),
  precision: fc.constantFrom('standard' as const, 'standard' as const, 'coarse' as const),
};

const ask = fc
  .record({ ...asked, outcome: fc.constantFrom('answers', 'answers', 'answers', 'refundable', 'burning') })
  .map((chosen) => new AskCommand(chosen));

const crash = fc
  .record({ ...asked, state: fc.constantFrom('reserved' as const, 'running' as const) })
  .map((chosen) => new CrashCommand(chosen));

const FORWARD = [LEASE_MS / 2, LEASE_MS, 12 * HOUR_MS, DAY_MS, 31 * DAY_MS, 333 * DAY_MS, 364 * DAY_MS];

const moveBy = (milliseconds: readonly number[]): fc.Arbitrary<MoveClockCommand> =>
  fc.constantFrom(...milliseconds).map((each) => new MoveClockCommand(each));

const moves = moveBy([...FORWARD, -2 * HOUR_MS]);
const forward = moveBy(FORWARD);
const reap = fc.constant(null).map(() => new ReapCommand());
const restart = fc.constant(null).map(() => new RestartCommand());
const backUp = fc.constant(null).map(() => new BackUpCommand());
const restore = fc.nat(9).map((which) => new RestoreCommand(which));
const reconcile = fc.constant(null).map(() => new ReconcileCommand());

const SIZE = { maxCommands: 30, size: 'large' } as const;
/** Six questions for every crash, move and reaping. */
const commands = fc.commands([ask, ask, ask, ask, ask, ask, crash, crash, moves, moves, reap], SIZE);
/** What was forgotten counts for the day on which it is charged: a clock that is set back meanwhile is not provided for. */
const beside = [ask, ask, ask, ask, ask, crash, forward, reap, restart, backUp, backUp];
const withRestores = fc.commands([...beside, restore, restore, reconcile, reconcile], SIZE);
const withLostMarks = fc.commands(
  [...beside, fc.nat(9).map((which) => new RestoreCommand(which, 'database and marks'))],
  SIZE,
);

let reconciled = 0;

/** Runs the commands on an empty ledger and a process of its own. */
const runAll =
  (budgets: BudgetCaps) =>
  async (sequence: Iterable<AsyncCommand<LedgerModel, World>>): Promise<void> => {
    await emptyTables(administrator);
    await rm(marksOf(connection), { recursive: true, force: true });
    clock.move(Date.parse('2026-11-30T23:00:00Z') - clock.now());
    const model = new LedgerModel(budgets, LEASE_MS, clock.now());
    const open = (): Promise<Gate> => openGate({ connection, clock, budgets, leaseMs: LEASE_MS });
    const marks = marksOf(connection);
    const real: World = { gate: await open(), clock, brands, marks, open, administrator, reconciled: 0 };
    try {
      await fc.asyncModelRun(() => ({ model, real }), sequence);
    } finally {
      await real.gate.close();
      await dropCopies(administrator, model.backups.length);
      reconciled += real.reconciled;
    }
  };

describe('the release gate, under any order of questions, failures, deaths and leaps of the clock', () => {
  it('spends, replays, refunds and refuses as its model says, and never passes a cap', async () => {
    await fc.assert(fc.asyncProperty(commands, runAll(BUDGETS)), { numRuns: RUNS, seed: 20_261_120 });
  }, 180_000);

  it('forgets nothing that was answered over restarts and restored backups, and charges exactly what it has forgotten', async () => {
    await fc.assert(fc.asyncProperty(withRestores, runAll(WIDE)), { numRuns: RUNS_WITH_RESTORES, seed: 20_261_120 });
    expect(reconciled).toBeGreaterThan(20);
  }, 180_000);

  it('would forget where the marks are restored with the database: the model tells', async () => {
    const run = fc.asyncProperty(withLostMarks, runAll(WIDE));
    const { failed, errorInstance } = await fc.check(run, { numRuns: 50, seed: 20_261_120, endOnFailure: true });
    expect(failed).toBe(true);
    expect(String(errorInstance)).toContain('has forgotten what was answered');
  }, 180_000);
});
