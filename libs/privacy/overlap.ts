import { DomainError } from '#core';
import { checkNoisyValue, inverseVarianceMean, noisySum } from './noisy-value.ts';
import type { NoisyValue } from './noisy-value.ts';

/** More channels than this have more regions than can be released. */
const MAX_CHANNELS = 5;

/** Who was reached by which channels, from the disjoint regions of their overlap. */
export interface Overlap {
  /** Members reached by each channel and by no other: one region, σ. */
  readonly only: readonly NoisyValue[];
  /** Members reached by each channel: half of the regions, 4σ of five channels. */
  readonly reach: readonly NoisyValue[];
  /** Members reached by any channel: all regions, √31·σ of five channels, or less with a reach curve. */
  readonly any: NoisyValue;
}

/**
 * Adds up the released regions of an overlap.
 *
 * @param channels 1 … 5.
 * @param regions 2^channels − 1 noisy counts with independent noise of the same flight. Region number m, counted from 1,
 * holds the members reached by exactly the channels whose bits are set in m: channel c, counted from 0, has bit 2^c.
 * @param curveEnd the last value of the reach curve of any channel, whose noise is independent: the two measurements of
 * one number are averaged with weights 1/variance.
 * @throws DomainError `privacy-parameter`.
 */
export function overlapOf(channels: number, regions: readonly NoisyValue[], curveEnd?: NoisyValue): Overlap {
  if (!(Number.isInteger(channels) && channels >= 1 && channels <= MAX_CHANNELS))
    throw new DomainError('privacy-parameter', { public: `an overlap is of 1 to ${MAX_CHANNELS} channels` });
  if (regions.length !== 2 ** channels - 1)
    throw new DomainError('privacy-parameter', {
      public: `an overlap of ${channels} channels has ${2 ** channels - 1} regions`,
    });
  for (const region of regions) checkNoisyValue(region);
  const bits = Array.from({ length: channels }, (_, channel) => 1 << channel);
  const all = noisySum(regions);
  return {
    only: bits.map((bit) => noisySum(regions.slice(bit - 1, bit))),
    reach: bits.map((bit) => noisySum(regions.filter((_, i) => ((i + 1) & bit) !== 0))),
    any: curveEnd === undefined ? all : inverseVarianceMean(all, curveEnd),
  };
}
