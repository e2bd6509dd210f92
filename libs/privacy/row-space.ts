/** A vector by its non-zero coordinates. */
export type SparseVector = ReadonlyMap<number, bigint>;

/** A combination of the rows: `entries` = Σ origin_i · row_i over the integers, with any `known` vector added in. */
interface Combination {
  readonly entries: SparseVector;
  readonly origin: SparseVector;
}

/** A vector as a combination of the rows: vector = Σ weights_i · row_i / divisor. */
export interface RowCombination {
  readonly weights: SparseVector;
  readonly divisor: bigint;
}

/** The space spanned by the rows of an integer matrix, decided exactly. */
export interface RowSpace {
  /** A basis of the dependencies: every combination of the rows that is zero is a combination of these. */
  readonly dependencies: readonly SparseVector[];
  /** How a vector is made of the rows; undefined when it is not in their span. Not unique where rows depend. */
  express(vector: SparseVector): RowCombination | undefined;
}

const magnitude = (n: bigint): bigint => (n < 0n ? -n : n);

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [magnitude(a), magnitude(b)];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** a·u + b·v. */
function combine(a: bigint, u: SparseVector, b: bigint, v: SparseVector): SparseVector {
  const sum = new Map<number, bigint>();
  for (const [index, value] of u) sum.set(index, a * value);
  for (const [index, value] of v) {
    const next = (sum.get(index) ?? 0n) + b * value;
    if (next === 0n) sum.delete(index);
    else sum.set(index, next);
  }
  return sum;
}

/** Divides a combination by the common divisor of all its integers, so that they stay small. */
function reduced({ entries, origin }: Combination): Combination {
  let divisor = 0n;
  for (const vector of [entries, origin]) {
    for (const value of vector.values()) {
      divisor = greatestCommonDivisor(divisor, value);
      if (divisor === 1n) return { entries, origin };
    }
  }
  const divided = (vector: SparseVector): SparseVector =>
    new Map([...vector].map(([index, value]) => [index, value / divisor]));
  return { entries: divided(entries), origin: divided(origin) };
}

const firstIndex = (vector: SparseVector): number => {
  let first = Infinity;
  for (const index of vector.keys()) first = Math.min(first, index);
  return first;
};

/** Eliminates leading coordinates by the pivots until none is left or the leading one has no pivot. */
function eliminate(start: Combination, pivots: ReadonlyMap<number, Combination>): Combination {
  let row = start;
  while (row.entries.size > 0) {
    const column = firstIndex(row.entries);
    const pivot = pivots.get(column);
    if (pivot === undefined) return row;
    const [lead, pivotLead] = [row.entries.get(column) ?? 0n, pivot.entries.get(column) ?? 0n];
    const common = greatestCommonDivisor(lead, pivotLead);
    const [a, b] = [pivotLead / common, -lead / common];
    row = reduced({
      entries: combine(a, row.entries, b, pivot.entries),
      origin: combine(a, row.origin, b, pivot.origin),
    });
  }
  return row;
}

/** The place of the vector under test among the origins; the rows have the places from 0. */
const UNDER_TEST = -1;

/**
 * The row space of an integer matrix by fraction-free Gaussian elimination. Exact: a rank never rests on a tolerance.
 * Fast where the rows are sparse or nested, as sums of disjoint cells are.
 */
export function rowSpace(rows: readonly SparseVector[]): RowSpace {
  const pivots = new Map<number, Combination>();
  const dependencies: SparseVector[] = [];
  // Short rows first: they stay short, and the long ones are eliminated by them.
  const order = [...rows.keys()].toSorted((i, j) => (rows[i]?.size ?? 0) - (rows[j]?.size ?? 0));
  for (const i of order) {
    const row = eliminate({ entries: rows[i] ?? new Map(), origin: new Map([[i, 1n]]) }, pivots);
    if (row.entries.size === 0) dependencies.push(row.origin);
    else pivots.set(firstIndex(row.entries), row);
  }
  return {
    dependencies,
    express(vector) {
      const { entries, origin } = eliminate({ entries: vector, origin: new Map([[UNDER_TEST, 1n]]) }, pivots);
      if (entries.size > 0) return undefined;
      // divisor · vector + Σ origin_i · row_i = 0.
      const weights = new Map([...origin].filter(([i]) => i !== UNDER_TEST).map(([i, value]) => [i, -value]));
      return { weights, divisor: origin.get(UNDER_TEST) ?? 1n };
    },
  };
}
