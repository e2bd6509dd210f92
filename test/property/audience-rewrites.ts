import type { Leaf, ProductSelector, Rule, Window } from '#audience';
import { dayOf, monthsBefore, textOf } from './days.ts';
import type { Day } from './days.ts';

/** Another way to say the same, or undefined where a rewrite has nothing to take hold of. */
type Rewrite = (rule: Rule, dataThrough: Day) => Rule | undefined;

/** Chooses one of `n`, from 0. */
export type Choose = (n: number) => number;

const LEVELS_MAX = 5;

/**
 * The same rule said otherwise: at each node one of the laws below, or none, as `choose` says. Whatever the data, it
 * holds for the same members.
 */
export function rewritten(rule: Rule, choose: Choose, dataThrough: Day, levels = LEVELS_MAX): Rule {
  const inside = withChildren(rule, (child) => rewritten(child, choose, dataThrough, levels - 1));
  const possible = REWRITES.flatMap((rewrite) => rewrite(inside, dataThrough) ?? []).filter(
    (result) => levelsOf(result) <= levels,
  );
  return possible[choose(possible.length + 1)] ?? inside;
}

export const levelsOf = (rule: Rule): number => 1 + Math.max(0, ...childrenOf(rule).map(levelsOf));

function childrenOf(rule: Rule): readonly Rule[] {
  if ('all' in rule) return rule.all;
  if ('any' in rule) return rule.any;
  if ('none' in rule) return rule.none;
  return 'atLeast' in rule ? rule.atLeast.of : [];
}

function withChildren(rule: Rule, change: (child: Rule) => Rule): Rule {
  const children = childrenOf(rule).map(change);
  if ('all' in rule) return { all: children };
  if ('any' in rule) return { any: children };
  if ('none' in rule) return { none: children };
  return 'atLeast' in rule ? { atLeast: { n: rule.atLeast.n, of: children } } : rule;
}

const not = (rule: Rule): Rule => ({ none: [rule] });

/** A leaf as an arrangement of others. */
function leafInOtherWords(leaf: Rule, dataThrough: Day): Rule | undefined {
  if ('purchased' in leaf) return not({ notPurchased: leaf.purchased });
  if ('notPurchased' in leaf) return { frequency: { ...leaf.notPurchased, max: 0 } };
  if ('lapsed' in leaf) {
    const { products, activeWindow, sinceDays } = leaf.lapsed;
    const since = { products, window: { lastDays: sinceDays } };
    return { all: [{ purchased: { products, window: activeWindow } }, { notPurchased: since }] };
  }
  if ('newToBrand' in leaf) {
    const { brands, window, lookbackDays } = leaf.newToBrand;
    const first = dayOf(absolute(window, dataThrough).from);
    const before = { from: textOf(first - lookbackDays), to: textOf(first - 1) };
    return {
      all: [
        { purchased: { products: { brands }, window } },
        { notPurchased: { products: { brands }, window: before } },
      ],
    };
  }
  if (!('recency' in leaf)) return undefined;
  const { products, minDaysAgo = 0, maxDaysAgo = 729 } = leaf.recency;
  const bought = { purchased: { products, window: { lastDays: maxDaysAgo + 1 } } };
  if (minDaysAgo === 0) return bought;
  return { all: [bought, { notPurchased: { products, window: { lastDays: minDaysAgo } } }] };
}

function absolute(window: Window, dataThrough: Day): { readonly from: string; readonly to: string } {
  if ('from' in window) return window;
  const before = 'lastDays' in window ? dataThrough - window.lastDays : monthsBefore(dataThrough, window.lastMonths);
  return { from: textOf(before + 1), to: textOf(dataThrough) };
}

/** A window by its first and last day. */
function inDays(rule: Rule, dataThrough: Day): Rule | undefined {
  const of = (window: Window) => absolute(window, dataThrough);
  if ('purchased' in rule) return { purchased: { ...rule.purchased, window: of(rule.purchased.window) } };
  if ('notPurchased' in rule) return { notPurchased: { ...rule.notPurchased, window: of(rule.notPurchased.window) } };
  if ('frequency' in rule) return { frequency: { ...rule.frequency, window: of(rule.frequency.window) } };
  if ('spend' in rule) return { spend: { ...rule.spend, window: of(rule.spend.window) } };
  if ('newToBrand' in rule) return { newToBrand: { ...rule.newToBrand, window: of(rule.newToBrand.window) } };
  if ('lapsed' in rule) return { lapsed: { ...rule.lapsed, activeWindow: of(rule.lapsed.activeWindow) } };
  if ('channel' in rule) return { channel: { ...rule.channel, window: of(rule.channel.window) } };
  return 'store' in rule ? { store: { ...rule.store, window: of(rule.store.window) } } : undefined;
}

