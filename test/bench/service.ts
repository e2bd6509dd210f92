import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withProgram } from './resources.ts';
import { SERVICE_SECRET } from './retailer.ts';

/** The real service in a process of its own. */
export interface RunningService {
  readonly url: string;
  /** Headers that authenticate the demo's analyst. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Caps and rates out of the way, no slots: what is measured is the work, not the waiting. */
export const UNLIMITED = {
  HAVEN_PORT: '0',
  RELEASE_SLOT_MS: '0',
  HAVEN_RATE_PER_MINUTE: '1000000',
  HAVEN_SPEND_RATE_PER_HOUR: '1000000',
  HAVEN_GLOBAL_MONTH_MICRO_RHO: '100000000',
  HAVEN_GLOBAL_YEAR_MICRO_RHO: '100000000',
  HAVEN_BRAND_MONTH_MICRO_RHO: '100000000',
  HAVEN_BRAND_YEAR_MICRO_RHO: '100000000',
  HAVEN_AGENCY_MONTH_MICRO_RHO: '100000000',
  HAVEN_ALLOW_OVERCOMMIT: 'true',
} as const;

const START_MS = 120_000;

/**
 * Runs the compiled service on a data folder while the work lasts.
 *
 * @param dataDir holds `warehouse.duckdb`, made with the bench's secret.
 */
export async function withService<R>(dataDir: string, work: (service: RunningService) => Promise<R>): Promise<R> {
  return await withProgram(
    {
      program: 'dist/src/main.js',
      env: { ...UNLIMITED, HAVEN_DATA_DIR: dataDir, HAVEN_SERVICE_SECRET: SERVICE_SECRET },
      told: (line) => /^\s*API\s+(http:\S+)$/.exec(line)?.[1],
      withinMs: START_MS,
    },
    async (url) => {
      const keys = JSON.parse(readFileSync(join(dataDir, 'secrets/demo-keys.json'), 'utf8')) as { analyst: string };
      return await work({ url, headers: { Authorization: `Bearer ${keys.analyst}` } });
    },
  );
}
