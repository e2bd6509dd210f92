import { CHANNELS } from './ast.ts';
import type { AudienceReference, Channel, Leaf, ProductSelector, Purchased, Recency, Rule } from './ast.ts';
import type { Origin, SymbolicAtom, SymbolicSpan } from './atoms.ts';
import { all, any, atLeast, atom, not } from './expr.ts';
import type { Expr } from './expr.ts';
import { under } from './faults.ts';
import { LIMITS } from './limits.ts';

/** @typeParam R the atoms that references become, if any. */
export interface Lowering<R> {
  /** What becomes of a reference: an atom of its own, or the rule it names. */
  readonly onReference: (reference: AudienceReference, pointer: string, depth: number) => Expr<SymbolicAtom | R>;
  /** Called once for each leaf that is not a reference, with its level. */
  readonly onLeaf?: (pointer: string, depth: number) => void;
  /** Names every place of a referenced rule by the reference that brought it in. */
  readonly pinned?: string;
}

/**
 * Rewrites a rule into the few kinds of atom that there are, keeping its meaning: the frequency, spend, recency,
 * new-to-brand, lapsed, channel and store leaves all become bounds on what was bought in a span.
 */
export function lowerRule<R>(
  rule: Rule,
  pointer: string,
  depth: number,
  lowering: Lowering<R>,
): Expr<SymbolicAtom | R> {
  const children = (rules: readonly Rule[], ...path: string[]): readonly Expr<SymbolicAtom | R>[] => {
    const group = path.reduce(under, pointer);
    return rules.map((child, index) => lowerRule(child, under(group, index), depth + 1, lowering));
  };
  if ('all' in rule) return all(children(rule.all, 'all'));
  if ('any' in rule) return any(children(rule.any, 'any'));
  if ('none' in rule) return not(any(children(rule.none, 'none')));
  if ('atLeast' in rule) return atLeast(rule.atLeast.n, children(rule.atLeast.of, 'atLeast', 'of'));
  if ('audienceRef' in rule) {
    return lowering.onReference(rule.audienceRef, lowering.pinned ?? under(pointer, 'audienceRef'), depth);
  }
  const type = Object.keys(rule)[0] ?? '';
  const at = lowering.pinned ?? under(pointer, type);
  lowering.onLeaf?.(at, depth);
  return lowerLeaf(rule, at, lowering.pinned !== undefined);
}

type Part = (key: string) => string;

type PlainLeaf = Exclude<Leaf, { readonly audienceRef: AudienceReference }>;

function lowerLeaf(leaf: PlainLeaf, at: string, pinned: boolean): Expr<SymbolicAtom> {
  const part: Part = (key) => (pinned ? at : under(at, key));
  const origin: Origin = { leaf: at, products: part('products'), window: part('window'), pinned };
  if ('purchased' in leaf) return purchases('baskets', leaf.purchased, { min: 1 }, origin);
  if ('notPurchased' in leaf) return not(purchases('baskets', leaf.notPurchased, { min: 1 }, origin));
  if ('frequency' in leaf) return purchases('baskets', leaf.frequency, leaf.frequency, origin);
  if ('spend' in leaf) {
    return purchases('cents', leaf.spend, { min: leaf.spend.minCents, max: leaf.spend.maxCents }, origin);
  }
  if ('recency' in leaf) return lowerRecency(leaf.recency, origin, part);
  if ('newToBrand' in leaf) {
    const { brands, window, lookbackDays } = leaf.newToBrand;
    const inBrands = { ...origin, products: at };
    return all([
      bought({ brands }, window, inBrands),
      not(bought({ brands }, { before: window, days: lookbackDays }, { ...inBrands, window: part('lookbackDays') })),
    ]);
  }
  if ('lapsed' in leaf) {
    const { products, activeWindow, sinceDays } = leaf.lapsed;
    return all([
      bought(products, activeWindow, { ...origin, window: part('activeWindow') }),
      not(bought(products, { lastDays: sinceDays }, { ...origin, window: part('sinceDays') })),
    ]);
  }
  if ('channel' in leaf) {
    return purchases('baskets', { window: leaf.channel.window, channels: leaf.channel.in }, { min: 1 }, origin);
  }
  if ('store' in leaf) {
    return atom({
      kind: 'purchases',
      measure: 'baskets',
      stores: leaf.store.in,
      window: leaf.store.window,
      min: 1,
      origin,
    });
  }
  const [attribute, ids] = 'region' in leaf ? (['region', leaf.region.in] as const) : (['tier', leaf.tier.in] as const);
  return atom({ kind: 'attribute', attribute, ids, origin });
}

interface Bounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

type Selection = Partial<Pick<Purchased, 'products' | 'channels'>> & { readonly window: SymbolicSpan };

function purchases(
  measure: 'baskets' | 'cents',
  { products, channels, window }: Selection,
  bounds: Bounds,
  origin: Origin,
): Expr<SymbolicAtom> {
  // No number of baskets is below 0. An atom left without a bound holds for everybody, but its codes and its window are
  // still to be checked, so it becomes a constant only after that.
  const min = measure === 'baskets' && bounds.min === 0 ? undefined : bounds.min;
  const { max } = bounds;
  return atom({
    kind: 'purchases',
    measure,
    ...(products === undefined ? {} : { products }),
    ...(channels === undefined || namesEveryChannel(channels) ? {} : { channels }),
    window,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    origin,
  });
}

const namesEveryChannel = (channels: readonly Channel[]): boolean =>
  CHANNELS.every((channel) => channels.includes(channel));

const bought = (products: ProductSelector, window: SymbolicSpan, origin: Origin): Expr<SymbolicAtom> =>
  purchases('baskets', { products, window }, { min: 1 }, origin);

/** The last line lies in the last max+1 days and not in the last min days. */
function lowerRecency({ products, minDaysAgo = 0, maxDaysAgo }: Recency, origin: Origin, part: Part) {
  const horizon = maxDaysAgo === undefined ? LIMITS.lookbackDays : maxDaysAgo + 1;
  const window = maxDaysAgo === undefined ? undefined : part('maxDaysAgo');
  const active = bought(products, { lastDays: horizon }, { ...origin, window });
  if (minDaysAgo === 0) return active;
  const since = bought(products, { lastDays: minDaysAgo }, { ...origin, window: part('minDaysAgo') });
  return all([active, not(since)]);
}
