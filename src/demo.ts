import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainFailure } from './boot/explain-failure.ts';
import { DEMO_DATA_THROUGH } from './boot/open-warehouse.ts';
import { showProgress } from './boot/progress.ts';
import { startService } from './boot/service.ts';
import type { Service } from './boot/service.ts';
import { walkTour } from './boot/tour.ts';
import { tourMember } from './boot/tour-audiences.ts';
import { FetchClient } from './boot/tour-client.ts';
import { TourFailure } from './boot/tour-steps.ts';
import { loadConfig } from './config/config.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/environment.ts';

/** Why the tour ended before its end: a signal, or the loss of the database. */
class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Walks the main job against a service of its own, on a new data folder that is gone afterwards. Of the environment
 * only the size and seed of the retailer and the log level count: the tour is the same whatever else is set.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haven-demo-'));
  // However the process ends; an embedded server that outlives it by a moment has nothing left to keep.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const config = demoConfig(folder);
  const signal = new Promise<never>((_, reject) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const)
      process.once(name, () => reject(new Interruption(`Stopped by ${name}.`)));
  });
  const service = await Promise.race([startService(config, showProgress(process.stderr)), signal]);
  try {
    await Promise.race([walk(service, config), signal, lossOf(service)]);
  } finally {
    await service.close();
  }
}

function demoConfig(folder: string): Config {
  const { HAVEN_DEMO_MEMBERS, HAVEN_DEMO_SEED, HAVEN_LOG_LEVEL } = process.env;
  return loadConfig({ HAVEN_DEMO_MEMBERS, HAVEN_DEMO_SEED, HAVEN_LOG_LEVEL, HAVEN_DATA_DIR: folder, HAVEN_PORT: '0' });
}

async function walk({ demo, url }: Service, { demoSeed }: Config): Promise<void> {
  if (demo === undefined) throw new Error('the service has no demo tenants');
  console.log(`\nA tour of Haven at ${url}, as a brand's analyst:\n`);
  let step = 0;
  await walkTour(new FetchClient(url), {
    keys: demo,
    loyaltyIdSha256: tourMember({ seed: demoSeed, dataThrough: DEMO_DATA_THROUGH }),
    say: (line) => console.log(`${String((step += 1)).padStart(3)}  ${line}`),
  });
  console.log('\nEvery step held. Start the service with: npm start\n');
}

async function lossOf(service: Service): Promise<never> {
  throw new Interruption(await service.lost);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const known = error instanceof TourFailure || error instanceof Interruption || error instanceof ConfigError;
  console.error(known ? error.message : explainFailure(error));
  process.exit(1);
}
