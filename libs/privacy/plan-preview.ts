import { REPORT_CELL } from './cohort-gate.ts';
import type { CohortRule } from './cohort-gate.ts';
import { curveStandardErrors } from './curve-estimate.ts';
import { curveSensitivitySquared } from './curve-release.ts';
import { sensitivitySquared } from './marginal.ts';
import { Z95 } from './noisy-value.ts';
import { toNumber } from './rational.ts';
import type { Rational } from './rational.ts';
import { gateOf } from './report-gates.ts';
import type { PartGate } from './report-gates.ts';
import type { ReportPart, ReportPlan } from './report-plan.ts';
import type { PartName, PlanSize } from './report-shares.ts';
import { halfWidth95 } from './tails.ts';
import { shown95, tau } from './threshold.ts';
import { publishedEpsilon } from './zcdp.ts';

/** What one part of a report would cost and how exact its numbers would be. */
export interface PartPreview {
  readonly name: PartName;
  /** Price, nano-ρ. */
  readonly nanoRho: bigint;
  readonly sensitivitySquared: bigint;
  /** Standard error of one number, in its unit: members or cents. Of curves, that of the last day, where it is largest. */
  readonly sigma: number;
  /** A number lies within ± this of the exact one with probability ≥ 95 %. */
  readonly interval95HalfWidth: bigint;
  /** The number whose standard error is a tenth of it. */
  readonly cohortFor10pctError: number;
  /** When a number is shown; curves are shown always. */
  readonly threshold?: {
    /** The numbers of members that decide. */
    readonly gate: PartGate;
    /** Smallest noisy number of members with which it is shown. */
    readonly tau: bigint;
    /** Smallest cohort with which it is shown with probability ≥ 95 %, members. */
    readonly shown95: bigint;
  };
}

export interface PlanPreview {
  readonly size: PlanSize;
  /** Price of the whole report, nano-ρ. */
  readonly nanoRho: bigint;
  /** The ε to print for it. */
  readonly epsilon: number;
  readonly parts: readonly PartPreview[];
}

/** Standard error of one number of a part; of curves, of the last day. Members or cents. */
export function standardErrorOf({ kind, plan }: ReportPart): number {
  return kind === 'vector' ? Math.sqrt(toNumber(plan.sigma2)) : (curveStandardErrors(plan).at(-1) ?? NaN);
}

/** Variance parameter of the number of members that decides through this gate. */
function gateVariance(plan: ReportPlan, { part, by }: PartGate): Rational {
  const members = plan.parts.find(({ name }) => name === part);
  if (members?.kind !== 'vector') throw new RangeError(`a report of size ${plan.size} has no ${part}`);
  const { sigma2, marginal } = members.plan;
  return by === 'total' ? { num: sigma2.num * BigInt(marginal.coordinates), den: sigma2.den } : sigma2;
}

function previewPart(part: ReportPart, plan: ReportPlan, rule: CohortRule): PartPreview {
  const sigma = standardErrorOf(part);
  const gate = gateOf(part.name, plan.size);
  const ruled = gate === undefined ? undefined : { ...rule, sigma2: gateVariance(plan, gate) };
  return {
    name: part.name,
    nanoRho: part.nanoRho,
    sensitivitySquared:
      part.kind === 'vector'
        ? sensitivitySquared(part.plan.marginal, part.plan.bounds)
        : curveSensitivitySquared(part.plan),
    sigma,
    interval95HalfWidth: part.kind === 'vector' ? halfWidth95(part.plan.sigma2) : BigInt(Math.ceil(Z95 * sigma)),
    cohortFor10pctError: sigma / 0.1,
    ...(gate && ruled ? { threshold: { gate, tau: tau(ruled), shown95: shown95(ruled) } } : {}),
  };
}

/**
 * The price and the expected error of a report, from its plan alone. It touches no data and costs nothing.
 * @param rule the minimum cohort of its cells.
 * @throws DomainError `privacy-parameter`.
 */
export function previewPlan(plan: ReportPlan, rule: CohortRule = REPORT_CELL): PlanPreview {
  return {
    size: plan.size,
    nanoRho: plan.nanoRho,
    epsilon: publishedEpsilon(plan.nanoRho),
    parts: plan.parts.map((part) => previewPart(part, plan, rule)),
  };
}
