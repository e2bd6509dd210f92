import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '#core';
import { buildDemoRetailer } from '#demo';
import type { DemoProgress } from '#demo';
import { DuckDbWarehouse, IdentifierKey } from '#warehouse';
import type { Warehouse } from '#warehouse';
import type { Config } from '../config/config.ts';
import type { ServiceKeys } from '../config/service-keys.ts';

/** Last business day of the demo retailer: fixed, so that the same seed gives the same retailer on every day. */
export const DEMO_DATA_THROUGH = '2026-10-31';

/**
 * Opens the embedded warehouse of the data folder; at the first start a demo retailer is made for it.
 *
 * @throws DomainError `warehouse-unavailable` when there is none in production: invented members have no place there.
 */
export async function openWarehouse(
  config: Config,
  keys: ServiceKeys,
  onProgress: (progress: DemoProgress) => void,
): Promise<Warehouse> {
  const path = join(config.dataDir, 'warehouse.duckdb');
  const { pepperVersion } = keys;
  const pepper = keys.pepper.reveal();
  if (!existsSync(path)) {
    if (config.production) throw noWarehouse(path);
    const { demoMembers: members, demoSeed: seed } = config;
    await buildDemoRetailer({ path, members, seed, pepper, pepperVersion, dataThrough: DEMO_DATA_THROUGH, onProgress });
  }
  return await DuckDbWarehouse.open({ path, identifierKey: new IdentifierKey(pepper, pepperVersion) });
}

const noWarehouse = (path: string): DomainError =>
  new DomainError('warehouse-unavailable', {
    public: 'The loyalty data cannot be reached.',
    internal: `there is no warehouse at ${path}, and production makes no demo data`,
  });
