import { DomainError } from '#core';

/**
 * A released number with the variance of its noise. It comes from a release and from nothing else: what is computed
 * from such values is post-processing and costs no privacy.
 */
export interface NoisyValue {
  /** Exact value + noise, in the unit of the release. It may be negative. */
  readonly value: number;
  /** Variance of the noise, unit², ≥ 0; 0 for a number that is known, such as what the brand spent. */
  readonly variance: number;
}

/** The 97.5 % quantile of the standard normal law: ± this many standard errors cover 95 %. */
export const Z95 = 1.96;

/** Both parts finite, the variance not negative. @throws DomainError `privacy-parameter`. */
export function checkNoisyValue({ value, variance }: NoisyValue): void {
  if (Number.isFinite(value) && variance >= 0 && variance < Infinity) return;
  throw new DomainError('privacy-parameter', {
    public: 'a noisy value must be finite and its variance finite and not negative',
    internal: `variance ${variance}`,
  });
}

/**
 * The interval value ± 1.96 standard errors. It covers the exact value with probability 95 % where the noise is a sum
 * of several draws, or one draw with σ ≥ 20. For one draw with a smaller σ use `halfWidth95`, which is exact.
 * @throws DomainError `privacy-parameter`.
 */
export function interval95(noisy: NoisyValue): readonly [number, number] {
  checkNoisyValue(noisy);
  const halfWidth = Z95 * Math.sqrt(noisy.variance);
  return [noisy.value - halfWidth, noisy.value + halfWidth];
}

/** The sum of values with independent noise. The sum of none is an exact 0. @throws DomainError `privacy-parameter`. */
export function noisySum(values: readonly NoisyValue[]): NoisyValue {
  let [value, variance] = [0, 0];
  for (const noisy of values) {
    checkNoisyValue(noisy);
    value += noisy.value;
    variance += noisy.variance;
  }
  return { value, variance };
}

/**
 * The mean of two independent measurements of one number, weighted by 1/variance: unbiased, and of the smallest
 * variance among such means. A measurement without noise stands alone.
 * @throws DomainError `privacy-parameter`.
 */
export function inverseVarianceMean(a: NoisyValue, b: NoisyValue): NoisyValue {
  checkNoisyValue(a);
  checkNoisyValue(b);
  if (a.variance === 0) return { value: a.value, variance: 0 };
  const weight = b.variance / (a.variance + b.variance);
  return { value: weight * a.value + (1 - weight) * b.value, variance: weight * a.variance };
}
