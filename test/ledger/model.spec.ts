import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { MovableClock } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { createTestDatabase } from '../harness/postgres.ts';
import { AskCommand, CrashCommand, MoveClockCommand, ReapCommand } from './model-commands.ts';
import type { World } from './model-commands.ts';
import { LedgerModel } from './ledger-model.ts';
import { capsInReads, openBrands, openGate } from './gate.ts';
import type { Gate } from './gate.ts';

const RUNS = 200;
const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Small enough that a dozen questions run into each; a brand's month is its year, so that both ends of a year count. */
const BUDGETS = capsInReads({ globalMonth: 5, globalYear: 7, brandMonth: 3, brandYear: 3 });

let connection: DatabaseConnection;
let gate: Gate;
let clock: MovableClock;
let brands: readonly string[];

beforeAll(async () => {
  Logger.overrideLogger(false);
  connection = await createTestDatabase('model');
  clock = new MovableClock(0);
  gate = await openGate({ connection, clock, budgets: BUDGETS, leaseMs: LEASE_MS });
  brands = await openBrands(gate.source.manager, 2);
});

afterAll(() => gate.close());

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

const moves = fc
  .constantFrom(LEASE_MS / 2, LEASE_MS, 12 * HOUR_MS, DAY_MS, 31 * DAY_MS, 333 * DAY_MS, 364 * DAY_MS, -2 * HOUR_MS)
  .map((milliseconds) => new MoveClockCommand(milliseconds));

const reap = fc.constant(null).map(() => new ReapCommand());

/** Six questions for every crash, move and reaping. */
const commands = fc.commands([ask, ask, ask, ask, ask, ask, crash, crash, moves, moves, reap], {
  maxCommands: 30,
  size: 'large',
});

async function newWorld(): Promise<{ model: LedgerModel; real: World }> {
  await gate.source.query('TRUNCATE release, budget_day CASCADE');
  clock.move(Date.parse('2026-11-30T23:00:00Z') - clock.now());
  return { model: new LedgerModel(BUDGETS, LEASE_MS, clock.now()), real: { gate, clock, brands } };
}

describe('the release gate, under any order of questions, failures, deaths and leaps of the clock', () => {
  it('spends, replays, refunds and refuses as its model says, and never passes a cap', async () => {
    const property = fc.asyncProperty(commands, async (sequence) => {
      const world = await newWorld();
      await fc.asyncModelRun(() => world, sequence);
    });
    await fc.assert(property, { numRuns: RUNS, seed: 20_261_120 });
  }, 180_000);
});
