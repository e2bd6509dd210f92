import { setTimeout as delay } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { TestApplication } from '../harness/application.ts';

const LOOKS = 3_000;
const PAUSE_MS = 10;

/** Looks until there is something. @param what is waited for, for the message. */
export async function found<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const value = await look();
    if (value !== undefined) return value;
    await delay(PAUSE_MS);
  }
  throw new Error(`${what} did not come within ${(LOOKS * PAUSE_MS) / 1_000} s`);
}

/** Resolves once the database holds the outcome of a release, seen or not. @returns when it may be seen. */
export async function settled({ app }: TestApplication, releaseId: string): Promise<number> {
  const source = app.get(DataSource, { strict: false });
  const sql = `SELECT visible_at FROM release WHERE id = $1 AND state NOT IN ('reserved', 'running')`;
  return await found(`the outcome of ${releaseId}`, async () => {
    const [row] = await source.query<{ visible_at: Date }[]>(sql, [releaseId]);
    return row?.visible_at.getTime();
  });
}
