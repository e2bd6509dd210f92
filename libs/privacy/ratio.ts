import { DomainError } from '#core';
import { Z95, checkNoisyValue } from './noisy-value.ts';
import type { NoisyValue } from './noisy-value.ts';

/** Two released numbers whose quotient is wanted. */
export interface NoisyRatio {
  readonly numerator: NoisyValue;
  readonly denominator: NoisyValue;
  /** Covariance of their noise; 0 when they share none. */
  readonly covariance: number;
}

/**
 * All quotients that the two released numbers do not refute at 5 %. Ends belong to the set.
 *
 * - `INTERVAL`: the denominator is clear of 0.
 * - `TWO_RAYS`: it is not, and everything outside the open `gap` is possible. One end of the gap may be infinite.
 * - `LINE`: nothing is refuted.
 */
export type FiellerSet =
  | { readonly shape: 'INTERVAL'; readonly interval: readonly [number, number] }
  | { readonly shape: 'TWO_RAYS'; readonly gap: readonly [number, number] }
  | { readonly shape: 'LINE' };

/** The rounding that a covariance may be beyond √(v_a·v_b). */
const COVARIANCE_SLACK = 1e-9;

function checkRatio({ numerator, denominator, covariance }: NoisyRatio): void {
  checkNoisyValue(numerator);
  checkNoisyValue(denominator);
  const largest = Math.sqrt(numerator.variance) * Math.sqrt(denominator.variance);
  if (!(Math.abs(covariance) <= largest * (1 + COVARIANCE_SLACK))) {
    throw new DomainError('privacy-parameter', {
      public: 'a covariance is at most the product of the standard errors',
      internal: `covariance = ${covariance}`,
    });
  }
  if (denominator.value === 0 && denominator.variance === 0) {
    throw new DomainError('privacy-parameter', { public: 'the denominator of a ratio must not be exactly 0' });
  }
}

const ascending = (x: number, y: number): readonly [number, number] => (x <= y ? [x, y] : [y, x]);

/**
 * The 95 % confidence set of a quotient after Fieller (1954): {r : (a − r·b)² ≤ 1.96² (v_a − 2r·v_ab + r²·v_b)}.
 *
 * It covers the exact quotient with probability 95 % at any size of the denominator, because a − r·b is normal with that
 * variance for the true r. The price is that it is not bounded when the denominator is within 1.96 standard errors of 0;
 * the symmetric interval of the delta method is always bounded and covers too little there. The set is not cut to
 * the range that the quotient can have.
 *
 * @throws DomainError `privacy-parameter` for an exact denominator of 0 or an impossible variance or covariance.
 */
export function fiellerSet(ratio: NoisyRatio): FiellerSet {
  checkRatio(ratio);
  const { value: a, variance: va } = ratio.numerator;
  const { value: b, variance: vb } = ratio.denominator;
  const vab = ratio.covariance;
  const z2 = Z95 * Z95;
  // The set is {r : A·r² − 2B·r + C ≤ 0}.
  const [A, B, C] = [b * b - z2 * vb, a * b - z2 * vab, a * a - z2 * va];
  // B² − A·C with the common terms cancelled by hand.
  const discriminant = z2 * (b * b * va - 2 * a * b * vab + a * a * vb - z2 * (va * vb - vab * vab));
  if (A === 0) {
    if (B === 0) return { shape: 'LINE' };
    return { shape: 'TWO_RAYS', gap: B > 0 ? [-Infinity, C / (2 * B)] : [C / (2 * B), Infinity] };
  }
  if (A < 0 && discriminant <= 0) return { shape: 'LINE' };
  // For A > 0 a/b is in the set, so a negative discriminant is rounding.
  const root = Math.sqrt(Math.max(discriminant, 0));
  const q = B >= 0 ? B + root : B - root;
  // q·(A·r) and C share the roots; the form without a difference of like numbers is taken for each.
  const ends = ascending(q / A, q === 0 ? 0 : C / q);
  return A > 0 ? { shape: 'INTERVAL', interval: ends } : { shape: 'TWO_RAYS', gap: ends };
}

/**
 * The share of a part in the sum of two disjoint counts, such as new buyers in new and existing ones. The part is in the
 * denominator too: its variance is their covariance.
 */
export function shareOf(part: NoisyValue, rest: NoisyValue): NoisyRatio {
  return {
    numerator: part,
    denominator: { value: part.value + rest.value, variance: part.variance + rest.variance },
    covariance: part.variance,
  };
}

/**
 * The lift of one arm over a disjoint one, as the set of (mean of the treated / mean of the control) − 1.
 * @param treated @param control means of the arms, with all of their variance: sampling and noise.
 * @throws DomainError `privacy-parameter` for an exact control of 0.
 */
export function liftSet(treated: NoisyValue, control: NoisyValue): FiellerSet {
  const set = fiellerSet({ numerator: treated, denominator: control, covariance: 0 });
  if (set.shape === 'INTERVAL') return { shape: 'INTERVAL', interval: [set.interval[0] - 1, set.interval[1] - 1] };
  if (set.shape === 'TWO_RAYS') return { shape: 'TWO_RAYS', gap: [set.gap[0] - 1, set.gap[1] - 1] };
  return set;
}
