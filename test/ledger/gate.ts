import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { RawCount, newId, systemClock } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../../src/audit/audit.service.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { BudgetCaps, Config } from '../../src/config/config.ts';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { dataSourceOptions } from '../../src/database/data-source.ts';
import { BudgetFilterService } from '../../src/releases/budget-filter.service.ts';
import { BudgetOdometerService } from '../../src/releases/budget-odometer.service.ts';
import { BudgetOpeningService } from '../../src/releases/budget-opening.service.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import { HighWaterMarkService } from '../../src/releases/high-water-mark.service.ts';
import { LedgerRestoreService } from '../../src/releases/ledger-restore.service.ts';
import { LedgerTotalsService } from '../../src/releases/ledger-totals.service.ts';
import { READ_NANO_RHO } from '../../src/releases/precision.ts';
import { noiseSource } from '../../src/releases/noise-source.ts';
import type { RandomSource } from '../../src/releases/noise-source.ts';
import { ReleaseContext } from '../../src/releases/release-context.ts';
import type { CountQuestion } from '../../src/releases/release-question.ts';
import { ReleaseSettlementService } from '../../src/releases/release-settlement.service.ts';
import { ReleaseStoreService } from '../../src/releases/release-store.service.ts';
import { ReleaseWaitService } from '../../src/releases/release-wait.service.ts';
import { ReleasesService } from '../../src/releases/releases.service.ts';
import type { ReleaseRequest } from '../../src/releases/releases.service.ts';

export interface GateOptions {
  readonly connection: DatabaseConnection;
  readonly clock?: Clock;
  readonly budgets?: BudgetCaps;
  readonly leaseMs?: number;
  readonly slotMs?: number;
  /** What the noise is drawn from; the operating system’s generator when absent. */
  readonly random?: RandomSource;
  /** Where the high-water marks are kept; by default all gates on one database share a folder. */
  readonly marks?: HighWaterFolder;
  /** Puts another keeper of the marks in the place of the real one. */
  readonly makeHighWater?: (...parts: ConstructorParameters<typeof HighWaterMarkService>) => HighWaterMarkService;
  /** Over the options of the connection pool. */
  readonly pool?: Readonly<Record<string, unknown>>;
  /** Puts a faulty store in the place of the real one. */
  readonly makeStore?: (source: DataSource) => ReleaseStoreService;
}

/** The release gate of one process: the real services on a pool of their own, without HTTP and the job queue. */
export interface Gate {
  readonly source: DataSource;
  readonly config: Config;
  readonly clock: Clock;
  readonly audit: AuditService;
  readonly context: ReleaseContext;
  readonly store: ReleaseStoreService;
  readonly opening: BudgetOpeningService;
  readonly filter: BudgetFilterService;
  readonly odometer: BudgetOdometerService;
  readonly settlement: ReleaseSettlementService;
  readonly waiting: ReleaseWaitService;
  readonly releases: ReleasesService;
  readonly highWater: HighWaterMarkService;
  readonly restore: LedgerRestoreService;
  readonly close: () => Promise<void>;
}

/** Budgets whose windows can be made narrow. */
type CapName = 'globalMonth' | 'globalYear' | 'brandMonth' | 'brandYear' | 'agencyMonth' | 'campaignTotal';

/** Caps in reads, the price of one standard size; agencies and campaigns have a brand's month unless they are named. */
export const capsInReads = (
  caps: Readonly<Record<'globalMonth' | 'globalYear' | 'brandMonth' | 'brandYear', number>> &
    Partial<Record<CapName, number>>,
): BudgetCaps => ({
  globalMonth: BigInt(caps.globalMonth) * READ_NANO_RHO,
  globalYear: BigInt(caps.globalYear) * READ_NANO_RHO,
  brandMonth: BigInt(caps.brandMonth) * READ_NANO_RHO,
  brandYear: BigInt(caps.brandYear) * READ_NANO_RHO,
  agencyMonth: BigInt(caps.agencyMonth ?? caps.brandMonth) * READ_NANO_RHO,
  campaignTotal: BigInt(caps.campaignTotal ?? caps.brandMonth) * READ_NANO_RHO,
  allowOvercommit: true,
});

