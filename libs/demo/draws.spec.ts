import fc from 'fast-check';
import { Draws, STREAM } from './draws.ts';
import { Weighted, fromQuantiles, zipf } from './weighted.ts';

const take = (draws: Draws, count: number): number[] => Array.from({ length: count }, () => draws.next());

describe('Draws', () => {
  it('gives the same stream for the same keys, whatever was drawn before', () => {
    const draws = new Draws(5);
    const first = take(draws.start(STREAM.month, 7, 3), 8);
    take(draws.start(STREAM.member, 1), 100);
    expect(take(draws.start(STREAM.month, 7, 3), 8)).toEqual(first);
    expect(take(new Draws(5).start(STREAM.month, 7, 3), 8)).toEqual(first);
  });

  it('gives a stream of its own to every seed, purpose and key', () => {
    const streams = [
      new Draws(5).start(STREAM.month, 7, 3),
      new Draws(6).start(STREAM.month, 7, 3),
      new Draws(5).start(STREAM.member, 7, 3),
      new Draws(5).start(STREAM.month, 8, 3),
      new Draws(5).start(STREAM.month, 3, 7),
      new Draws(5).start(STREAM.month, 7, 4),
    ].map((draws) => take(draws, 4).join());
    expect(new Set(streams).size).toBe(streams.length);
  });

  it('is uniform from the first draw on, over neighbouring keys', () => {
    // 100,000 first draws in 20 bins: χ² with 19 degrees of freedom exceeds 63.7 once in a million; the seed is fixed.
    const draws = new Draws(1);
    const bins = Array.from({ length: 20 }, () => 0);
    const keys = 100_000;
    for (let key = 0; key < keys; key++) {
      const bin = draws.start(STREAM.member, key).below(20);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const expected = keys / bins.length;
    expect(bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(63.7);
  });

  it('does not tie the streams of two purposes together', () => {
    // The correlation of 100,000 independent pairs has a standard deviation of 0.0032; 0.016 is five of them.
    const [one, two] = [new Draws(1), new Draws(1)];
    const keys = 100_000;
    let sum = 0;
    for (let key = 0; key < keys; key++) {
      sum += (one.start(STREAM.member, key).unit() - 0.5) * (two.start(STREAM.consent, key).unit() - 0.5) * 12;
    }
    expect(Math.abs(sum / keys)).toBeLessThan(0.016);
  });
});

describe('Weighted', () => {
  it('never picks what weighs nothing, and picks the rest in proportion', () => {
    // 60,000 draws: a share of 1/3 has a standard deviation of 0.0019; 0.01 is more than five of them.
    const weighted = new Weighted([0, 1, 0, 2, 0]);
    const draws = new Draws(1).start(STREAM.world, 1);
    const picks = Array.from({ length: 60_000 }, () => weighted.pick(draws));
    expect(new Set(picks)).toEqual(new Set([1, 3]));
    expect(Math.abs(picks.filter((pick) => pick === 1).length / picks.length - 1 / 3)).toBeLessThan(0.01);
  });

  it('stays within its weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1_000, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.integer(),
        (weights, key) => {
          const pick = new Weighted(weights).pick(new Draws(9).start(STREAM.world, key));
          expect(pick).toBeGreaterThanOrEqual(0);
          expect(pick).toBeLessThan(weights.length);
        },
      ),
    );
  });

  it('refuses weights that sum to nothing', () => {
    expect(() => new Weighted([0, 0])).toThrow(RangeError);
  });
});

describe('zipf and fromQuantiles', () => {
  it('fall by rank, and stay between the quantiles', () => {
    const weights = zipf(10, 1.5);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    const draws = new Draws(2).start(STREAM.world, 5);
    const values = Array.from({ length: 10_000 }, () => fromQuantiles([1, 2, 10], draws));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...values)).toBeLessThanOrEqual(10);
    // A half is below the median, 2; 0.025 is five standard deviations of that share.
    expect(Math.abs(values.filter((value) => value < 2).length / values.length - 0.5)).toBeLessThan(0.025);
  });
});
