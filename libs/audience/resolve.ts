import type { Country } from '#core';
import type { AudienceDefinition } from './ast.ts';
import { sortedSet } from './atoms.ts';
import type { AttributeAtom, PurchaseAtom, ResolvedAtom, SymbolicAtom, SymbolicSpan } from './atoms.ts';
import type { AudienceCatalogue } from './catalogue.ts';
import { atom, constant, substitute } from './expr.ts';
import type { Expr } from './expr.ts';
import { Faults, under } from './faults.ts';
import { NO_REFERENCES, expandReferences } from './references.ts';
import type { References } from './references.ts';
import { Scope } from './scope.ts';
import { dayNumber, dayText, spanOf } from './windows.ts';
import type { DayNumber, DaySpan } from './windows.ts';

/** Business days of the country, `YYYY-MM-DD`. */
export interface AsOf {
  /** The last complete day. */
  readonly dataThrough: string;
  /** The first day of the history. */
  readonly historyFrom: string;
}

/** Something the caller should know though the definition is right. */
export interface AudienceWarning {
  readonly code: 'LOOKBACK_TRUNCATED';
  readonly pointer: string;
  /** Days of the window for which there are data. */
  readonly effectiveDays: number;
}

/** A definition on one state of the data: warehouse ids, absolute days, no references. */
export interface ResolvedAudience {
  readonly country: Country;
  readonly asOf: AsOf;
  readonly rule: Expr<ResolvedAtom>;
  readonly warnings: readonly AudienceWarning[];
}

/**
 * Turns codes into ids, relative windows into days, and references into what they name. Windows are cut to the history,
 * with a warning. A condition that no line could meet or miss becomes a constant.
 *
 * @throws DomainError `product-out-of-scope` if the only faults are products, brands or categories that the brand may
 * not name; those that exist and those that do not get the same answer. At most `LIMITS.productsOutOfScope` are named.
 * @throws DomainError `audience-invalid` for any other fault, with all faults.
 * @throws DomainError `audience-cycle`.
 */
export function resolveDefinition(
  definition: AudienceDefinition,
  catalogue: AudienceCatalogue,
  asOf: AsOf,
  references: References = NO_REFERENCES,
): ResolvedAudience {
  const faults = new Faults();
  const history = historyOf(asOf);
  if (definition.country !== catalogue.country) {
    faults.add('/country', 'country-mismatch', `"${definition.country}"`, `"${catalogue.country}"`);
  }
  const symbolic = expandReferences(definition, references, faults);
  const scope = new Scope(catalogue, faults);
  const warnings = new Map<string, AudienceWarning>();
  const rule = substitute(symbolic, (found): Expr<ResolvedAtom> => {
    if (found.kind === 'attribute') return resolveAttribute(found, scope);
    const window = resolveSpan(found, history, faults, warnings);
    return resolvePurchases(found, window, scope);
  });
  scope.throwIfAny();
  return { country: definition.country, asOf, rule, warnings: [...warnings.values()] };
}

type SymbolicPurchases = Extract<SymbolicAtom, { kind: 'purchases' }>;

function resolveAttribute({ attribute, ids, origin }: AttributeAtom<string>, scope: Scope): Expr<ResolvedAtom> {
  const pointer = origin.pinned ? origin.leaf : under(origin.leaf, 'in');
  return atom({ kind: 'attribute', attribute, ids: scope.codes(attribute, ids, pointer, origin.pinned), origin });
}

function resolvePurchases(found: SymbolicPurchases, window: DaySpan, scope: Scope): Expr<ResolvedAtom> {
  const { measure, products: selector, channels, stores: codes, min, max, origin } = found;
  const products = selector && scope.products(selector, origin.products, origin.pinned);
  const inStores = origin.pinned ? origin.leaf : under(origin.leaf, 'in');
  const stores = codes && scope.codes('store', codes, inStores, origin.pinned);
  if (isUnbounded(found)) return constant(true);
  if (products === 'none' || window.from > window.to) return constant(admitsNone(found));
  const resolved: PurchaseAtom<Exclude<typeof products, undefined>, number, DaySpan> = {
    kind: 'purchases',
    measure,
    ...(products === undefined ? {} : { products }),
    ...(channels === undefined ? {} : { channels: sortedSet(channels) }),
    ...(stores === undefined ? {} : { stores }),
    window,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    origin,
  };
  return atom(resolved);
}

const isUnbounded = ({ min, max }: SymbolicPurchases): boolean => min === undefined && max === undefined;

/** Whether a member without any line is within the bounds. */
const admitsNone = ({ min = 0, max = 0 }: SymbolicPurchases): boolean => min <= 0 && max >= 0;

interface History {
  readonly first: DayNumber;
  readonly last: DayNumber;
}

function historyOf({ dataThrough, historyFrom }: AsOf): History {
  const [first, last] = [dayNumber(historyFrom), dayNumber(dataThrough)];
  if (first === undefined || last === undefined || first > last) {
    throw new RangeError(`history is ${historyFrom} to ${dataThrough}, must be two days in order`);
  }
  return { first, last };
}

function resolveSpan(
  { window, origin }: SymbolicPurchases,
  history: History,
  faults: Faults,
  warnings: Map<string, AudienceWarning>,
): DaySpan {
  const asked = symbolicSpan(window, history.last);
  if (asked.to > history.last && !('before' in window)) {
    const pointer = origin.window ?? origin.leaf;
    const must = `${dayText(history.last)} or earlier, the last day with complete data`;
    faults.add(origin.pinned ? pointer : under(pointer, 'to'), 'in-future', dayText(asked.to), must);
  }
  const cut = { from: Math.max(asked.from, history.first), to: asked.to };
  if (asked.from < history.first && origin.window !== undefined) {
    const effectiveDays = Math.max(0, cut.to - cut.from + 1);
    warnings.set(origin.window, { code: 'LOOKBACK_TRUNCATED', pointer: origin.window, effectiveDays });
  }
  return cut;
}

function symbolicSpan(window: SymbolicSpan, last: DayNumber): DaySpan {
  if (!('before' in window)) return spanOf(window, last);
  const { from } = spanOf(window.before, last);
  return { from: from - window.days, to: from - 1 };
}
