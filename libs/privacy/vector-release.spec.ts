import { inspect } from 'node:util';
import fc from 'fast-check';
import { RawVector } from '#core';
import { DEFAULT_BOUNDS } from './contribution-bounds.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { scriptedRandom, seededRandom } from './testing.ts';
import { ReleasedVector, joinSlices, noisyValues, priceVector, releaseSlice, releaseVector } from './vector-release.ts';
import type { ReleasedSlice } from './vector-release.ts';
import type { VectorPlan } from './vector-release.ts';

const plan = (coordinates: number, fault: Partial<VectorPlan> = {}): VectorPlan => ({
  marginal: { kind: 'members', keys: ['event-day'], coordinates },
  bounds: DEFAULT_BOUNDS,
  sigma2: { num: 2500n, den: 1n },
  ...fault,
});
const refusal = expect.objectContaining({ code: 'privacy-parameter' });

describe('priceVector', () => {
  it.each([
    ['distinct members by day', plan(30), 1_000_000n],
    ['distinct members on two coordinates', plan(2), 400_000n],
    ['a partition', plan(30, { marginal: { kind: 'partition', keys: ['week'], coordinates: 30 } }), 200_000n],
    ['units', plan(30, { marginal: { kind: 'units', keys: ['week'], coordinates: 30 } }), 45_000_000n],
    ['money', plan(30, { marginal: { kind: 'money', keys: [], coordinates: 1 } }), 4_050_000_000_000n],
  ])('of %s is Δ²/2σ² for the Δ² of its marginal, not one that is stated', (_, any, nanoRho) => {
    expect(priceVector(any)).toBe(nanoRho);
  });
});

describe('releaseVector', () => {
  const anyVector = fc.array(fc.bigInt({ min: -(10n ** 7n), max: 10n ** 7n }), { minLength: 1, maxLength: 40 });

  it('adds a draw of its own to every coordinate, in order', () => {
    fc.assert(
      fc.property(anyVector, fc.string(), (exact, seed) => {
        const any = plan(exact.length);
        const random = seededRandom(seed);
        const draw = discreteGaussian(any.sigma2);
        const expected = exact.map((value) => value + draw(random));
        expect(releaseVector(new RawVector(exact), any, seededRandom(seed)).values).toEqual(expected);
      }),
      { seed: 221, numRuns: 200 },
    );
  });

  it('gives empty coordinates noise like all others', () => {
    const { values } = releaseVector(new RawVector(Array<bigint>(200).fill(0n)), plan(200), seededRandom('empty'));
    expect(values).toHaveLength(200);
    expect(values.filter((value) => value === 0n).length).toBeLessThan(10);
    expect(new Set(values).size).toBeGreaterThan(100);
  });

  it('reads as much randomness whatever the numbers are', () => {
    const after = [0n, 10n ** 9n].map((value) => {
      const random = seededRandom('both');
      releaseVector(new RawVector([value, value, value]), plan(3), random);
      return random.word();
    });
    expect(after[0]).toBe(after[1]);
    expect(() => releaseVector(new RawVector([0n]), plan(1), scriptedRandom([]))).toThrow(RangeError);
  });

  it.each([
    ['fewer numbers than coordinates', [1n, 2n], plan(3)],
    ['more numbers than coordinates', [1n, 2n, 3n], plan(2)],
    ['no numbers', [], plan(1)],
    ['no noise', [4711n], plan(1, { sigma2: { num: 0n, den: 1n } })],
    ['bounds that bound nothing', [4711n], plan(1, { bounds: { ...DEFAULT_BOUNDS, rows: 0n } })],
    ['a grid without coordinates', [4711n], plan(1, { marginal: { kind: 'money', keys: [], coordinates: 0 } })],
  ])('refuses %s, before it draws, and names no number', (_, exact, any) => {
    const release = (): unknown => releaseVector(new RawVector(exact), any, scriptedRandom([]));
    expect(release).toThrow(refusal);
    let caught: unknown;
    try {
      release();
    } catch (error) {
      caught = error;
    }
    expect(inspect(caught, { depth: 5, showHidden: true })).not.toContain('4711n');
  });
});

