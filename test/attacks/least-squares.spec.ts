import { Coins } from './coins.ts';
import { leastSquares } from './least-squares.ts';

const coins = new Coins('least squares');
const matrix = (rows: number, columns: number): Float64Array[] =>
  Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => coins.below(2)));
const product = (rows: readonly Float64Array[], x: readonly number[]): number[] =>
  rows.map((row) => row.reduce((sum, a, index) => sum + a * x[index]!, 0));

it('finds the one solution where there is one', () => {
  const rows = matrix(40, 20);
  const x = Array.from({ length: 20 }, () => coins.below(100));
  for (const [index, value] of leastSquares(rows, product(rows, x)).entries()) expect(value).toBeCloseTo(x[index]!, 8);
});

it('leaves a rest that no column can explain', () => {
  const rows = matrix(40, 20);
  const b = rows.map(() => coins.below(100));
  const rest = product(rows, [...leastSquares(rows, b)]).map((value, index) => b[index]! - value);
  for (let column = 0; column < 20; column += 1) {
    expect(rows.reduce((sum, row, index) => sum + row[column]! * rest[index]!, 0)).toBeCloseTo(0, 8);
  }
});

it('keeps near zero what the rows tell little about', () => {
  const rows = matrix(40, 20);
  const b = rows.map(() => coins.below(100));
  const lengthAt = (lambda: number): number => Math.hypot(...leastSquares(rows, b, lambda));
  expect(lengthAt(10)).toBeLessThan(lengthAt(0));
  expect(lengthAt(1e9)).toBeLessThan(1e-3);
  // One equation x = 6 against λ = 2: x = 6 / (1 + 2).
  expect(leastSquares([Float64Array.of(1)], [6], 2)[0]).toBeCloseTo(2, 12);
});

it('refuses questions that leave something open', () => {
  expect(() =>
    leastSquares(
      matrix(10, 20),
      Array.from({ length: 10 }, () => 0),
    ),
  ).toThrow(RangeError);
});
