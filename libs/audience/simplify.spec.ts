import fc from 'fast-check';
import { all, any, atLeast, atom, constant, evaluate, intern, not } from './expr.ts';
import type { Expr } from './expr.ts';
import { formulaKey, simplify } from './simplify.ts';

const ATOMS = 4;

const { formula } = fc.letrec<{ formula: Expr<number> }>((tie) => {
  const children = fc.array(tie('formula'), { maxLength: 4 });
  return {
    formula: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.nat({ max: ATOMS - 1 }).map((index) => atom(index)),
      fc.boolean().map((value) => constant<number>(value)),
      tie('formula').map((of) => not(of)),
      children.map((of) => all(of)),
      children.map((of) => any(of)),
      fc.tuple(fc.integer({ min: -1, max: 5 }), children).map(([n, of]) => atLeast(n, of)),
    ),
  };
});

/** The value of a formula for each choice of its atoms. */
const truth = (expr: Expr<number>): string =>
  Array.from({ length: 2 ** ATOMS }, (_, choice) =>
    evaluate(expr, (index) => ((choice >> index) & 1) === 1) ? '1' : '0',
  ).join('');

function isNormal(expr: Expr<number>, parent?: string): boolean {
  if (expr.op === 'atom') return true;
  if (expr.op === 'constant') return parent === undefined;
  if (expr.op === 'not') return expr.of.op === 'atom';
  if (expr.op !== 'atLeast' && (expr.op === parent || expr.of.length < 2)) return false;
  return expr.of.every((child) => isNormal(child, expr.op));
}

describe('simplify', () => {
  it('keeps the truth of a formula for every choice of its atoms', () => {
    fc.assert(
      fc.property(formula, (expr) => {
        expect(truth(simplify(expr))).toBe(truth(expr));
      }),
      { seed: 51, numRuns: 5000 },
    );
  });

  it('leaves negation on atoms alone, no group in a group of its kind, and no constant inside', () => {
    fc.assert(
      fc.property(formula, (expr) => {
        expect(isNormal(simplify(expr))).toBe(true);
      }),
      { seed: 52, numRuns: 5000 },
    );
  });

  it('has nothing left to do the second time', () => {
    fc.assert(
      fc.property(formula, (expr) => {
        const once = simplify(expr);
        expect(formulaKey(simplify(once))).toBe(formulaKey(once));
      }),
      { seed: 53, numRuns: 2000 },
    );
  });

  it('keeps the order in which children are written', () => {
    const [a, b, c] = [2, 0, 1].map((index) => atom(index));
    expect(simplify(all([a!, all([b!, a!]), c!]))).toEqual(all([a!, b!, c!]));
  });
});

describe('intern', () => {
  it('numbers atoms by key, whatever the order in which they are written', () => {
    const [one, other] = [
      ['b', 'a', 'b'],
      ['a', 'b'],
    ].map((names) => intern(any(names.map((name) => atom(name))), (name) => name));
    expect(one?.atoms).toEqual(['a', 'b']);
    expect(other?.atoms).toEqual(['a', 'b']);
    expect(one?.expr).toEqual(any([atom(1), atom(0), atom(1)]));
  });
});
