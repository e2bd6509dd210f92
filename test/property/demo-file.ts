import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildDemoRetailer } from '#demo';
import { DuckDbWarehouse, IdentifierKey } from '#warehouse';
import { readRetail } from './retail.ts';
import type { Retail } from './retail.ts';
import { roughen } from './rough-edges.ts';

/** Of the demo retailer: its loyalty numbers depend on it. */
export const DEMO_SEED = 20_250_831;

/** 31 August: months before it are shorter, and the 24 months of history hold a 29 February and 731 days. */
const DATA_THROUGH = '2025-08-31';

const PEPPER = Buffer.alloc(32, 'pepper of a test');

/** One warehouse file twice: its rows in memory, and behind the door through which the product counts. */
export interface DemoFile {
  readonly retail: Retail;
  readonly warehouse: DuckDbWarehouse;
  close(): Promise<void>;
}

/** Makes a demo retailer with rough edges in a directory of its own, which `close` removes. */
export async function openDemoFile(members: number): Promise<DemoFile> {
  const directory = await mkdtemp(join(tmpdir(), 'haven-property-'));
  const path = join(directory, 'demo.duckdb');
  const resources = { threads: 2, memoryLimit: '1GB' };
  const plan = { members, seed: DEMO_SEED, dataThrough: DATA_THROUGH };
  await buildDemoRetailer({ path, ...plan, pepper: PEPPER, pepperVersion: 1, resources });
  const retail = await readRows(path);
  const warehouse = await DuckDbWarehouse.open({ path, identifierKey: new IdentifierKey(PEPPER, 1), ...resources });
  return {
    retail,
    warehouse,
    close: async () => {
      await warehouse.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function readRows(path: string): Promise<Retail> {
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    await roughen(connection);
    return await readRetail(connection);
  } finally {
    instance.closeSync();
  }
}
