import fc from 'fast-check';
import { reconcile, reconciliation } from './reconcile.ts';
import type { ReconciliationDesign } from './reconcile.ts';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** An exact fraction. */
type Fraction = readonly [bigint, bigint];
const fraction = (num: bigint, den: bigint): Fraction => {
  let [x, y] = [num < 0n ? -num : num, den];
  while (y !== 0n) [x, y] = [y, x % y];
  x = x < 0n ? -x : x;
  return den < 0n ? [-num / x, -den / x] : [num / x, den / x];
};
const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * d + c * b, b * d);
const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * c, b * d);
const over = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * d, b * c);
const minus = (a: Fraction, b: Fraction): Fraction => plus(a, times(b, [-1n, 1n]));
const ZERO: Fraction = [0n, 1n];

/** A solution of G·u = b by elimination in fractions, free unknowns 0; undefined when there is none. */
function solveExactly(G: readonly (readonly Fraction[])[], b: readonly Fraction[]): Fraction[] | undefined {
  const rows = G.map((row, i) => [...row, b[i]!]);
  const pivots: number[] = [];
  for (const j of range(G.length)) {
    const found = rows.findIndex((row, i) => i >= pivots.length && row[j]![0] !== 0n);
    if (found < 0) continue;
    const at = pivots.length;
    [rows[at], rows[found]] = [rows[found]!, rows[at]!];
    const lead = rows[at][j]!;
    const pivot = rows[at].map((x) => over(x, lead));
    for (const i of range(G.length)) rows[i] = rows[i]!.map((x, k) => minus(x, times(rows[i]![j]!, pivot[k]!)));
    rows[at] = pivot;
    pivots.push(j);
  }
  if (rows.slice(pivots.length).some((row) => row.at(-1)![0] !== 0n)) return undefined;
  const solution: Fraction[] = G.map(() => ZERO);
  for (const [i, j] of pivots.entries()) solution[j] = rows[i]!.at(-1)!;
  return solution;
}

/**
 * Generalised least squares by its definition, in exact fractions: any x with MᵀD⁻¹M x = MᵀD⁻¹y minimises the sum of
 * squares, and Var(cᵀx) = cᵀ(MᵀD⁻¹M)⁻c. Undefined for a sum that the observations do not determine.
 */
function normalEquations(
  { unknowns, observed }: ReconciliationDesign,
  values: readonly number[],
  sumOf: readonly number[],
): { value: number; variance: number } | undefined {
  const cells = range(unknowns);
  const gram = cells.map((i) =>
    cells.map((j) =>
      observed
        .filter(({ members }) => members.includes(i) && members.includes(j))
        .reduce<Fraction>((sum, { variance }) => plus(sum, [1n, BigInt(variance)]), ZERO),
    ),
  );
  const right = cells.map((i) =>
    observed.reduce<Fraction>(
      (sum, { members, variance }, v) =>
        members.includes(i) ? plus(sum, [BigInt(values[v]!), BigInt(variance)]) : sum,
      ZERO,
    ),
  );
  const c = cells.map<Fraction>((i) => (sumOf.includes(i) ? [1n, 1n] : ZERO));
  const u = solveExactly(gram, c);
  if (u === undefined) return undefined;
  const inner = (a: readonly Fraction[], b: readonly Fraction[]): number => {
    const [num, den] = a.reduce((sum, x, i) => plus(sum, times(x, b[i]!)), ZERO);
    return Number(num) / Number(den);
  };
  return { value: inner(c, solveExactly(gram, right)!), variance: inner(c, u) };
}

const anyCells = (unknowns: number): fc.Arbitrary<number[]> =>
  fc.subarray(range(unknowns), { minLength: 1, maxLength: unknowns });

