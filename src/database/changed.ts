import type { EntityManager } from 'typeorm';

/**
 * Runs one UPDATE or DELETE and gives the number of rows it changed.
 *
 * TypeORM's PostgreSQL driver answers these two with `[rows, count]` and every other statement with the rows.
 */
export async function changed(manager: EntityManager, sql: string, parameters: unknown[]): Promise<number> {
  const [, count] = await manager.query<[unknown[], number]>(sql, parameters);
  return count;
}
