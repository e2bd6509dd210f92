import type { AudienceDto, AudienceEstimateDto } from '../audiences/audiences.dto.ts';
import type { CatalogCategoryPage, CatalogRegionPage } from '../catalog/catalog.dto.ts';
import type { ProblemDto } from '../common/problem.dto.ts';
import type { DataVersionDto } from '../consent/consent.dto.ts';
import type { BudgetPeriodDto, QuoteDto } from '../releases/release-view.dto.ts';
import type { HttpAnswer } from './tour-client.ts';

/** A step of the tour that did not give what it must. */
export class TourFailure extends Error {
  override readonly name = 'TourFailure';
}

/** @throws TourFailure naming the step. */
export function hold(step: string, condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new TourFailure(`Step "${step}" does not hold: ${otherwise}.`);
}

/** @throws TourFailure with the answer that came instead. */
export function expectStatus(step: string, { status, text }: HttpAnswer, wanted: number): void {
  hold(step, status === wanted, `the answer is ${status}, must be ${wanted}: ${text}`);
}

const whole = (value: number): string => value.toLocaleString('en');

const reads = (count: number): string => `${whole(count)} ${count === 1 ? 'read' : 'reads'}`;

const left = (budgets: readonly BudgetPeriodDto[]): string => {
  const month = budgets.find(({ kind, period }) => kind === 'brand' && period === 'month');
  return month === undefined ? '' : `, ${reads(month.leftReads)} left this month`;
};

/** What each step says, in one line. */
export const lines = {
  catalogue: ({ data: categories }: CatalogCategoryPage, { data: regions }: CatalogRegionPage): string =>
    `${whole(categories.length)} categories the brand is sold in, ${whole(regions.length)} regions`,
  audience: ({ id, current }: AudienceDto): string => `${id}: ${current.sentence.en}`,
  quote: (quote: QuoteDto): string =>
    `would cost ${reads(quote.reads)} (${whole(quote.nanoRho)} nano-ρ), ±${whole(quote.interval95HalfWidth)} members, ` +
    `shown from ${whole(quote.tau)}; nothing is charged for asking`,
  size: ({ release, charged, budget }: AudienceEstimateDto): string => {
    const [low, high] = release?.interval95 ?? [0, 0];
    return (
      `${whole(release?.value ?? 0)} members, 95 % between ${whole(low)} and ${whole(high)}, on data version ` +
      `${release?.dataVersion}; charged ${reads(charged.reads)}${left(budget)}`
    );
  },
  replay: ({ releaseId, charged, budget }: AudienceEstimateDto): string =>
    `${releaseId} again, to the byte; charged ${reads(charged.reads)}${left(budget)}`,
  tiny: ({ release, charged, budget }: AudienceEstimateDto): string =>
    `${release?.verdict}: below the minimum cohort of ${whole(release?.k ?? 0)}, no number; ` +
    `charged ${reads(charged.reads)}${left(budget)}`,
  otherTenant: ({ status, code }: ProblemDto): string =>
    `${status} ${code} for the audience of another brand, and the same for one that nobody has`,
  budget: (month: BudgetPeriodDto, charges: number): string =>
    `${whole(month.committedNanoRho)} of ${whole(month.capNanoRho)} nano-ρ spent this month in ${charges} charges, ` +
    `ε ${month.spentEpsilon} of ${month.capEpsilon}`,
  consent: ({ country, version }: DataVersionDto): string =>
    `a member withdrew; ${country} is at data version ${version} now`,
} as const;
