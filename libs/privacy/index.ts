// Releases: the only ways from exact numbers to noisy ones.
export { previewCount, releaseCount } from './count-release.ts';
export type { CountPlan, CountPreview, CountRelease } from './count-release.ts';
export { joinSlices, noisyValues, priceVector, releaseSlice, releaseVector } from './vector-release.ts';
// As types: only a release makes them.
export type { ReleasedSlice, ReleasedVector, VectorPlan } from './vector-release.ts';
export { curveSensitivitySquared, previewCurves, releaseCurveDay } from './curve-release.ts';
export type { CurvePlan, CurvePreview } from './curve-release.ts';
export { systemRandom } from './random.ts';
export type { RandomSource } from './random.ts';
export type { Rational } from './rational.ts';

// Accounting.
export { membershipAdvantage } from './advantage.ts';
export { NO_LOSS, composed, publishedGuarantee, thetaAllowance } from './privacy-loss.ts';
export type { PrivacyLoss } from './privacy-loss.ts';
export { DELTA, epsilonOf, priceNanoRho, publishedEpsilon, rhoOf } from './zcdp.ts';

// Report plans, from public parameters alone.
export { DEFAULT_BOUNDS } from './contribution-bounds.ts';
export { sensitivitySquared } from './marginal.ts';
export type { GridMarginal, Key, Marginal } from './marginal.ts';
export { leastNanoRho, planSizeOf, reportPlan } from './report-plan.ts';
export type { ReportPart, ReportPlan, ReportShape } from './report-plan.ts';
export type { PartName, PlanSize } from './report-shares.ts';
export { gateOf } from './report-gates.ts';
export type { PartGate } from './report-gates.ts';
export { previewPlan } from './plan-preview.ts';
export type { PartPreview, PlanPreview } from './plan-preview.ts';
export { nanoRhoForError } from './price-for-error.ts';
export type { WantedError } from './price-for-error.ts';

// What is derived from released numbers. It costs nothing.
export { REPORT_CELL, gatedCells, ownGate } from './cohort-gate.ts';
export type { Cell, CohortRule, Gate } from './cohort-gate.ts';
export { curveStandardErrors, estimateCurve } from './curve-estimate.ts';
export type { CurveEstimate } from './curve-estimate.ts';
export { reconcile, reconciliation } from './reconcile.ts';
export type { ObservedSum, Reconciled, ReconciledSum, Reconciliation, ReconciliationDesign } from './reconcile.ts';
export { fiellerSet, liftSet, shareOf } from './ratio.ts';
export type { FiellerSet, NoisyRatio } from './ratio.ts';
export { returnOnAdSpend, showRatio } from './ratio-display.ts';
export type { RatioNeeds, RatioParts, ShownRatio, Withheld } from './ratio-display.ts';
export { averageFrequency, reachByFrequency } from './frequency.ts';
export type { ReachAtLeast } from './frequency.ts';
export { overlapOf } from './overlap.ts';
export type { Overlap } from './overlap.ts';
export { Z95, interval95, inverseVarianceMean, noisySum } from './noisy-value.ts';
export type { NoisyValue } from './noisy-value.ts';
