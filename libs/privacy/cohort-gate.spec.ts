import { inspect } from 'node:util';
import fc from 'fast-check';
import { RawVector } from '#core';
import { REPORT_CELL, gatedCells, ownGate } from './cohort-gate.ts';
import type { Gate } from './cohort-gate.ts';
import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import type { GridMarginal } from './marginal.ts';
import { halfWidth95 } from './tails.ts';
import { seededRandom } from './testing.ts';
import { tau } from './threshold.ts';
import { releaseVector } from './vector-release.ts';
import type { ReleasedVector } from './vector-release.ts';

const SIGMA2 = { num: 2500n, den: 1n };
const TAU = tau({ ...REPORT_CELL, sigma2: SIGMA2 });

function released(kind: GridMarginal['kind'], exact: readonly bigint[], seed: string, sigma2 = SIGMA2): ReleasedVector {
  const marginal = { kind, keys: ['week'], coordinates: exact.length } as const;
  return releaseVector(new RawVector(exact), { marginal, bounds: DEFAULT_BOUNDS, sigma2 }, seededRandom(seed));
}

const gate = (members: ReleasedVector, by: Gate['by']): Gate => ({ rule: REPORT_CELL, members, by });
const verdicts = (vector: ReleasedVector, by: Gate): string[] => gatedCells(vector, by).map(({ verdict }) => verdict);

describe('gatedCells', () => {
  const anyNumbers = fc.array(fc.bigInt({ min: TAU - 200n, max: TAU + 200n }), { minLength: 1, maxLength: 30 });

  it('shows a number of members exactly when its noisy value reaches τ, with its interval', () => {
    fc.assert(
      fc.property(anyNumbers, fc.string(), (exact, seed) => {
        const members = released('members', exact, seed);
        const h = halfWidth95(SIGMA2);
        expect(gatedCells(members, ownGate(members))).toEqual(
          members.values.map((value) =>
            value >= TAU
              ? { verdict: 'RELEASED', value, interval95: [value - h, value + h] }
              : { verdict: 'SUPPRESSED' },
          ),
        );
      }),
      { seed: 231, numRuns: 200 },
    );
  });

  it('shows money by the members of the same place, however much money it is', () => {
    fc.assert(
      fc.property(anyNumbers, fc.string(), (exact, seed) => {
        const members = released('members', exact, seed);
        const sigma2 = { num: 10n ** 6n, den: 1n };
        const money = released(
          'money',
          exact.map((n) => n * 862n),
          `${seed} money`,
          sigma2,
        );
        const h = halfWidth95(sigma2);
        expect(gatedCells(money, gate(members, 'same-place'))).toEqual(
          money.values.map((value, i) =>
            members.values[i]! >= TAU
              ? { verdict: 'RELEASED', value, interval95: [value - h, value + h] }
              : { verdict: 'SUPPRESSED' },
          ),
        );
      }),
      { seed: 232, numRuns: 100 },
    );
  });

  it('decides at τ: one member fewer in the noisy number is withheld', () => {
    const noise = released('members', [0n], 'edge').values[0]!;
    const at = (noisy: bigint) => released('members', [noisy - noise], 'edge');
    expect(verdicts(at(TAU), ownGate(at(TAU)))).toEqual(['RELEASED']);
    expect(verdicts(at(TAU - 1n), ownGate(at(TAU - 1n)))).toEqual(['SUPPRESSED']);
  });

  it('takes for each cell the number of members of the place it names', () => {
    const members = released('members', [0n, 10_000n], 'places');
    const money = released('money', [1n, 1n, 1n, 1n], 'places');
    expect(verdicts(money, gate(members, [1, 0, 0, 1]))).toEqual(['RELEASED', 'SUPPRESSED', 'SUPPRESSED', 'RELEASED']);
  });

  it('decides by the sum of a partition at the τ of the noise of the sum', () => {
    const exact = Array<bigint>(25).fill(0n);
    const noise = released('partition', exact, 'sum').values.reduce((sum, value) => sum + value, 0n);
    const threshold = tau({ ...REPORT_CELL, sigma2: { num: 25n * SIGMA2.num, den: 1n } });
    expect(threshold).toBeGreaterThan(4n * TAU);
    const total = (sum: bigint) => released('partition', [sum - noise, ...exact.slice(1)], 'sum');
    const money = released('money', [1n], 'total');
    expect(verdicts(money, gate(total(threshold), 'total'))).toEqual(['RELEASED']);
    expect(verdicts(money, gate(total(threshold - 1n), 'total'))).toEqual(['SUPPRESSED']);
  });

  it('keeps a rule of its own', () => {
    const members = released('members', [1000n], 'rule');
    expect(verdicts(members, ownGate(members, { k: 20n, beta: 1e-3 }))).toEqual(['RELEASED']);
    expect(verdicts(members, ownGate(members, { k: 1000n, beta: 1e-6 }))).toEqual(['SUPPRESSED']);
  });

  it('carries nothing in a suppressed cell: the same frozen object every time', () => {
    const members = released('members', [0n, 15n, -400n], 'nothing');
    const cells = gatedCells(members, ownGate(members));
    expect(new Set(cells).size).toBe(1);
    expect(Reflect.ownKeys(cells[0]!)).toEqual(['verdict']);
    expect(inspect(cells[0], { showHidden: true })).toBe("{ verdict: 'SUPPRESSED' }");
    expect(Object.isFrozen(cells[0]) && Object.isFrozen(cells)).toBe(true);
  });

  const members = released('members', [100n, 100n], 'refused');
  const money = released('money', [1n, 1n, 1n], 'refused');
  it.each([
    ['money that gates itself', money, gate(money, 'same-place')],
    ['a gate of another grid', money, gate(members, 'same-place')],
    ['places for some cells only', money, gate(members, [0, 1])],
    ['a place beyond the gate', money, gate(members, [0, 1, 2])],
    ['a place before the gate', money, gate(members, [0, 1, -1])],
    ['a total of members who are counted in several places', money, gate(members, 'total')],
    ['a minimum cohort of 0', members, ownGate(members, { k: 0n, beta: 1e-3 })],
    ['a false-release rate of ½', members, ownGate(members, { k: 20n, beta: 0.5 })],
  ])('refuses %s', (_, vector, by) => {
    expect(() => gatedCells(vector, by)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });
});
