import type { Country } from '#core';
import type { Leaf, Rule } from './ast.ts';
import type { Names } from './names.ts';

/** What a leaf is said with. */
export interface Speech {
  readonly country: Country;
  /** Codes of one kind as a list joined by "or", each by its name in quotes or, without one, as it is. */
  readonly list: (kind: keyof Names, codes: readonly string[]) => string;
}

/** One language. Every part of a leaf that tells it from another must be heard in its phrase. */
export interface Phrasebook {
  readonly members: Readonly<Record<Country, string>>;
  readonly quotes: readonly [string, string];
  readonly or: string;
  readonly groups: {
    readonly all: string;
    readonly any: string;
    readonly none: (inside: string) => string;
    readonly atLeast: (n: number, inside: string) => string;
  };
  /** A predicate that follows "Members in … who". It has no brackets and no comma before its "and" or "or". */
  readonly leaf: (leaf: Leaf, speech: Speech) => string;
}

/** `A`, `A or B`, `A, B or C`. */
export function listed(items: readonly string[], or: string): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} ${or} ${last}`;
}

/** The sentence of a rule. Groups inside groups are in brackets, so that no two different trees read the same. */
export function sentenceOf(rule: Rule, country: Country, names: Names, book: Phrasebook): string {
  const [open, close] = book.quotes;
  const quoted = (name: string): string => `${open}${name.replaceAll(/[“”«»]/g, "'")}${close}`;
  const speech: Speech = {
    country,
    list: (kind, codes) =>
      listed(
        codes.map((code) => {
          const name = names[kind]?.(code);
          return name === undefined ? code : quoted(name);
        }),
        book.or,
      ),
  };
  return `${book.members[country]} ${said(rule, speech, book, true)}.`;
}

function said(rule: Rule, speech: Speech, book: Phrasebook, outermost: boolean): string {
  const { groups } = book;
  const inside = (rules: readonly Rule[], separator: string): string =>
    rules.map((child) => said(child, speech, book, false)).join(separator);
  if ('none' in rule) return groups.none(inside(rule.none, groups.any));
  if ('atLeast' in rule) return groups.atLeast(rule.atLeast.n, inside(rule.atLeast.of, '; '));
  const [children, separator] = 'all' in rule ? [rule.all, groups.all] : 'any' in rule ? [rule.any, groups.any] : [];
  if (children === undefined || separator === undefined) return book.leaf(rule as Leaf, speech);
  const [only, ...others] = children;
  if (only !== undefined && others.length === 0) return said(only, speech, book, outermost);
  return outermost ? inside(children, separator) : `(${inside(children, separator)})`;
}
