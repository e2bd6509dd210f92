import { banner } from './boot/banner.ts';
import { showProgress } from './boot/progress.ts';
import { startService } from './boot/service.ts';
import type { Service } from './boot/service.ts';
import { ConfigError } from './config/environment.ts';
import { loadConfig } from './config/config.ts';
import { explainFailure } from './boot/explain-failure.ts';

/** How much longer than a query a stop may take before the process ends by force, milliseconds. */
const STOP_BEYOND_QUERY_MS = 15_000;

/** Starts the service and stops it in order on Ctrl-C, SIGTERM or the loss of its database. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const service = await startService(config, showProgress(process.stderr));
  const withinMs = config.queryDeadlineMs + STOP_BEYOND_QUERY_MS;
  let stopping = false;
  const stop = (code: number): void => {
    if (stopping) return;
    stopping = true;
    void stopWithin(service, withinMs, code);
  };
  // Kept installed: a second signal must not cut an orderly stop short.
  process.on('SIGINT', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  console.log(banner(service.url, service.demo));
  console.error(`Stopping: ${await service.lost}`);
  stop(1);
}

async function stopWithin(service: Service, milliseconds: number, code: number): Promise<void> {
  setTimeout(() => process.exit(1), milliseconds).unref();
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
