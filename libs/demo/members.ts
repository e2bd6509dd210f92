import { Draws, STREAM } from './draws.ts';
import { dayOf, historyFrom } from './calendar.ts';
import type { DemoWorld } from './world.ts';
import { fromQuantiles } from './weighted.ts';

/** What decides every row of a demo retailer. */
export interface DemoPlan {
  /** 32-bit integer. */
  readonly seed: number;
  /** Members are numbered from 1 to this. */
  readonly members: number;
  /** Last business day, `YYYY-MM-DD`. */
  readonly dataThrough: string;
}

/** One array per attribute, at index member number − 1: five million members fit in 100 MB. */
export interface DemoMembers {
  readonly count: number;
  /** Position in `DemoWorld.countries`. */
  readonly country: Uint8Array;
  readonly regionId: Uint16Array;
  readonly homeStoreId: Uint16Array;
  readonly tier: Uint8Array;
  /** Days since 1970-01-01. */
  readonly joinedDay: Int32Array;
  /** Baskets in an average month. */
  readonly basketsPerMonth: Float32Array;
  /** Share of the baskets that are ordered online. */
  readonly onlineShare: Float32Array;
}

/** Relative activity at probabilities 0, 1/20, … 1: many buy little, a few per cent buy most. */
const ACTIVITY = [
  0.02, 0.06, 0.11, 0.17, 0.23, 0.29, 0.36, 0.43, 0.51, 0.59, 0.68, 0.78, 0.9, 1.04, 1.22, 1.44, 1.74, 2.16, 2.8, 3.9,
  8,
];
const BASKETS_PER_MONTH = 0.385;
const SILVER_FROM = 1.1;
const GOLD_FROM = 2.2;
/** Members who joined before the history begins; the others came since. */
const LONG_STANDING = 0.8;
const LONGEST_MEMBERSHIP_DAYS = 3_650;
/** Share of baskets ordered online: most members never do, some often. The mean is 0.15. */
const ONLINE_SHARES = [0, 0, 0, 0, 0, 0.1, 0.2, 0.2, 0.4, 0.6] as const;

/** The members of a plan. The attributes of a member depend on the seed, its number and the end of the data alone. */
export function demoMembers(plan: DemoPlan, world: DemoWorld): DemoMembers {
  const members = allocate(plan.members);
  const draws = new Draws(plan.seed);
  const firstDay = dayOf(historyFrom(plan.dataThrough));
  const historyDays = dayOf(plan.dataThrough) - firstDay + 1;
  for (let index = 0; index < plan.members; index++) {
    draws.start(STREAM.member, index + 1);
    const country = world.countryShare.pick(draws);
    const place = world.countries[country];
    const store = place?.stores[place.homeStore.pick(draws)];
    const activity = fromQuantiles(ACTIVITY, draws);
    members.country[index] = country;
    members.regionId[index] = store?.regionId ?? 0;
    members.homeStoreId[index] = store?.id ?? 0;
    members.tier[index] = tierOf(activity, draws);
    members.joinedDay[index] = draws.chance(LONG_STANDING)
      ? firstDay - 1 - draws.below(LONGEST_MEMBERSHIP_DAYS)
      : firstDay + draws.below(historyDays);
    members.basketsPerMonth[index] = activity * BASKETS_PER_MONTH;
    members.onlineShare[index] = ONLINE_SHARES[draws.below(ONLINE_SHARES.length)] ?? 0;
  }
  return members;
}

const allocate = (count: number): DemoMembers => ({
  count,
  country: new Uint8Array(count),
  regionId: new Uint16Array(count),
  homeStoreId: new Uint16Array(count),
  tier: new Uint8Array(count),
  joinedDay: new Int32Array(count),
  basketsPerMonth: new Float32Array(count),
  onlineShare: new Float32Array(count),
});

/** Tiers follow activity; one member in ten is out of step. */
function tierOf(activity: number, draws: Draws): number {
  const seen = draws.chance(0.1) ? activity * (0.5 + draws.unit()) : activity;
  if (seen >= GOLD_FROM) return 3;
  return seen >= SILVER_FROM ? 2 : 1;
}
