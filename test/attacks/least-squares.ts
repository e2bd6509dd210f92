/**
 * x that minimises |Ax − b|² + λ|x|², by the normal equations and Cholesky. Where b has noise of variance v and x is
 * known beforehand to lie about 0 with variance w, λ = v/w gives the best linear estimate.
 *
 * @param rows of A, one for each of b.
 * @throws RangeError where λ is 0 and the rows leave x open.
 */
export function leastSquares(rows: readonly Float64Array[], b: readonly number[], lambda = 0): Float64Array {
  const size = rows[0]?.length ?? 0;
  const normal = Array.from({ length: size }, (_, i) => {
    const row = new Float64Array(size);
    row[i] = lambda;
    return row;
  });
  const right = new Float64Array(size);
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < size; i += 1) {
      if (row[i] === 0) continue;
      right[i]! += row[i]! * b[r]!;
      for (let j = 0; j <= i; j += 1) normal[i]![j]! += row[i]! * row[j]!;
    }
  }
  return solve(cholesky(normal), right);
}

/** Lower L with LLᵀ = M. */
function cholesky(m: readonly Float64Array[]): Float64Array[] {
  const lower = m.map(({ length }) => new Float64Array(length));
  for (let i = 0; i < m.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let rest = m[i]![j]!;
      for (let k = 0; k < j; k += 1) rest -= lower[i]![k]! * lower[j]![k]!;
      if (i === j && rest <= 1e-9) throw new RangeError('the questions do not determine the unknowns');
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
  }
  return lower;
}

/** x with LLᵀx = c. */
function solve(lower: readonly Float64Array[], c: Float64Array): Float64Array {
  const size = c.length;
  const x = Float64Array.from(c);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}
