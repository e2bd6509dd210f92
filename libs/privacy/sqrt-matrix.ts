import { DomainError } from '#core';

/** The square-root matrix times this, rounded to integers. */
export const MATRIX_SCALE = 1024n;

/** Longest flight, days. */
export const MAX_HORIZON = 366;

/** @throws DomainError `privacy-parameter` unless `days` is an integer from 1 to {@link MAX_HORIZON}. */
export function checkHorizon(days: number): void {
  if (Number.isInteger(days) && days >= 1 && days <= MAX_HORIZON) return;
  throw new DomainError('privacy-parameter', {
    public: `the horizon of a curve must be from 1 to ${MAX_HORIZON} days`,
    internal: `horizon = ${days}`,
  });
}

/** The integer nearest to num/den, of two equally near ones the even. Both positive. */
function nearestInteger(num: bigint, den: bigint): bigint {
  const floor = num / den;
  const twiceRest = 2n * (num - floor * den);
  if (twiceRest < den) return floor;
  return twiceRest > den || floor % 2n === 1n ? floor + 1n : floor;
}

function roundedColumn(): readonly bigint[] {
  const column: bigint[] = [];
  let [binomial, power] = [1n, 1n];
  for (let n = 0n; n < BigInt(MAX_HORIZON); n += 1n) {
    column.push(nearestInteger(MATRIX_SCALE * binomial, power));
    // binom(2n + 2, n + 1) = binom(2n, n) · 2(2n + 1) / (n + 1), exactly.
    binomial = (binomial * 2n * (2n * n + 1n)) / (n + 1n);
    power *= 4n;
  }
  return column;
}

/** The column of a shorter flight is the beginning of this one. */
const COLUMN = roundedColumn();

/** The inverse of a lower triangular Toeplitz matrix is one too, and begins in the same way for every size. */
function invertedColumn(): readonly number[] {
  const column = COLUMN.map(Number);
  const inverse: number[] = [];
  for (let n = 0; n < MAX_HORIZON; n += 1) {
    let rest = n === 0 ? 1 : 0;
    for (let lag = 1; lag <= n; lag += 1) rest -= (column[lag] ?? 0) * (inverse[n - lag] ?? 0);
    inverse.push(rest / Number(MATRIX_SCALE));
  }
  return inverse;
}

const INVERSE = invertedColumn();

/**
 * The first column of K, of length T. K is the integer form of the square root of the prefix-sum matrix: lower
 * triangular, constant along its diagonals, K_ij = k_{i−j} with k_n = round(1024 · binom(2n, n) / 4ⁿ), half to even.
 *
 * The square root C of the lower-triangular matrix A of ones (A = C·C) has the entries binom(2n, n) / 4ⁿ: H. Fichtenberger,
 * M. Henzinger, J. Upadhyay, _Constant matters_, 2022, arXiv 2202.11205. K is what is released through, so its rounding
 * is part of the mechanism and not an error of it: the sensitivity is that of K itself.
 *
 * @param horizon T, days.
 * @throws DomainError `privacy-parameter`.
 */
export function squareRootColumn(horizon: number): readonly bigint[] {
  checkHorizon(horizon);
  return COLUMN.slice(0, horizon);
}

/**
 * Δ₂² of one curve over T days, in the units of K: the largest squared norm of a column of K, which is that of the first.
 * It holds for data in which one member adds 1 on one day.
 * @param horizon T, days.
 * @throws DomainError `privacy-parameter`.
 */
export function columnNormSquared(horizon: number): bigint {
  return squareRootColumn(horizon).reduce((sum, entry) => sum + entry * entry, 0n);
}

/**
 * The first column of K⁻¹, which is lower triangular and constant along its diagonals like K. In doubles: it serves
 * the estimate, never the mechanism.
 * @param horizon T, days.
 * @throws DomainError `privacy-parameter`.
 */
export function inverseColumn(horizon: number): readonly number[] {
  checkHorizon(horizon);
  return INVERSE.slice(0, horizon);
}
