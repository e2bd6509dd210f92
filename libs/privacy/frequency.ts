import { DomainError } from '#core';
import { nonIncreasing } from './isotonic.ts';
import { checkNoisyValue, noisySum } from './noisy-value.ts';
import type { NoisyValue } from './noisy-value.ts';
import type { NoisyRatio } from './ratio.ts';

/** @throws DomainError `privacy-parameter` for no bins, or for a bin that is not a noisy value. */
function checkHistogram(bins: readonly NoisyValue[]): void {
  if (bins.length === 0) throw new DomainError('privacy-parameter', { public: 'a histogram has at least one bin' });
  for (const bin of bins) checkNoisyValue(bin);
}

/**
 * The average frequency Σ f·h_f / Σ h_f of a released frequency histogram, as a ratio to be shown with Fieller's interval.
 *
 * The last bin is open (10 or more contacts) and counts as its lower end, 10. So the average is biased downwards,
 * by as much as those members' contacts beyond 10; the interval does not contain that bias.
 *
 * @param bins members seen once, twice, … and at least `bins.length` times, with independent noise.
 * @throws DomainError `privacy-parameter`.
 */
export function averageFrequency(bins: readonly NoisyValue[]): NoisyRatio {
  checkHistogram(bins);
  let covariance = 0;
  const contacts = bins.map(({ value, variance }, i) => {
    const frequency = i + 1;
    covariance += frequency * variance;
    return { value: frequency * value, variance: frequency * frequency * variance };
  });
  return { numerator: noisySum(contacts), denominator: noisySum(bins), covariance };
}

/** Members seen at least so many times. */
export interface ReachAtLeast {
  readonly frequency: number;
  /** To be shown: never more than at a lower frequency. It may be negative. */
  readonly value: number;
  /** The plain sum of the bins from this frequency up: unbiased, and the centre of the interval to be shown. */
  readonly sum: NoisyValue;
}

/**
 * Reach at each frequency, up to the open last bin: the upper sums of the histogram, made non-increasing by isotonic
 * regression with weights 1/variance.
 *
 * The regression moves the sequence as a whole nearer to the true one, in squares over variance; where every bin is
 * larger than its noise it changes nothing. A single value can get worse. For bins of less than their noise the last
 * value would lie within 1.96 standard errors of the truth in 89 % only, so the interval stays that of the plain sum.
 *
 * @param bins as for `averageFrequency`, each with a positive variance.
 * @throws DomainError `privacy-parameter`.
 */
export function reachByFrequency(bins: readonly NoisyValue[]): readonly ReachAtLeast[] {
  checkHistogram(bins);
  if (!bins.every(({ variance }) => variance > 0))
    throw new DomainError('privacy-parameter', { public: 'every bin of a released histogram has noise' });
  const sums = bins.map((_, i) => noisySum(bins.slice(i)));
  const values = nonIncreasing(
    sums.map(({ value }) => value),
    sums.map(({ variance }) => 1 / variance),
  );
  return sums.map((sum, i) => ({ frequency: i + 1, value: values[i] ?? sum.value, sum }));
}
