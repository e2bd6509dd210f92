import type { BudgetScope, ScopeKind } from './budget-scope.ts';
import { readOdometer } from './odometer.ts';
import type { OdometerReading } from './odometer.ts';

/** A row of `budget_scope` as {@link SCOPE_COLUMNS} reads it. */
export interface ScopeRow {
  readonly id: string;
  readonly kind: ScopeKind;
  readonly owner: string;
  readonly month_cap_nrho: string | null;
  readonly year_cap_nrho: string | null;
  readonly total_cap_nrho: string | null;
}

/** A row of `budget_day`. */
export interface DayRow {
  readonly scope_id: string;
  readonly day: string;
  readonly reserved: string;
  readonly committed: string;
  readonly reserved_theta: string;
  readonly committed_theta: string;
}

/** What the rows of scopes and of their days tell at an instant, in the order of the scopes. */
export function readingsOf(scopes: readonly ScopeRow[], rows: readonly DayRow[], now: number): OdometerReading[] {
  const byScope = Map.groupBy(rows, ({ scope_id: id }) => id);
  return scopes.map((scope) =>
    readOdometer(
      scopeOf(scope),
      (byScope.get(scope.id) ?? []).map((row) => ({
        day: row.day,
        committed: { nanoRho: BigInt(row.committed), quectoTheta: BigInt(row.committed_theta) },
        reserved: { nanoRho: BigInt(row.reserved), quectoTheta: BigInt(row.reserved_theta) },
      })),
      now,
    ),
  );
}

function scopeOf(row: ScopeRow): BudgetScope {
  const caps = { month: row.month_cap_nrho, year: row.year_cap_nrho, total: row.total_cap_nrho };
  const set = Object.entries(caps).flatMap(([window, cap]) => (cap === null ? [] : [[window, BigInt(cap)] as const]));
  return { id: row.id, kind: row.kind, owner: row.owner, caps: Object.fromEntries(set) };
}
