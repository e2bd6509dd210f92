import type { DuckDBConnection } from '@duckdb/node-api';

const REPEAT_MS = 20;

/**
 * Runs `work` on a connection and interrupts whatever it runs there once `stop` is aborted, until `work` has ended.
 *
 * An interrupt that arrives between two statements is forgotten by the engine when the next one starts; repeating it
 * closes that gap.
 */
export async function interruptible<T>(
  connection: DuckDBConnection,
  stop: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  let repeat: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    repeat = setInterval(() => connection.interrupt(), REPEAT_MS);
  };
  stop.throwIfAborted();
  stop.addEventListener('abort', interrupt, { once: true });
  try {
    return await work();
  } finally {
    stop.removeEventListener('abort', interrupt);
    clearInterval(repeat);
  }
}