describe('releaseSlice', () => {
  const whole = plan(6);
  const days = (random = seededRandom('days')): ReleasedSlice[] =>
    [[0, 1], [4], [2, 3, 5]].map((places) =>
      releaseSlice(new RawVector(places.map((place) => BigInt(100 * place))), whole, places, random),
    );

  it('day by day gives the vector that all at once gives, at the price of one', () => {
    const random = seededRandom('days');
    const draw = discreteGaussian(whole.sigma2);
    const [z0 = 0n, z1 = 0n, z4 = 0n, z2 = 0n, z3 = 0n, z5 = 0n] = Array.from({ length: 6 }, () => draw(random));
    const joined = joinSlices(days());
    expect(joined.values).toEqual([z0, 100n + z1, 200n + z2, 300n + z3, 400n + z4, 500n + z5]);
    expect(joined.plan).toEqual(whole);
    // Δ² is that of all six days: a member may be in five of them.
    expect(priceVector(joined.plan)).toBe(1_000_000n);
  });

  it.each([
    ['a place twice', [0, 0]],
    ['a place beyond the grid', [5, 6]],
    ['a place before it', [-1, 0]],
    ['half a place', [0.5, 1]],
    ['more places than numbers', [0, 1, 2]],
  ])('refuses %s before it draws', (_, places) => {
    expect(() => releaseSlice(new RawVector([1n, 2n]), whole, places, scriptedRandom([]))).toThrow(refusal);
  });

  it('is joined once all coordinates are there, each once, of one plan', () => {
    const [first, second, third] = days();
    const otherPlan = plan(6, { sigma2: { num: 2500n, den: 2n } });
    const other = releaseSlice(new RawVector([0n, 0n, 0n]), otherPlan, [2, 3, 5], seededRandom('other'));
    for (const slices of [[], [first!, second!], [first!, second!, third!, second!], [first!, second!, other]]) {
      expect(() => joinSlices(slices)).toThrow(refusal);
    }
  });

  it('has no serial form either', () => {
    expect(() => JSON.stringify(days())).toThrow(TypeError);
    expect(Object.isFrozen(days()[0]?.values)).toBe(true);
  });
});

describe('noisyValues', () => {
  it('is the released numbers with the variance of their noise', () => {
    const vector = releaseVector(
      new RawVector([70n, -3n]),
      plan(2, { sigma2: { num: 5n, den: 4n } }),
      seededRandom('v'),
    );
    expect(noisyValues(vector)).toEqual(vector.values.map((value) => ({ value: Number(value), variance: 1.25 })));
  });
});

describe('ReleasedVector', () => {
  const released = releaseVector(new RawVector([4711n, 4711n]), plan(2), seededRandom('shown'));

  it('has no serial form, for it holds the numbers of small cells too', () => {
    expect(() => JSON.stringify({ released })).toThrow(TypeError);
    expect(inspect(released)).toBe('ReleasedVector(2 coordinates)');
    expect(Object.keys({ ...released })).toEqual([]);
    expect(inspect(structuredClone(released), { showHidden: true, depth: 5 })).not.toMatch(/\dn/);
  });

  it('cannot be altered', () => {
    expect(Object.isFrozen(released.values)).toBe(true);
    expect(Object.isFrozen(released.plan)).toBe(true);
  });

  it('keeps the plan as it was, whatever becomes of the one that was given', () => {
    const given = { ...plan(1) };
    const vector = releaseVector(new RawVector([1n]), given, seededRandom('plan'));
    given.sigma2 = { num: 1n, den: 1n };
    expect(vector.plan.sigma2).toEqual({ num: 2500n, den: 1n });
  });

  it('is made by a release alone: neither a look-alike nor a constructor passes the compiler', () => {
    // @ts-expect-error a look-alike lacks the private fields
    const lookAlike: ReleasedVector = { values: [1n], plan: plan(1), toJSON: () => undefined as never };
    // @ts-expect-error the constructor is private
    const made = (): ReleasedVector => new ReleasedVector([1n], plan(1));
    expect(lookAlike).not.toBeInstanceOf(ReleasedVector);
    expect(made).toBeInstanceOf(Function);
  });
});
