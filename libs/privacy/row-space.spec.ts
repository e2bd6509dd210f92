import fc from 'fast-check';
import { rowSpace } from './row-space.ts';
import type { SparseVector } from './row-space.ts';

const sparse = (dense: readonly number[]): SparseVector =>
  new Map(dense.flatMap((value, i) => (value === 0 ? [] : [[i, BigInt(value)] as const])));

/** Σ weights_i · row_i, dense. */
const combination = (weights: SparseVector, rows: readonly (readonly number[])[], columns: number): bigint[] =>
  Array.from({ length: columns }, (_, j) =>
    [...weights].reduce((sum, [i, weight]) => sum + weight * BigInt(rows[i]![j]!), 0n),
  );

/** The rank by elimination modulo a prime far above every minor of these matrices. */
function rankModulo(rows: readonly (readonly number[])[]): number {
  const prime = 2_305_843_009_213_693_951n;
  const work = rows.map((row) => row.map((x) => ((BigInt(x) % prime) + prime) % prime));
  const power = (base: bigint, exponent: bigint): bigint => {
    let [result, square] = [1n, base];
    for (let e = exponent; e > 0n; e >>= 1n) {
      if (e & 1n) result = (result * square) % prime;
      square = (square * square) % prime;
    }
    return result;
  };
  let rank = 0;
  for (let j = 0; j < (rows[0]?.length ?? 0); j += 1) {
    const found = work.findIndex((row, i) => i >= rank && row[j] !== 0n);
    if (found < 0) continue;
    [work[rank], work[found]] = [work[found]!, work[rank]!];
    const pivot = work[rank]!;
    const inverse = power(pivot[j]!, prime - 2n);
    for (const [i, row] of work.entries()) {
      if (i <= rank || row[j] === 0n) continue;
      const factor = (row[j]! * inverse) % prime;
      for (const [k, x] of pivot.entries()) row[k] = (row[k]! + (prime - factor) * x) % prime;
    }
    rank += 1;
  }
  return rank;
}

const anyMatrix = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })).chain(([rows, columns]) =>
  fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  }),
);

describe('rowSpace', () => {
  it('finds the one dependency of two partitions of a week', () => {
    const days = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 1],
    ];
    const channels = [
      [1, 0, 1, 0],
      [0, 1, 0, 1],
    ];
    const { dependencies } = rowSpace([...days, ...channels].map(sparse));
    expect(dependencies).toHaveLength(1);
    const sign = dependencies[0]!.get(0)!;
    expect([0, 1, 2, 3, 4].map((i) => dependencies[0]!.get(i)! * sign)).toEqual([1n, 1n, 1n, -1n, -1n]);
  });

  it('finds as many independent dependencies as the rank leaves, each of them true', () => {
    fc.assert(
      fc.property(anyMatrix, (rows) => {
        const { dependencies } = rowSpace(rows.map(sparse));
        expect(dependencies).toHaveLength(rows.length - rankModulo(rows));
        for (const dependency of dependencies) {
          const sum = combination(dependency, rows, rows[0]!.length);
          expect(sum.every((x) => x === 0n)).toBe(true);
        }
        const asRows = dependencies.map((dependency) => rows.map((_, i) => Number(dependency.get(i) ?? 0n)));
        expect(rankModulo(asRows)).toBe(dependencies.length);
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  it('expresses exactly the vectors in the span, and expresses them truly', () => {
    fc.assert(
      fc.property(
        anyMatrix,
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 8, maxLength: 8 }),
        (rows, some) => {
          const vector = some.slice(0, rows[0]!.length);
          const expressed = rowSpace(rows.map(sparse)).express(sparse(vector));
          expect(expressed !== undefined).toBe(rankModulo([...rows, vector]) === rankModulo(rows));
          if (expressed === undefined) return;
          expect(expressed.divisor).not.toBe(0n);
          expect(combination(expressed.weights, rows, vector.length)).toEqual(
            vector.map((x) => BigInt(x) * expressed.divisor),
          );
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });

  it('always expresses a combination of its rows', () => {
    fc.assert(
      fc.property(anyMatrix, fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 8, maxLength: 8 }), (rows, by) => {
        const vector = rows[0]!.map((_, j) => rows.reduce((sum, row, i) => sum + by[i]! * row[j]!, 0));
        expect(rowSpace(rows.map(sparse)).express(sparse(vector))).toBeDefined();
      }),
      { seed: 43, numRuns: 300 },
    );
  });

  it('has nothing but 0 in the span of no rows', () => {
    const space = rowSpace([]);
    expect(space.dependencies).toEqual([]);
    expect(space.express(sparse([1]))).toBeUndefined();
    expect(space.express(sparse([0]))).toEqual({ weights: new Map(), divisor: 1n });
  });
});