/** A few sums of up to five cells, with values and variances over six orders of magnitude. */
const anyMeasured = fc.integer({ min: 1, max: 5 }).chain((unknowns) =>
  fc.record({
    unknowns: fc.constant(unknowns),
    observed: fc.array(
      fc.record({
        members: anyCells(unknowns),
        value: fc.integer({ min: -100_000, max: 100_000 }),
        variance: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    asked: anyCells(unknowns),
  }),
);

/** The grid of 14 days × 3 channels with the sums that a report releases. */
const [DAYS, CHANNELS] = [14, 3];
const cell = (day: number, channel: number): number => day * CHANNELS + channel;
const ofDay = range(DAYS).map((day) => range(CHANNELS).map((channel) => cell(day, channel)));
const ofChannel = range(CHANNELS).map((channel) => range(DAYS).map((day) => cell(day, channel)));
const ofWeekChannel = range(2).flatMap((week) =>
  range(CHANNELS).map((channel) => range(7).map((day) => cell(7 * week + day, channel))),
);
const ofAll = range(DAYS * CHANNELS);

describe('reconcile', () => {
  it('is generalised least squares: the same values, variances and refusals as its normal equations in fractions', () => {
    fc.assert(
      fc.property(anyMeasured, ({ asked, ...measured }) => {
        const values = measured.observed.map(({ value }) => value);
        const expected = normalEquations(measured, values, asked);
        const solver = reconciliation(measured);
        expect(solver.isEstimable(asked)).toBe(expected !== undefined);
        if (expected === undefined) return;
        const { value, variance, standardError } = reconcile(measured).estimate(asked);
        const scale = Math.max(...values.map(Math.abs), 1);
        expect(Math.abs(value - expected.value) / scale).toBeLessThan(1e-10);
        expect(Math.abs(variance / expected.variance - 1)).toBeLessThan(1e-10);
        expect(standardError).toBe(Math.sqrt(variance));
        expect(solver.standardError(asked)).toBe(standardError);
      }),
      { seed: 61, numRuns: 400 },
    );
  });

  // Two partitions of one week: each is moved to the common total, in equal parts.
  it('agrees with the closed form for 7 days and 10 cells of one week', () => {
    const [dayVariance, cellVariance] = [761 ** 2, 704 ** 2];
    const days = range(7).map((d) => 9000 + 613 * d);
    const cells = range(10).map((c) => 4000 + 827 * c);
    const [totalOfDays, totalOfCells] = [days, cells].map((values) => values.reduce((a, b) => a + b, 0));
    const [weightOfDays, weightOfCells] = [1 / (7 * dayVariance), 1 / (10 * cellVariance)];
    const total = (totalOfDays! * weightOfDays + totalOfCells! * weightOfCells) / (weightOfDays + weightOfCells);
    const dayMembers = range(7).map((d) => range(10).map((c) => 10 * d + c));
    const cellMembers = range(10).map((c) => range(7).map((d) => 10 * d + c));
    const reconciled = reconcile({
      unknowns: 70,
      observed: [
        ...days.map((value, d) => ({ value, variance: dayVariance, members: dayMembers[d]! })),
        ...cells.map((value, c) => ({ value, variance: cellVariance, members: cellMembers[c]! })),
      ],
    });
    for (const [d, value] of days.entries())
      expect(reconciled.estimate(dayMembers[d]!).value).toBeCloseTo(value + (total - totalOfDays!) / 7, 7);
    for (const [c, value] of cells.entries())
      expect(reconciled.estimate(cellMembers[c]!).value).toBeCloseTo(value + (total - totalOfCells!) / 10, 7);
    const week = reconciled.estimate(range(70));
    expect(week.value).toBeCloseTo(total, 7);
    expect(week.variance).toBeCloseTo(1 / (weightOfDays + weightOfCells), 5);
    // A day keeps all of its noise but for its seventh of the correction to the total.
    expect(reconciled.estimate(dayMembers[0]!).variance).toBeCloseTo(
      dayVariance - (7 * dayVariance - week.variance) / 49,
      5,
    );
  });

  it('makes days, channels, weeks and the campaign add up', () => {
    const observed = [...ofDay, ...ofWeekChannel, ...ofChannel, ofAll].map((members, i) => ({
      members,
      value: Math.round(1e7 * Math.abs(Math.sin(i + 1))),
      variance: 70_000 ** 2 * (1 + (i % 5)),
    }));
    const reconciled = reconcile({ unknowns: DAYS * CHANNELS, observed });
    const total = (sums: readonly number[][]): number =>
      sums.reduce((sum, members) => sum + reconciled.estimate(members).value, 0);
    const campaign = reconciled.estimate(ofAll).value;
    for (const sums of [ofDay, ofChannel, ofWeekChannel])
      expect(Math.abs(total(sums) / campaign - 1)).toBeLessThan(1e-9);
    expect(reconciled.estimate(ofDay.slice(0, 7).flat()).value / total(ofWeekChannel.slice(0, CHANNELS))).toBeCloseTo(
      1,
      9,
    );
  });

  it('never answers with more variance than a released value of the same sum', () => {
    fc.assert(
      fc.property(anyMeasured, (measured) => {
        const solver = reconciliation(measured);
        for (const { members, variance } of measured.observed)
          expect(solver.standardError(members) ** 2).toBeLessThanOrEqual(variance * (1 + 1e-12));
      }),
      { seed: 62 },
    );
  });

  it('is unbiased: values without noise come back', () => {
    fc.assert(
      fc.property(
        anyMeasured,
        fc.array(fc.integer({ min: -9999, max: 9999 }), { minLength: 5, maxLength: 5 }),
        (m, x) => {
          const sum = (members: readonly number[]): number => members.reduce((s, i) => s + x[i]!, 0);
          const solver = reconciliation(m);
          if (!solver.isEstimable(m.asked)) return;
          const estimate = solver.solve(m.observed.map(({ members }) => sum(members))).estimate(m.asked);
          expect(estimate.value).toBeCloseTo(sum(m.asked), 6);
        },
      ),
      { seed: 63 },
    );
  });

  it('is linear in the released values', () => {
    fc.assert(
      fc.property(
        anyMeasured,
        fc.array(fc.integer({ min: -9999, max: 9999 }), { minLength: 7, maxLength: 7 }),
        (m, y) => {
          const solver = reconciliation(m);
          if (!solver.isEstimable(m.asked)) return;
          const values = m.observed.map(({ value }) => value);
          const others = values.map((_, i) => y[i]!);
          const of = (v: readonly number[]): number => solver.solve(v).estimate(m.asked).value;
          expect(of(values.map((v, i) => v + 3 * others[i]!))).toBeCloseTo(of(values) + 3 * of(others), 5);
        },
      ),
      { seed: 64 },
    );
  });

  it('does not depend on the order of the sums, of their cells or of the cells asked for', () => {
    fc.assert(
      fc.property(anyMeasured, ({ asked, unknowns, observed }) => {
        const backwards = observed.toReversed().map((sum) => ({ ...sum, members: sum.members.toReversed() }));
        const solver = reconciliation({ unknowns, observed });
        if (!solver.isEstimable(asked)) return;
        const one = reconcile({ unknowns, observed }).estimate(asked);
        const other = reconcile({ unknowns, observed: backwards }).estimate(asked.toReversed());
        const scale = Math.max(...observed.map(({ value }) => Math.abs(value)), 1);
        expect(Math.abs(other.value - one.value) / scale).toBeLessThan(1e-11);
        expect(Math.abs(other.variance / one.variance - 1)).toBeLessThan(1e-11);
      }),
      { seed: 65 },
    );
  });

  it('leaves a single marginal as it was released', () => {
    const observed = ofDay.map((members, d) => ({ members, value: 100 * d - 37, variance: 50 + d }));
    const reconciled = reconcile({ unknowns: DAYS * CHANNELS, observed });
    for (const { members, value, variance } of observed)
      expect(reconciled.estimate(members)).toEqual({
        value,
        variance: expect.closeTo(variance, 9),
        standardError: expect.closeTo(Math.sqrt(variance), 9),
      });
    expect(reconciled.estimate(ofAll).variance).toBeCloseTo(
      observed.reduce((sum, { variance }) => sum + variance, 0),
      9,
    );
  });

  it('keeps its digits where variances are twelve orders apart', () => {
    const observed = [1, 1e-6, 1e6, 1e-6].map((variance, i) => ({ members: [0], value: 100 + i, variance }));
    const { value, variance } = reconcile({ unknowns: 1, observed }).estimate([0]);
    const information = observed.reduce((sum, o) => sum + 1 / o.variance, 0);
    expect(Math.abs(variance * information - 1)).toBeLessThan(1e-9);
    expect(value).toBeCloseTo(observed.reduce((sum, o) => sum + o.value / o.variance, 0) / information, 9);
  });

  it('answers two designs of one solver as if each were alone', () => {
    const design = { unknowns: 2, observed: [[0], [1], [0, 1]].map((members) => ({ members, variance: 1 })) };
    const solver = reconciliation(design);
    const [one, two] = [solver.solve([3, 4, 10]), solver.solve([0, 0, 3])];
    expect([one.estimate([0]).value, two.estimate([0]).value]).toEqual([expect.closeTo(4, 12), expect.closeTo(1, 12)]);
    expect(one.estimate([0, 1]).value).toBeCloseTo(9, 12);
  });
});

describe('what cannot be answered', () => {
  const refusal = expect.objectContaining({ code: 'privacy-parameter' });
  const marginals = reconciliation({
    unknowns: DAYS * CHANNELS,
    observed: [...ofDay, ...ofChannel].map((members) => ({ members, variance: 4 })),
  });

  it('is a cell that the marginals do not determine', () => {
    for (const sumOf of [[0], [0, 1], [cell(3, 0), cell(4, 0)], ofAll.slice(1)]) {
      expect(marginals.isEstimable(sumOf)).toBe(false);
      expect(() => marginals.standardError(sumOf)).toThrow(refusal);
      expect(() => marginals.solve([...ofDay, ...ofChannel].map(() => 0)).estimate(sumOf)).toThrow(refusal);
    }
    expect(marginals.isEstimable([...ofDay[2]!, ...ofDay[9]!])).toBe(true);
  });

  it.each([
    ['no cell', []],
    ['a cell twice', [3, 3]],
    ['a cell outside the grid', [DAYS * CHANNELS]],
    ['a negative cell', [-1]],
    ['half a cell', [0.5]],
  ])('is a sum of %s', (_, sumOf) => {
    expect(() => marginals.isEstimable(sumOf)).toThrow(refusal);
    expect(() => reconciliation({ unknowns: 42, observed: [{ members: sumOf, variance: 1 }] })).toThrow(refusal);
  });

  it.each([0, -1, NaN, Infinity])('is a released sum of variance %d', (variance) => {
    expect(() => reconciliation({ unknowns: 1, observed: [{ members: [0], variance }] })).toThrow(refusal);
  });

  it.each([0, -1, 1.5, NaN])('is a grid of %d cells', (unknowns) => {
    expect(() => reconciliation({ unknowns, observed: [] })).toThrow(refusal);
  });

  it('is a list of values that does not belong to the design', () => {
    const solver = reconciliation({ unknowns: 1, observed: [{ members: [0], variance: 1 }] });
    for (const values of [[], [1, 2], [NaN], [Infinity]]) expect(() => solver.solve(values)).toThrow(refusal);
  });
});
