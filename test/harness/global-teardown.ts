import { once } from 'node:events';
import { rm } from 'node:fs/promises';

/** Stops the cluster that the setup started and removes its folder. */
export default async function globalTeardown(): Promise<void> {
  const running = globalThis.testCluster;
  globalThis.testCluster = undefined;
  if (!running) return;
  const { owner, folder } = running;
  if (owner.exitCode === null) {
    const ended = once(owner, 'exit');
    owner.stdin?.end();
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}
