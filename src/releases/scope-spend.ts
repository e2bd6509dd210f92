import type { DaySpend } from './budget-window.ts';

/** A budget that releases draw on. Caps are nano-ρ. */
export interface BudgetScope {
  readonly id: string;
  readonly kind: 'global' | 'brand';
  readonly owner: string;
  readonly monthCap: bigint;
  readonly yearCap: bigint;
}

/** What one scope has given out, nano-ρ. `month` and `year` hold committed and reserved amounts together. */
export interface ScopeSpend {
  readonly scope: BudgetScope;
  readonly month: { readonly committed: bigint; readonly reserved: bigint };
  readonly year: { readonly committed: bigint; readonly reserved: bigint };
  /** Days of the rolling year with a charge, for telling when room comes back. */
  readonly days: readonly DaySpend[];
}
