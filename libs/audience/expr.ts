/** A boolean expression over atoms of some kind. */
export type Expr<A> =
  | { readonly op: 'all' | 'any'; readonly of: readonly Expr<A>[] }
  | { readonly op: 'atLeast'; readonly n: number; readonly of: readonly Expr<A>[] }
  | { readonly op: 'not'; readonly of: Expr<A> }
  | { readonly op: 'atom'; readonly atom: A }
  | { readonly op: 'constant'; readonly value: boolean };

export const all = <A>(of: readonly Expr<A>[]): Expr<A> => ({ op: 'all', of });
export const any = <A>(of: readonly Expr<A>[]): Expr<A> => ({ op: 'any', of });
export const atLeast = <A>(n: number, of: readonly Expr<A>[]): Expr<A> => ({ op: 'atLeast', n, of });
export const not = <A>(of: Expr<A>): Expr<A> => ({ op: 'not', of });
export const atom = <A>(of: A): Expr<A> => ({ op: 'atom', atom: of });
export const constant = <A>(value: boolean): Expr<A> => ({ op: 'constant', value });

/** Replaces every atom by an expression. */
export function substitute<A, B>(expr: Expr<A>, by: (atom: A) => Expr<B>): Expr<B> {
  if (expr.op === 'atom') return by(expr.atom);
  if (expr.op === 'constant') return expr;
  if (expr.op === 'not') return not(substitute(expr.of, by));
  return { ...expr, of: expr.of.map((child) => substitute(child, by)) };
}

export function evaluate<A>(expr: Expr<A>, holds: (atom: A) => boolean): boolean {
  if (expr.op === 'atom') return holds(expr.atom);
  if (expr.op === 'constant') return expr.value;
  if (expr.op === 'not') return !evaluate(expr.of, holds);
  if (expr.op === 'all') return expr.of.every((child) => evaluate(child, holds));
  const held = expr.of.filter((child) => evaluate(child, holds)).length;
  return held >= (expr.op === 'atLeast' ? expr.n : 1);
}

/** An expression over positions in a list of distinct atoms. */
export interface Interned<A> {
  readonly expr: Expr<number>;
  readonly atoms: readonly A[];
}

/** Gives equal atoms (by key) one number. Numbers follow the order of the keys, so they do not depend on spelling. */
export function intern<A>(expr: Expr<A>, keyOf: (atom: A) => string): Interned<A> {
  const byKey = new Map<string, A>();
  const keyed = substitute(expr, (found) => {
    const key = keyOf(found);
    byKey.set(key, found);
    return atom(key);
  });
  const sorted = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const numbers = new Map(sorted.map(([key], index) => [key, index]));
  return {
    expr: substitute(keyed, (key) => atom(numbers.get(key) ?? -1)),
    atoms: sorted.map(([, found]) => found),
  };
}
