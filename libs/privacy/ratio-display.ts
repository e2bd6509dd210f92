import { DomainError } from '#core';
import { Z95 } from './noisy-value.ts';
import type { NoisyValue } from './noisy-value.ts';
import { fiellerSet } from './ratio.ts';
import type { NoisyRatio } from './ratio.ts';

/** Up to this half width relative to the value, the number is shown with its interval. */
export const SHOWN_UP_TO = 0.25;
/** Up to this one it is shown greyed, after its interval. */
export const IMPRECISE_UP_TO = 0.5;
/** Up to this one the interval is shown alone; beyond, nothing. */
export const WIDE_UP_TO = 1;

/**
 * What would have to grow, each alone, for the number to be printed: for a relative half width of 50 % with the same
 * values. Factors are ≥ 1. A value within its own σ of 0 counts as σ, and a denominator below its threshold as the
 * threshold: so the factors are least ones, and say nothing about a denominator that is withheld.
 */
export interface RatioNeeds {
  /** Factor on the privacy price ρ: the variances fall with it. */
  readonly rho: number;
  /** Factor on the members measured: the values grow with it. */
  readonly members: number;
  /** Factor on the equal periods added up: values and variances grow with it. */
  readonly weeks: number;
  /** The least denominator of a printed ratio at the present noise, in its unit: from σ and τ alone. */
  readonly denominator: number;
}

/** A number that a release withheld. */
export interface Withheld {
  readonly verdict: 'SUPPRESSED';
}

/** The two parts of a ratio as they were released. */
export interface RatioParts {
  readonly numerator: NoisyValue | Withheld;
  readonly denominator: NoisyValue | Withheld;
  /** Covariance of their noise; 0 when left out. */
  readonly covariance?: number;
  /** Smallest denominator that may be shown, in its unit, > 0; none when left out. */
  readonly tau?: number;
}

/**
 * A ratio as it may be shown. The interval is Fieller's at 95 %.
 *
 * - `SHOWN`: number and interval. `IMPRECISE`: the interval first, the number greyed. `WIDE`: the interval alone.
 * - `NOT_ESTIMABLE`: neither; `needs` says what would help.
 * - `SUPPRESSED`: a part of it is withheld. `NO_SPEND`: nothing was spent.
 */
export type ShownRatio =
  | { readonly verdict: 'SHOWN' | 'IMPRECISE'; readonly value: number; readonly interval95: readonly [number, number] }
  | { readonly verdict: 'WIDE'; readonly interval95: readonly [number, number] }
  | { readonly verdict: 'NOT_ESTIMABLE'; readonly needs: RatioNeeds }
  | { readonly verdict: 'SUPPRESSED' }
  | { readonly verdict: 'NO_SPEND' };

const SUPPRESSED: ShownRatio = Object.freeze({ verdict: 'SUPPRESSED' });
const NO_SPEND: ShownRatio = Object.freeze({ verdict: 'NO_SPEND' });

const isWithheld = (part: NoisyValue | Withheld): part is Withheld => 'verdict' in part;

const awayFrom0 = (value: number, least: number): number => (value < 0 ? -1 : 1) * Math.max(Math.abs(value), least);

/**
 * The factor by which all variances must fall for Fieller's relative half width to be that of `IMPRECISE_UP_TO`, where
 * α, β and γ are 1.96² times the variances and the covariance relative to a², b² and a·b. The half width grows with them:
 * its square is ((α + β − 2γ)u − (αβ − γ²)u²) / (1 − βu)² when all are multiplied by u.
 */
function variancesOver(alpha: number, beta: number, gamma: number): number {
  const limit2 = IMPRECISE_UP_TO ** 2;
  const linear = alpha + beta - 2 * gamma + 2 * limit2 * beta;
  const constant = limit2 * beta * beta + alpha * beta - gamma * gamma;
  return (linear + Math.sqrt(Math.max(linear * linear - 4 * limit2 * constant, 0))) / (2 * limit2);
}

function needsOf({ numerator, denominator, covariance }: NoisyRatio, tau: number): RatioNeeds {
  const z2 = Z95 * Z95;
  const a = awayFrom0(numerator.value, Math.sqrt(numerator.variance));
  const b = awayFrom0(Math.max(denominator.value, tau), Math.sqrt(denominator.variance));
  const alpha = a === 0 ? 0 : (z2 * numerator.variance) / (a * a);
  const gamma = a === 0 ? 0 : (z2 * covariance) / (a * b);
  const factor = Math.max(variancesOver(alpha, (z2 * denominator.variance) / (b * b), gamma), 1);
  return {
    rho: factor,
    members: Math.sqrt(factor),
    weeks: factor,
    denominator: Math.max(Math.sqrt(variancesOver(0, z2 * denominator.variance, 0)), tau),
  };
}

/**
 * The verdict on a ratio. It reads released numbers alone, so it costs nothing.
 *
 * The half width is half the length of Fieller's interval, relative to the quotient of the released numbers: ≤ 25 %
 * `SHOWN`, ≤ 50 % `IMPRECISE`, ≤ 100 % `WIDE`. Beyond that, for an unbounded set and for a denominator below τ:
 * `NOT_ESTIMABLE`. A ratio with a withheld part is `SUPPRESSED`, whatever the other part.
 *
 * @throws DomainError `privacy-parameter` as `fiellerSet`, and for a τ that is not positive.
 */
export function showRatio({ numerator, denominator, covariance = 0, tau }: RatioParts): ShownRatio {
  if (tau !== undefined && !(tau > 0 && tau < Infinity))
    throw new DomainError('privacy-parameter', { public: 'tau must be positive and finite' });
  if (isWithheld(numerator) || isWithheld(denominator)) return SUPPRESSED;
  const ratio = { numerator, denominator, covariance };
  const set = fiellerSet(ratio);
  const threshold = tau ?? -Infinity;
  if (denominator.value < threshold || set.shape !== 'INTERVAL')
    return { verdict: 'NOT_ESTIMABLE', needs: needsOf(ratio, threshold) };
  const value = numerator.value / denominator.value;
  const [low, high] = set.interval;
  const relative = (high - low) / 2 / Math.abs(value);
  if (relative <= SHOWN_UP_TO) return { verdict: 'SHOWN', value, interval95: set.interval };
  if (relative <= IMPRECISE_UP_TO) return { verdict: 'IMPRECISE', value, interval95: set.interval };
  if (relative <= WIDE_UP_TO) return { verdict: 'WIDE', interval95: set.interval };
  return { verdict: 'NOT_ESTIMABLE', needs: needsOf(ratio, threshold) };
}

/**
 * Sales over what the brand spent. The spend is the brand's own number and has no noise.
 * @param sales attributed sales, cents. @param spend cents, ≥ 0.
 * @throws DomainError `privacy-parameter` when the spend is negative or not finite.
 */
export function returnOnAdSpend(sales: NoisyValue | Withheld, spend: number): ShownRatio {
  if (!(spend >= 0 && spend < Infinity)) {
    throw new DomainError('privacy-parameter', { public: 'what was spent must be finite and not negative' });
  }
  if (spend === 0) return NO_SPEND;
  return showRatio({ numerator: sales, denominator: { value: spend, variance: 0 } });
}
