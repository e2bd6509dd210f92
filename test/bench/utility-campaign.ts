import { DEFAULT_BOUNDS } from '../../libs/privacy/contribution-bounds.ts';
import type { PartName, PlanSize } from '../../libs/privacy/report-shares.ts';
import type { ReportShape } from '../../libs/privacy/report-plan.ts';

const WEEKS = [7, 7, 7, 7, 2];
export const DAYS = 30;
export const CHANNELS = 5;

export const SHAPE: ReportShape = {
  days: DAYS,
  weeks: WEEKS.length,
  channels: CHANNELS,
  buyingDays: DAYS,
  reachDays: DAYS,
  bounds: DEFAULT_BOUNDS,
};

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const WEEK_OF_DAY = WEEKS.flatMap((days, week) => Array<number>(days).fill(week));

/** The cells of days × channels that a coordinate sums, for each coordinate of a grain. */
function cellsOf(holds: readonly ((day: number, channel: number) => boolean)[]): readonly (readonly number[])[] {
  return holds.map((inside) =>
    range(DAYS * CHANNELS).filter((cell) => inside(Math.floor(cell / CHANNELS), cell % CHANNELS)),
  );
}

/** The grains of additive numbers over days × channels. */
export const GRAINS = {
  'day×channel': range(DAYS * CHANNELS).map((cell) => [cell]),
  day: cellsOf(range(DAYS).map((d) => (day) => day === d)),
  'week×channel': cellsOf(
    range(WEEKS.length).flatMap((w) =>
      range(CHANNELS).map((c) => (day, channel) => WEEK_OF_DAY[day] === w && channel === c),
    ),
  ),
  week: cellsOf(range(WEEKS.length).map((w) => (day) => WEEK_OF_DAY[day] === w)),
  channel: cellsOf(range(CHANNELS).map((c) => (_, channel) => channel === c)),
  total: [range(DAYS * CHANNELS)],
} as const;

export type Grain = keyof typeof GRAINS;

/** Members of an audience of a size, in thousands of a million. */
export const AUDIENCE_THOUSANDS: Readonly<Record<PlanSize, number>> = { S: 50, M: 300, L: 1000 };

/**
 * A campaign to an audience of 1 M: 80 % reached, 3 % of them buy, 1.4 bounded buyer-days a buyer of € 8.62 each; 27 % of
 * those first buyers who are known to be new or not are new, a tenth is unknown. Numbers are spread evenly, as the noise
 * does not depend on them.
 */
const PER_MILLION = {
  reached: 800_000,
  firstBuyers: 24_000,
  cents: 28_960_900,
  buyersOfWeek: 6_000,
  buyersOfChannel: 4_800,
  buyerDays: 33_600,
};
const NEW_SHARE = 0.27;
const KNOWN_SHARE = 0.9;

/** The exact numbers of one campaign, one for each coordinate of a part, and what people compare its error with. */
export interface Campaign {
  readonly exact: Readonly<Record<Exclude<PartName, 'firstBuyers/curve' | 'reach/curves'>, readonly bigint[]>>;
  readonly firstBuyersADay: bigint;
  readonly reachedADay: bigint;
}

export function campaignOf(size: PlanSize): Campaign {
  const scaled = (perMillion: number): bigint => BigInt(Math.round((perMillion * AUDIENCE_THOUSANDS[size]) / 1000));
  const even = (total: number, coordinates: number): bigint[] =>
    Array<bigint>(coordinates).fill(scaled(total / coordinates));
  const centsOfCell = scaled(PER_MILLION.cents / (DAYS * CHANNELS));
  const sales = (grain: Grain): bigint[] => GRAINS[grain].map((cells) => centsOfCell * BigInt(cells.length));
  const weeks = WEEKS.length;
  const known = (KNOWN_SHARE * PER_MILLION.firstBuyers) / weeks;
  const loyalty = [NEW_SHARE * known, (1 - NEW_SHARE) * known, PER_MILLION.firstBuyers / weeks - known].map(scaled);
  return {
    exact: {
      'buyers/day': even(PER_MILLION.buyerDays, DAYS),
      'buyers/day×channel': even(PER_MILLION.buyerDays, DAYS * CHANNELS),
      'buyers/week': even(PER_MILLION.buyersOfWeek * weeks, weeks),
      'buyers/week×channel': even(PER_MILLION.buyerDays, weeks * CHANNELS),
      'buyers/channel': even(PER_MILLION.buyersOfChannel * CHANNELS, CHANNELS),
      'sales/day': sales('day'),
      'sales/week': sales('week'),
      'sales/week×channel': sales('week×channel'),
      'sales/channel': sales('channel'),
      'sales/total': sales('total'),
      'firstBuyers/week': even(PER_MILLION.firstBuyers, weeks),
      'firstBuyers/week×channel': even(PER_MILLION.firstBuyers, weeks * CHANNELS),
      'newToBrand/week': range(weeks).flatMap(() => loyalty),
      frequency: even(PER_MILLION.reached, 10),
      overlap: even(PER_MILLION.reached, 2 ** CHANNELS - 1),
    },
    firstBuyersADay: scaled(PER_MILLION.firstBuyers / DAYS),
    reachedADay: scaled(PER_MILLION.reached / DAYS),
  };
}
