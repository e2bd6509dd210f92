export { previewCount, releaseCount } from './count-release.ts';
export type { CountPlan, CountPreview, CountRelease } from './count-release.ts';
export { NO_LOSS, composed, publishedGuarantee, thetaAllowance } from './privacy-loss.ts';
export type { PrivacyLoss } from './privacy-loss.ts';
export { systemRandom } from './random.ts';
export type { RandomSource } from './random.ts';
export type { Rational } from './rational.ts';
export { DELTA, epsilonOf, priceNanoRho, publishedEpsilon, rhoOf } from './zcdp.ts';
