import type { CurvePlan } from '../../libs/privacy/curve-release.ts';
import type { ReportPlan } from '../../libs/privacy/report-plan.ts';
import type { PlanSize } from '../../libs/privacy/report-shares.ts';
import { AUDIENCE_THOUSANDS } from './utility-campaign.ts';
import type { Campaign, Grain } from './utility-campaign.ts';
import { direct, newShare, reconciled, weeksOfDays } from './utility-errors.ts';
import type { Errors } from './utility-errors.ts';
import type { ReportFigure } from './utility-statement.ts';

/** How a figure is estimated, and the mean that its error is shown relative to. */
interface FigureRule {
  /** Of an audience of 1 M: members or cents. Absent where the error is not relative. */
  readonly mean?: number;
  readonly errors: (plan: ReportPlan, campaign: Campaign) => Errors;
}

interface CurveRule {
  readonly mean: number;
  readonly curve: 'firstBuyers/curve' | 'reach/curves';
  readonly aDay: (campaign: Campaign) => bigint;
}

const SALES_PARTS: Readonly<Record<PlanSize, readonly Grain[]>> = {
  S: ['week', 'channel', 'total'],
  M: ['day', 'week×channel', 'channel', 'total'],
  L: ['day', 'week×channel', 'channel', 'total'],
};

const part = (name: Parameters<typeof direct>[1], mean?: number): FigureRule => ({
  ...(mean === undefined ? {} : { mean }),
  errors: (_, campaign) => direct(campaign, name),
});
const sales = (grain: Grain, mean: number): FigureRule => ({
  mean,
  errors: (plan, campaign) => reconciled(plan, campaign, 'sales', SALES_PARTS[plan.size], grain),
});

export const FIGURES: Readonly<Record<ReportFigure, FigureRule | CurveRule>> = {
  'buyers day×channel %': part('buyers/day×channel', 224),
  'buyers day %': {
    mean: 1_120,
    errors: (plan, campaign) =>
      plan.size === 'L'
        ? reconciled(plan, campaign, 'buyers', ['day', 'day×channel'], 'day')
        : direct(campaign, 'buyers/day'),
  },
  'buyers week×channel %': part('buyers/week×channel', 1_344),
  'buyers week %': {
    mean: 6_000,
    errors: (plan, campaign) =>
      plan.size === 'S' ? direct(campaign, 'buyers/week') : weeksOfDays(campaign, 'buyers/day'),
  },
  'buyers channel %': part('buyers/channel', 4_800),
  'sales day %': sales('day', 965_363),
  'sales week×channel %': sales('week×channel', 1_158_436),
  'sales week %': sales('week', 5_792_180),
  'sales channel %': sales('channel', 5_792_180),
  'sales campaign %': sales('total', 28_960_900),
  'first buyers end %': { mean: 24_000, curve: 'firstBuyers/curve', aDay: ({ firstBuyersADay }) => firstBuyersADay },
  'first buyers week×channel %': part('firstBuyers/week×channel', 960),
  'reach end %': { mean: 800_000, curve: 'reach/curves', aDay: ({ reachedADay }) => reachedADay },
  'new-to-brand week points': { errors: (_, campaign) => newShare(campaign, 'week') },
  'new-to-brand campaign points': { errors: (_, campaign) => newShare(campaign, 'campaign') },
  'frequency bin members': part('frequency'),
};

/** The plan of the curves that a figure is the end of. */
export function curvePlanOf(plan: ReportPlan, { curve }: CurveRule): CurvePlan {
  const found = plan.parts.find(({ name }) => name === curve);
  if (found?.kind !== 'curves') throw new RangeError(`the report has no ${curve}`);
  return found.plan;
}

/** An error in the unit of its figure: % of the mean, points, or members. */
export function inUnit(figure: ReportFigure, error: number, size: PlanSize): number {
  if (figure.endsWith('members')) return error;
  return (
    (100 * error) / (((FIGURES[figure].mean ?? 1000 / AUDIENCE_THOUSANDS[size]) * AUDIENCE_THOUSANDS[size]) / 1000)
  );
}
