import { MATRIX_SCALE, MAX_HORIZON, columnNormSquared, inverseColumn, squareRootColumn } from './sqrt-matrix.ts';

/** K in full, from its first column. */
const matrix = (horizon: number): bigint[][] => {
  const column = squareRootColumn(horizon);
  return Array.from({ length: horizon }, (_, i) =>
    Array.from({ length: horizon }, (__, j) => (i >= j ? column[i - j]! : 0n)),
  );
};

describe('squareRootColumn', () => {
  it('is 1024 · binom(2n, n) / 4ⁿ rounded to integers, ties to the even one', () => {
    // 1024 · binom(14, 7) / 4⁷ = 214.5.
    expect(squareRootColumn(10)).toEqual([1024n, 512n, 384n, 320n, 280n, 252n, 231n, 214n, 201n, 190n]);
  });

  it('is within half a unit of the exact entries up to the longest flight', () => {
    let exact = 1024;
    for (const [n, entry] of squareRootColumn(MAX_HORIZON).entries()) {
      expect(Math.abs(Number(entry) - exact)).toBeLessThanOrEqual(0.5 + 1e-9);
      exact *= (2 * n + 1) / (2 * n + 2);
    }
  });

  it('is a square root: C · C is the matrix of ones on and below the diagonal, up to the rounding', () => {
    const c = squareRootColumn(90).map((entry) => Number(entry) / Number(MATRIX_SCALE));
    for (let n = 0; n < 90; n += 1) {
      let sum = 0;
      for (let i = 0; i <= n; i += 1) sum += c[i]! * c[n - i]!;
      expect(Math.abs(sum - 1)).toBeLessThan(0.01);
    }
  });

  it('does not change when the flight gets longer', () => {
    expect(squareRootColumn(90).slice(0, 30)).toEqual(squareRootColumn(30));
  });
});

describe('columnNormSquared', () => {
  it.each([
    [1, 1_048_576n],
    [30, 2_249_987n],
    [90, 2_618_209n],
  ])('of %d days is %s', (horizon, expected) => {
    expect(columnNormSquared(horizon)).toBe(expected);
  });

  it.each([1, 2, 7, 30])('is the largest of all columns of %d days', (horizon) => {
    const rows = matrix(horizon);
    const norms = rows.map((_, j) => rows.reduce((sum, row) => sum + row[j]! ** 2n, 0n));
    expect(norms.reduce((a, b) => (a > b ? a : b))).toBe(columnNormSquared(horizon));
  });
});

it('inverseColumn inverts K, up to the longest flight', () => {
  const [column, inverse] = [squareRootColumn(MAX_HORIZON).map(Number), inverseColumn(MAX_HORIZON)];
  for (let n = 0; n < MAX_HORIZON; n += 1) {
    let sum = 0;
    for (let i = 0; i <= n; i += 1) sum += column[i]! * inverse[n - i]!;
    expect(Math.abs(sum - (n === 0 ? 1 : 0))).toBeLessThan(1e-12);
  }
});

it.each([0, -1, 1.5, NaN, Infinity, MAX_HORIZON + 1])('a horizon of %d days is refused', (horizon) => {
  for (const f of [squareRootColumn, columnNormSquared, inverseColumn])
    expect(() => f(horizon)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
});