/** Signs the marks of all gates. */
export const MARK_KEY = Buffer.alloc(32, 0x4d);

/** The folder of the marks of one database, which goes with the test cluster. */
export function marksOf({ database }: DatabaseConnection): string {
  const cache = process.env['TEST_WAREHOUSE_CACHE'];
  if (cache === undefined) throw new Error('TEST_WAREHOUSE_CACHE is unset: the Jest project must name global-setup.ts');
  return join(dirname(cache), 'marks', database);
}

export async function openGate(options: GateOptions): Promise<Gate> {
  const { connection, clock = systemClock, slotMs = 0, leaseMs = 30_000 } = options;
  const defaults = loadConfig({ RELEASE_SLOT_MS: String(slotMs) });
  const budgets = options.budgets ?? defaults.budgets;
  const config: Config = { ...defaults, budgets, reservationLeaseMs: leaseMs };
  const product = dataSourceOptions(connection);
  const extra = { ...(product as { extra?: object }).extra, ...options.pool };
  const source = new DataSource({ ...product, extra });
  await source.initialize();
  const audit = new AuditService(source, clock);
  const folder = options.marks ?? new HighWaterFolder(marksOf(connection), MARK_KEY);
  const totals = new LedgerTotalsService(source);
  const makeHighWater = options.makeHighWater ?? ((...parts) => new HighWaterMarkService(...parts));
  const highWater = makeHighWater(totals, folder, clock);
  const context = new ReleaseContext(config, clock, audit, noiseSource(false, options.random), highWater);
  const store = options.makeStore?.(source) ?? new ReleaseStoreService(source);
  const opening = new BudgetOpeningService(source, config);
  const filter = new BudgetFilterService(opening);
  const odometer = new BudgetOdometerService(source, opening, context);
  const settlement = new ReleaseSettlementService(source, store, filter, context);
  const waiting = new ReleaseWaitService(store, context);
  const releases = new ReleasesService(source, store, filter, settlement, waiting, context);
  const restore = new LedgerRestoreService(source, highWater, opening, audit, clock);
  try {
    await highWater.onModuleInit();
  } catch (error) {
    await source.destroy();
    throw error;
  }
  const close = async (): Promise<void> => {
    await releases.beforeApplicationShutdown();
    await source.destroy();
  };
  return {
    source,
    config,
    clock,
    audit,
    context,
    store,
    opening,
    filter,
    odometer,
    settlement,
    waiting,
    releases,
    highWater,
    restore,
    close,
  };
}

/** Opens brands that can be charged; gives their ids. */
export async function openBrands(manager: EntityManager, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('brand', Date.now()));
  await manager.query(
    `INSERT INTO brand (id, name, manufacturer, created_at) SELECT id, id, id, now() FROM unnest($1::text[]) AS id`,
    [ids],
  );
  return ids;
}

export const question = (brandId: string, population: number, more: Partial<CountQuestion> = {}): CountQuestion => ({
  kind: 'audience-size',
  brandId,
  country: 'FR',
  dataVersion: 1,
  population: { members: population },
  purposes: ['audience_measurement'],
  precision: 'standard',
  ...more,
});

/** A request whose query counts 50,000 members, far above the minimum cohort. */
export const request = (asked: CountQuestion, more: Partial<ReleaseRequest> = {}): ReleaseRequest => ({
  question: asked,
  data: {
    country: asked.country,
    version: asked.dataVersion,
    historyFrom: '2024-11-01',
    dataThrough: '2026-10-31',
    consentAsOf: '2026-11-01T00:00:00.000Z',
  },
  actor: { id: 'key_test' },
  measure: () => Promise.resolve(new RawCount(50_000n)),
  waitMs: 20_000,
  ...more,
});
