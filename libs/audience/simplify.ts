import { all, any, atLeast, constant, not } from './expr.ts';
import type { Expr } from './expr.ts';

type Formula = Expr<number>;

/**
 * An equivalent expression in negation normal form: `not` stands before atoms only; nested `all` and `any` are flat;
 * constants, repeated children, a child beside its own negation, and children absorbed by a weaker one (`a or (a and
 * b)`) are gone. `atLeast` is kept, being exponential to expand, except where it is an `all` or an `any`.
 *
 * Children keep the order in which they were written.
 */
export const simplify = (expr: Formula): Formula => push(expr, false);

function push(expr: Formula, negated: boolean): Formula {
  if (expr.op === 'atom') return negated ? not(expr) : expr;
  if (expr.op === 'constant') return constant(expr.value !== negated);
  if (expr.op === 'not') return push(expr.of, !negated);
  const children = expr.of.map((child) => push(child, negated));
  // Fewer than n of k hold exactly when at least k - n + 1 of them do not.
  if (expr.op === 'atLeast') return threshold(negated ? children.length - expr.n + 1 : expr.n, children);
  return join((expr.op === 'all') === negated ? 'any' : 'all', children);
}

function threshold(n: number, children: readonly Formula[]): Formula {
  const certain = children.filter((child) => child.op === 'constant' && child.value).length;
  const open = children.filter((child) => child.op !== 'constant');
  const needed = n - certain;
  if (needed <= 0) return constant(true);
  if (needed > open.length) return constant(false);
  if (needed === open.length) return join('all', open);
  return needed === 1 ? join('any', open) : atLeast(needed, open);
}

function join(op: 'all' | 'any', children: readonly Formula[]): Formula {
  const neutral = op === 'all';
  const flat = children.flatMap((child) => (child.op === op ? child.of : [child]));
  if (flat.some((child) => child.op === 'constant' && child.value !== neutral)) return constant(!neutral);
  const distinct = new Map(flat.filter((child) => child.op !== 'constant').map((child) => [formulaKey(child), child]));
  for (const key of distinct.keys()) if (distinct.has(`!${key}`)) return constant(!neutral);
  const kept = absorb(op, distinct);
  const [only, ...others] = kept;
  if (only === undefined) return constant(neutral);
  if (others.length === 0) return only;
  return op === 'all' ? all(kept) : any(kept);
}

/** Drops each child whose parts include all the parts of another: in `any`, parts are conjuncts; in `all`, disjuncts. */
function absorb(op: 'all' | 'any', distinct: ReadonlyMap<string, Formula>): readonly Formula[] {
  const dual = op === 'all' ? 'any' : 'all';
  const parts = [...distinct].map(([key, child]) => ({
    child,
    keys: new Set(child.op === dual ? child.of.map(formulaKey) : [key]),
  }));
  return parts
    .filter(
      ({ keys }) =>
        !parts.some((other) => other.keys.size < keys.size && [...other.keys].every((key) => keys.has(key))),
    )
    .map(({ child }) => child);
}

/** One text for all orders of children. Equal texts mean equivalent expressions. */
export function formulaKey(expr: Formula): string {
  if (expr.op === 'atom') return String(expr.atom);
  if (expr.op === 'constant') return expr.value ? 'T' : 'F';
  if (expr.op === 'not') return `!${formulaKey(expr.of)}`;
  return `${expr.op === 'atLeast' ? expr.n : expr.op}(${childKeys(expr.of)})`;
}

const childKeys = (children: readonly Formula[]): string => children.map(formulaKey).toSorted().join(',');

/** The distinct atoms of an expression, ascending. */
export function atomsOf(expr: Formula): readonly number[] {
  const found = new Set<number>();
  const walk = (node: Formula): void => {
    if (node.op === 'atom') found.add(node.atom);
    else if (node.op === 'not') walk(node.of);
    else if (node.op !== 'constant') node.of.forEach(walk);
  };
  walk(expr);
  return [...found].toSorted((a, b) => a - b);
}
