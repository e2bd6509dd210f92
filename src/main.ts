import { banner } from './boot/banner.ts';
import { showProgress } from './boot/progress.ts';
import { startService } from './boot/service.ts';
import type { Service } from './boot/service.ts';
import { ConfigError } from './config/environment.ts';
import { loadConfig } from './config/config.ts';
import { explainFailure } from './boot/explain-failure.ts';

/** Longest a stop may take before the process ends by force, milliseconds. */
const STOP_MS = 20_000;

/** Starts the service and stops it in order on Ctrl-C, SIGTERM or the loss of its database. */
async function main(): Promise<void> {
  const service = await startService(loadConfig(process.env), showProgress(process.stderr));
  let stopping = false;
  const stop = (code: number): void => {
    if (stopping) return;
    stopping = true;
    void stopWithin(service, code);
  };
  process.once('SIGINT', () => stop(0));
  process.once('SIGTERM', () => stop(0));
  console.log(banner(service.url, service.demo));
  console.error(`Stopping: ${await service.lost}`);
  stop(1);
}

async function stopWithin(service: Service, code: number): Promise<void> {
  setTimeout(() => process.exit(1), STOP_MS).unref();
  try {
    await service.close();
    process.exit(code);
  } catch (error) {
    console.error(explainFailure(error));
    process.exit(1);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : explainFailure(error));
  process.exit(1);
}
