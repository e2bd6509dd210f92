import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { changed } from '../database/changed.ts';
import type { SettledTotals, TotalsByScope } from './high-water-mark.ts';

const READ = `SELECT i.ledger_id, i.marked_at, s.id, s.settled_charges AS charges, s.settled_nrho AS nano_rho,
    s.settled_qtheta AS quecto_theta
  FROM ledger_identity i LEFT JOIN budget_scope s ON s.settled_charges > 0`;

const SETTLED_SINCE = `SELECT m.id, count(entry.nano_rho) AS charges, coalesce(sum(entry.nano_rho), 0) AS nano_rho,
    coalesce(sum(entry.quecto_theta), 0) AS quecto_theta
  FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS m (id, at, place) LEFT JOIN LATERAL (
    SELECT c.nano_rho, c.quecto_theta FROM budget_charge c JOIN release r ON r.id = c.release_id
      WHERE c.scope_id = m.id AND c.state = 'committed' AND r.settled_at > m.at
    UNION ALL SELECT a.nano_rho, a.quecto_theta FROM budget_adjustment a
      WHERE a.scope_id = m.id AND a.kind <> 'credit' AND a.created_at > m.at
  ) entry ON true GROUP BY m.id, m.place ORDER BY m.place`;

const NOTE_MARKED = 'UPDATE ledger_identity SET marked_at = $1 WHERE marked_at IS NULL';

/** Which ledger the database holds and what it has made final, as one snapshot. */
export interface LedgerTotals {
  readonly ledgerId: string;
  /** When a mark was first written outside the database, milliseconds since the epoch; null before. */
  readonly markedAt: number | null;
  /** By scope id; budgets without a final charge are absent. */
  readonly scopes: TotalsByScope;
}

/** A budget at a time, milliseconds since the epoch. */
export interface ScopeAt {
  readonly id: string;
  readonly at: number;
}

interface TotalsRow {
  readonly id: string;
  readonly charges: string;
  readonly nano_rho: string;
  readonly quecto_theta: string;
}

type LedgerRow = { readonly ledger_id: string; readonly marked_at: Date | null } & (
  TotalsRow | Readonly<Record<keyof TotalsRow, null>>
);

/** Reads the running totals of the ledger. They only ever grow, unless the database is an older one than before. */
@Injectable()
export class LedgerTotalsService {
  readonly #source: DataSource;

  constructor(source: DataSource) {
    this.#source = source;
  }

  async read(): Promise<LedgerTotals> {
    const rows = await this.#source.query<LedgerRow[]>(READ);
    const [first] = rows;
    if (first === undefined) throw new Error('the ledger has no identity');
    const open = rows.filter((row) => row.id !== null);
    return {
      ledgerId: first.ledger_id,
      markedAt: first.marked_at?.getTime() ?? null,
      scopes: new Map(open.map((row) => [row.id, totalsOf(row)])),
    };
  }

  /** What each of these budgets made final after its time, in their order. */
  async settledSince(marked: readonly ScopeAt[]): Promise<readonly SettledTotals[]> {
    const [ids, times] = [marked.map(({ id }) => id), marked.map(({ at }) => new Date(at))];
    const rows = await this.#source.query<TotalsRow[]>(SETTLED_SINCE, [ids, times]);
    return rows.map(totalsOf);
  }

  /** Notes that from now on a mark must be found at every start. */
  async noteMarked(at: number): Promise<void> {
    await changed(this.#source.manager, NOTE_MARKED, [new Date(at)]);
  }
}

const totalsOf = (row: TotalsRow): SettledTotals => ({
  charges: BigInt(row.charges),
  nanoRho: BigInt(row.nano_rho),
  quectoTheta: BigInt(row.quecto_theta),
});
