import { priceNanoRho } from '#privacy';
import type { CountPlan, PrivacyLoss } from '#privacy';

/** What people read budgets in: one read is the price of one standard audience size. Unit: nano-ρ. */
export const READ_NANO_RHO = 50_000n;

/** How precise a count is wanted, by the standard deviation of its noise, members. */
export const SIGMA_BY_PRECISION = { coarse: 200n, standard: 100n, fine: 25n } as const;

export type Precision = keyof typeof SIGMA_BY_PRECISION;

export const PRECISIONS = ['coarse', 'standard', 'fine'] as const satisfies readonly Precision[];

/**
 * The plan of an audience size: one member changes the count by at most one; the minimum cohort is 1,000 on the noisy
 * count, and an audience below it is shown with a probability of at most one in a million.
 */
export function audienceSizePlan(precision: Precision): CountPlan {
  const sigma = SIGMA_BY_PRECISION[precision];
  return { sigma2: { num: sigma * sigma, den: 1n }, sensitivity: 1n, k: 1_000n, beta: 1e-6 };
}

/** What one audience size loses, charged in each scope it draws on. The draw is exact: no θ. */
export function audienceSizeLoss(precision: Precision): PrivacyLoss {
  const { sigma2, sensitivity } = audienceSizePlan(precision);
  return { nanoRho: priceNanoRho(sensitivity * sensitivity, sigma2), quectoTheta: 0n };
}
