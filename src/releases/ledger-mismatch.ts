import { NOTHING_SETTLED, least, plus, reaches, shortOf } from './high-water-mark.ts';
import type { HighWaterMark, SettledTotals, TotalsByScope } from './high-water-mark.ts';
import type { LedgerTotals, ScopeAt } from './ledger-totals.service.ts';

/**
 * Why the ledger cannot be trusted to remember all that was given out.
 *
 * - `OTHER_LEDGER`: a mark is of another ledger, so the database was emptied or exchanged;
 * - `MARK_UNREADABLE`: a mark was altered, damaged or signed with another key;
 * - `MARK_LOST`: a mark was written before, and there is none;
 * - `LEDGER_BEHIND`: the database holds less than was marked, so an older backup was restored.
 */
export const MISMATCH_REASONS = ['OTHER_LEDGER', 'MARK_UNREADABLE', 'MARK_LOST', 'LEDGER_BEHIND'] as const;

export type MismatchReason = (typeof MISMATCH_REASONS)[number];

/** What one budget has forgotten. */
export interface Shortfall {
  readonly scopeId: string;
  readonly missing: SettledTotals;
}

/** What was seen of the marks and of the database. The marks were read first, so an honest database reaches them. */
export interface Sighting {
  readonly ledger: LedgerTotals;
  readonly marks: readonly HighWaterMark[];
  /** Files that are no marks, and why. */
  readonly faults: readonly { readonly name: string; readonly fault: string }[];
  /** Whether a mark was written at some time before the marks were read. */
  readonly expected: boolean;
}

/** What is wrong, weightiest first; empty when database and marks agree. */
export function mismatchReasons(sighting: Sighting): MismatchReason[] {
  const { ledger, marks, faults, expected } = sighting;
  const own = ownMarks(sighting);
  const falls = (mark: HighWaterMark): boolean =>
    [...mark.totals].some(([id, marked]) => !reaches(settledIn(ledger, id), marked));
  const found: Record<MismatchReason, boolean> = {
    OTHER_LEDGER: own.length < marks.length,
    MARK_UNREADABLE: faults.length > 0,
    MARK_LOST: expected && own.length === 0 && faults.length === 0,
    LEDGER_BEHIND: own.some((mark) => mark.exchanged || falls(mark)),
  };
  return MISMATCH_REASONS.filter((reason) => found[reason]);
}

/** Every budget in every mark of this ledger, with the time at which it was marked. */
export const markedScopes = (sighting: Sighting): ScopeAt[] =>
  ownMarks(sighting).flatMap(({ totals, writtenAt }) => [...totals.keys()].map((id) => ({ id, at: writtenAt })));

/**
 * What the database lacks of its own marks. What it settled after a budget was marked is something else than what it has
 * forgotten, and stands for none of it.
 *
 * @param since what was settled after each of `markedScopes`, in their order.
 */
export function forgotten(sighting: Sighting, since: readonly SettledTotals[]): Shortfall[] {
  const { ledger } = sighting;
  const marked = ownMarks(sighting).flatMap(({ totals }) => [...totals]);
  const lacks = marked.map(([scopeId, totals], index) => {
    const then = shortOf(since[index] ?? NOTHING_SETTLED, settledIn(ledger, scopeId));
    return { scopeId, missing: shortOf(then, totals) };
  });
  return byScope(lacks, least);
}

/** What other ledgers gave out: all of it is lacking here. */
export function foreignTotals(sighting: Sighting): Shortfall[] {
  const ledgers = foreignLedgers(sighting).flatMap(({ totals }) => [...totals]);
  return byScope(
    ledgers.map(([scopeId, missing]) => ({ scopeId, missing })),
    sum,
  );
}

/** Both shortfalls together. */
export const summed = (a: readonly Shortfall[], b: readonly Shortfall[]): Shortfall[] => byScope([...a, ...b], sum);

const sum = (totals: readonly SettledTotals[]): SettledTotals => totals.reduce(plus, NOTHING_SETTLED);

/** One shortfall for each scope that lacks something. */
function byScope(
  shortfalls: readonly Shortfall[],
  together: (missing: readonly SettledTotals[]) => SettledTotals,
): Shortfall[] {
  const groups = Map.groupBy(shortfalls, ({ scopeId }) => scopeId);
  return [...groups]
    .map(([scopeId, same]) => ({ scopeId, missing: together(same.map(({ missing }) => missing)) }))
    .filter(({ missing }) => !reaches(NOTHING_SETTLED, missing));
}

/** What each other ledger has given out at least, by its marks. */
export function foreignLedgers({ ledger, marks }: Sighting): { ledgerId: string; totals: TotalsByScope }[] {
  const foreign = marks.filter(({ ledgerId }) => ledgerId !== ledger.ledgerId);
  return [...Map.groupBy(foreign, ({ ledgerId }) => ledgerId)].map(([ledgerId, same]) => {
    const scopes = Map.groupBy(
      same.flatMap(({ totals }) => [...totals]),
      ([id]) => id,
    );
    const joined = [...scopes].map(([id, all]) => [id, least(all.map(([, totals]) => totals))] as const);
    return { ledgerId, totals: new Map(joined) };
  });
}

/** The totals that the ledger must reach before it may be written to again. */
export function dueTotals(ledger: LedgerTotals, shortfalls: readonly Shortfall[]): Map<string, SettledTotals> {
  const due = new Map(ledger.scopes);
  for (const { scopeId, missing } of shortfalls) due.set(scopeId, plus(settledIn(ledger, scopeId), missing));
  return due;
}

export const settledIn = ({ scopes }: LedgerTotals, id: string): SettledTotals => scopes.get(id) ?? NOTHING_SETTLED;

const ownMarks = ({ ledger, marks }: Sighting): HighWaterMark[] =>
  marks.filter(({ ledgerId }) => ledgerId === ledger.ledgerId);
