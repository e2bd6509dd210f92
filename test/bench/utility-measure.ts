import { reportPlan } from '../../libs/privacy/report-plan.ts';
import { seededRandom } from '../../libs/privacy/testing.ts';
import { SHAPE, campaignOf } from './utility-campaign.ts';
import { RootMeanSquare, curveEnd, releaser } from './utility-errors.ts';
import { FIGURES, curvePlanOf, inUnit } from './utility-figures.ts';
import type { ReportFigure, Statement } from './utility-statement.ts';

/** How often a report is released; the measured error has a relative deviation of 1/√(2·n) at most. */
export interface Repetitions {
  readonly vectors: number;
  readonly curves: number;
}

/** The measured error of every stated figure of one report, in the figure's unit, over seeded releases of its plan. */
export function measuredErrors(
  { size, nanoRho, errors }: Statement,
  repetitions: Repetitions,
): ReadonlyMap<ReportFigure, number> {
  const plan = reportPlan(size, nanoRho, SHAPE);
  const campaign = campaignOf(size);
  const random = seededRandom(`utility ${size} ${nanoRho}`);
  const tallies = new Map((Object.keys(errors) as ReportFigure[]).map((figure) => [figure, new RootMeanSquare()]));
  const estimates = [...tallies].flatMap(([figure, tally]) => {
    const rule = FIGURES[figure];
    return 'errors' in rule ? [{ tally, errors: rule.errors(plan, campaign) }] : [];
  });
  const release = releaser(plan, campaign, random);
  for (let i = 0; i < repetitions.vectors; i += 1) {
    const released = release();
    for (const estimate of estimates) estimate.tally.add(estimate.errors(released));
  }
  for (const [figure, tally] of tallies) {
    const rule = FIGURES[figure];
    if ('errors' in rule) continue;
    const end = curveEnd(curvePlanOf(plan, rule), rule.aDay(campaign), random);
    for (let i = 0; i < repetitions.curves; i += 1) tally.add([end()]);
  }
  return new Map([...tallies].map(([figure, tally]) => [figure, inUnit(figure, tally.value, size)]));
}
