import { overlapOf } from './overlap.ts';

/** Five channels; region m has 2^(m − 1) members, so a sum says which regions are in it. */
const REGIONS = Array.from({ length: 31 }, (_, i) => ({ value: 2 ** i, variance: 100 }));
const regionsIn = (value: number): number[] => REGIONS.flatMap((_, i) => ((value / 2 ** i) & 1 ? [i + 1] : []));

/** The channels of region m by hand: its binary digits. */
const channelsOf = (region: number): number[] =>
  [...region.toString(2)].toReversed().flatMap((digit, channel) => (digit === '1' ? [channel] : []));

describe('overlapOf', () => {
  const overlap = overlapOf(5, REGIONS);

  it('takes a channel alone from the one region that has no other', () => {
    for (const [channel, only] of overlap.only.entries()) {
      expect(regionsIn(only.value).map(channelsOf)).toEqual([[channel]]);
      expect(only.variance).toBe(100);
    }
  });

  it('takes the reach of a channel from the 16 regions that have it, with 4σ', () => {
    for (const [channel, reach] of overlap.reach.entries()) {
      const regions = regionsIn(reach.value);
      expect(regions).toHaveLength(16);
      expect(regions.every((region) => channelsOf(region).includes(channel))).toBe(true);
      expect(Math.sqrt(reach.variance)).toBe(4 * 10);
    }
    expect(overlap.reach).toHaveLength(5);
  });

  it('takes any channel from all 31 regions, with √31 σ', () => {
    expect(regionsIn(overlap.any.value)).toHaveLength(31);
    expect(Math.sqrt(overlap.any.variance)).toBeCloseTo(Math.sqrt(31) * 10, 12);
  });

  it('averages any channel with the end of its reach curve by 1/variance', () => {
    const regions = [1, 2, 4].map((value) => ({ value: 100 * value, variance: 30 }));
    const { any, only, reach } = overlapOf(2, regions, { value: 800, variance: 10 });
    // 700 with variance 90 and 800 with variance 10.
    expect(any).toEqual({ value: expect.closeTo(790, 9), variance: expect.closeTo(9, 12) });
    expect({ only, reach }).toEqual({ only: overlapOf(2, regions).only, reach: overlapOf(2, regions).reach });
  });

  it.each([
    ['no channel', 0, 0],
    ['six channels', 6, 63],
    ['half a channel', 1.5, 1],
    ['a region too few', 3, 6],
    ['a region too many', 3, 8],
  ])('refuses %s', (_, channels, regions) => {
    const given = Array.from({ length: regions }, () => ({ value: 1, variance: 1 }));
    expect(() => overlapOf(channels, given)).toThrow(expect.objectContaining({ code: 'privacy-parameter' }));
  });

  it('refuses a region that is no noisy value', () => {
    expect(() => overlapOf(1, [{ value: NaN, variance: 1 }])).toThrow(
      expect.objectContaining({ code: 'privacy-parameter' }),
    );
  });
});
