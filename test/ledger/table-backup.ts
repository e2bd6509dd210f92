import type { DataSource } from 'typeorm';

/** What belongs together in a ledger. */
const TABLES = [
  'release',
  'budget_charge',
  'budget_scope',
  'budget_day',
  'budget_adjustment',
  'ledger_identity',
  'audit_head',
  'audit_entry',
];

/** Copies the ledger's tables beside themselves, under a number. */
export async function copyTables(source: DataSource, copy: number): Promise<void> {
  const statements = TABLES.map((table) => `CREATE TABLE copy_${copy}.${table} AS TABLE public.${table}`);
  await source.query([`CREATE SCHEMA copy_${copy}`, ...statements].join(';'));
}

/** Makes the ledger's tables what they were, as only somebody with the server in his hands can. */
export async function putTablesBack(source: DataSource, copy: number): Promise<void> {
  const statements = TABLES.map((table) => `INSERT INTO public.${table} SELECT * FROM copy_${copy}.${table}`);
  await asReplica(source, [`TRUNCATE ${TABLES.join()} CASCADE`, ...statements]);
}

/** A new, empty ledger. */
export async function emptyTables(source: DataSource): Promise<void> {
  const identity = `INSERT INTO ledger_identity (slot, ledger_id) VALUES (1, 'led_' || gen_random_uuid())`;
  await asReplica(source, [`TRUNCATE ${TABLES.join()} CASCADE`, identity]);
}

export async function dropCopies(source: DataSource, count: number): Promise<void> {
  for (let copy = 0; copy < count; copy++) await source.query(`DROP SCHEMA copy_${copy} CASCADE`);
}

/** Past triggers and foreign keys. */
async function asReplica(source: DataSource, statements: readonly string[]): Promise<void> {
  await source.query(['BEGIN', `SET LOCAL session_replication_role = 'replica'`, ...statements, 'COMMIT'].join(';'));
}
