import { call, keepAlive } from './http-client.ts';
import type { HttpCall } from './http-client.ts';
import { quantile } from './measure.ts';

export interface Load {
  /** Calls that are under way at any moment, each on a connection of its own. */
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Answers with status 200 in a second. */
  readonly perSecond: number;
  /** Answers with another status. */
  readonly refused: number;
  readonly p99Ms: number;
}

/** Repeats one call on many connections for a time. @throws Error when a connection fails. */
export async function load(wanted: HttpCall, { connections, seconds }: Load): Promise<LoadResult> {
  const agent = keepAlive(connections);
  const latencies: number[] = [];
  let refused = 0;
  const began = performance.now();
  const end = began + 1_000 * seconds;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const sent = performance.now();
      const { status } = await call(agent, wanted);
      if (status === 200) latencies.push(performance.now() - sent);
      else refused++;
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, client));
    const passed = (performance.now() - began) / 1_000;
    return { perSecond: latencies.length / passed, refused, p99Ms: quantile(latencies, 0.99) };
  } finally {
    agent.destroy();
  }
}
