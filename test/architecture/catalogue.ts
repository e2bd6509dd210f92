import type { DataSource } from 'typeorm';

export interface ColumnRow {
  readonly table: string;
  readonly column: string;
  /** As PostgreSQL writes it, e.g. `text[]`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly default: string | null;
  readonly comment: string | null;
}

export interface TableRow {
  readonly table: string;
  /** `p` permanent, `u` unlogged. */
  readonly persistence: string;
  readonly comment: string | null;
}

export interface ConstraintRow {
  readonly table: string;
  readonly name: string;
  /** `p` primary key, `f` foreign key, `u` unique, `c` check. */
  readonly kind: 'p' | 'f' | 'u' | 'c';
  readonly definition: string;
}

export interface IndexRow {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** Everything that migrations make, as PostgreSQL's own catalogue tells it, in a fixed order. */
export interface Catalogue {
  readonly tables: readonly TableRow[];
  readonly columns: readonly ColumnRow[];
  readonly constraints: readonly ConstraintRow[];
  /** Without those that a constraint brings with it. */
  readonly indexes: readonly IndexRow[];
  readonly triggers: readonly { readonly table: string; readonly definition: string }[];
  readonly functions: readonly { readonly definition: string }[];
}

/** Ours are all tables of the schema but the one in which TypeORM writes what it has run. */
const OURS = `c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migration'`;

const TABLES = `
  SELECT c.relname AS "table", c.relpersistence AS persistence, obj_description(c.oid, 'pg_class') AS comment
    FROM pg_class c WHERE ${OURS} ORDER BY 1`;

const COLUMNS = `
  SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
         NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS "default",
         col_description(c.oid, a.attnum) AS comment
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
   WHERE ${OURS} ORDER BY 1, a.attnum`;

// PostgreSQL 18 keeps NOT NULL as constraints of kind n, with names of its own.
const CONSTRAINTS = `
  SELECT c.relname AS "table", k.conname AS name, k.contype AS kind, pg_get_constraintdef(k.oid) AS definition
    FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
   WHERE ${OURS} AND k.contype <> 'n' ORDER BY 1, 2`;

const INDEXES = `
  SELECT c.relname AS "table", i.relname AS name, pg_get_indexdef(i.oid) AS definition
    FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
   WHERE ${OURS} AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = c.oid)
   ORDER BY 1, 2`;

const TRIGGERS = `
  SELECT c.relname AS "table", pg_get_triggerdef(t.oid) AS definition
    FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal WHERE ${OURS} ORDER BY 1, 2`;

const FUNCTIONS = `
  SELECT pg_get_functiondef(p.oid) AS definition
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1`;

export async function catalogue(source: DataSource): Promise<Catalogue> {
  return {
    tables: await source.query(TABLES),
    columns: await source.query(COLUMNS),
    constraints: await source.query(CONSTRAINTS),
    indexes: await source.query(INDEXES),
    triggers: await source.query(TRIGGERS),
    functions: await source.query(FUNCTIONS),
  };
}
