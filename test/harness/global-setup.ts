import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What the teardown needs; the two are loaded apart and share only the global object. */
export interface RunningCluster {
  readonly owner: ChildProcess;
  readonly folder: string;
}

declare global {
  var testCluster: RunningCluster | undefined;
}

/**
 * Starts one PostgreSQL cluster without fsync for every project that names this file, and tells the workers through
 * `TEST_POSTGRES`, which they inherit; so they do where a retailer built by one of them is kept for the others. A process of its own holds it, so that it ends with Jest however Jest ends.
 */
export default async function globalSetup(): Promise<void> {
  if (globalThis.testCluster) return;
  const folder = await mkdtemp(join(tmpdir(), 'haven-test-'));
  const program = join(import.meta.dirname, 'postgres-owner.ts');
  const owner = spawn(process.execPath, ['--conditions=source', program, folder, 'fast'], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  globalThis.testCluster = { owner, folder };
  process.env['TEST_WAREHOUSE_CACHE'] = join(folder, 'warehouses');
  process.env['TEST_POSTGRES'] = JSON.stringify(await firstLine(owner));
}

async function firstLine(owner: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<unknown> {
  for await (const line of createInterface(owner.stdout)) {
    const { connection, error } = JSON.parse(line) as { connection?: unknown; error?: string };
    if (connection) return connection;
    throw new Error(`the test cluster did not start: ${error}`);
  }
  throw new Error('the test cluster ended before it was ready');
}