/** A list of places or kinds, one by one. */
function listSplit(rule: Rule): Rule | undefined {
  if ('region' in rule) return { any: rule.region.in.map((code) => ({ region: { in: [code] } })) };
  if ('tier' in rule) return { any: rule.tier.in.map((code) => ({ tier: { in: [code] } })) };
  if ('store' in rule) return { any: rule.store.in.map((code) => ({ store: { ...rule.store, in: [code] } })) };
  if ('channel' in rule) return { any: rule.channel.in.map((code) => ({ channel: { ...rule.channel, in: [code] } })) };
  if (!('purchased' in rule)) return undefined;
  const { brands, ...others } = rule.purchased.products;
  return brands && { any: brands.map((code) => purchasedOf(rule, { ...others, brands: [code] })) };
}

const purchasedOf = (rule: Extract<Leaf, { purchased: unknown }>, products: ProductSelector): Rule => ({
  purchased: { ...rule.purchased, products },
});

/** Two bounds as two rules. */
function boundsSplit(rule: Rule): Rule | undefined {
  if ('frequency' in rule && rule.frequency.min !== undefined && rule.frequency.max !== undefined) {
    const { min, max, ...body } = rule.frequency;
    return { all: [{ frequency: { ...body, min } }, { frequency: { ...body, max } }] };
  }
  if ('spend' in rule && rule.spend.minCents !== undefined && rule.spend.maxCents !== undefined) {
    const { minCents, maxCents, ...body } = rule.spend;
    return { all: [{ spend: { ...body, minCents } }, not({ spend: { ...body, minCents: maxCents + 1 } })] };
  }
  return undefined;
}

function deMorgan(rule: Rule): Rule | undefined {
  if ('all' in rule) return { none: rule.all.map(not) };
  if ('any' in rule) return not({ none: rule.any });
  return 'none' in rule ? { all: rule.none.map(not) } : undefined;
}

function asAtLeast(rule: Rule): Rule | undefined {
  if ('all' in rule) return { atLeast: { n: rule.all.length, of: rule.all } };
  if ('any' in rule) return { atLeast: { n: 1, of: rule.any } };
  if ('atLeast' in rule && rule.atLeast.n === 1) return { any: rule.atLeast.of };
  if (!('atLeast' in rule)) return undefined;
  const { n, of } = rule.atLeast;
  return not({ atLeast: { n: of.length - n + 1, of: of.map(not) } });
}

function nested(rule: Rule): Rule | undefined {
  if ('all' in rule) return { all: [{ all: rule.all.slice(0, 1) }, ...rule.all.slice(1), ...rule.all.slice(0, 1)] };
  if ('any' in rule) return { any: [...rule.any.slice(1), { any: rule.any }] };
  return 'none' in rule ? { none: [{ any: rule.none }] } : undefined;
}

function reversed(rule: Rule): Rule | undefined {
  if ('all' in rule) return { all: rule.all.toReversed() };
  if ('any' in rule) return { any: rule.any.toReversed() };
  if ('none' in rule) return { none: rule.none.toReversed() };
  return 'atLeast' in rule ? { atLeast: { n: rule.atLeast.n, of: rule.atLeast.of.toReversed() } } : undefined;
}

const REWRITES: readonly Rewrite[] = [
  leafInOtherWords,
  inDays,
  listSplit,
  boundsSplit,
  deMorgan,
  asAtLeast,
  nested,
  reversed,
  (rule) => not(not(rule)),
  (rule) => ({ any: [rule, rule] }),
  (rule) => ('purchased' in rule ? { frequency: { ...rule.purchased, min: 1 } } : undefined),
];

/** The rule with one number one more or less, or one code left out: mostly another audience, sometimes no rule at all. */
export function varied(rule: Rule, choose: Choose): Rule {
  const copy: Rule = JSON.parse(JSON.stringify(rule));
  const changes = changesOf(copy);
  changes[choose(changes.length)]?.();
  return copy;
}

function changesOf(value: unknown): (() => void)[] {
  if (typeof value !== 'object' || value === null) return [];
  const within = Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    if (typeof part !== 'number') return changesOf(part);
    return [1, -1].map((step) => () => void Object.assign(value, { [key]: part + step }));
  });
  return Array.isArray(value) && value.length > 1 ? [...within, () => void value.pop()] : within;
}
