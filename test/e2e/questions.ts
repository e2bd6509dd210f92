import { demoBrandManufacturers } from '#demo';

export type Definition = Readonly<Record<string, unknown>>;

/** Names of the demo retailer that the tests use. The analyst's brand is the first manufacturer. */
export const TOUR = demoBrandManufacturers();

const REGIONS = { region: { in: [...TOUR.regionCodes] } };

/** Bought the category at least so many times in the last week: nobody, when it is forty or more. */
const oftenLastWeek = (min: number): Definition => ({
  frequency: { products: { categories: [TOUR.categoryCode] }, window: { lastDays: 7 }, min },
});

export const audienceOf = (rule: unknown, country: string = TOUR.country): Definition => ({
  version: 'audience/1',
  country,
  rule,
});

/**
 * A question of its own for each number, about the members of three regions: 4,322 in the retailer of 20,000, some
 * thirty standard deviations above any threshold.
 */
export const largeAudience = (number: number): Definition => audienceOf({ any: [REGIONS, oftenLastWeek(40 + number)] });

/** A question of its own for each number, about nobody: always below the minimum cohort. */
export const emptyAudience = (number: number): Definition => audienceOf(oftenLastWeek(40 + number));

/** Id of the right form that names nothing. */
export const unknownId = (prefix: 'aud' | 'rel' | 'brd'): string => `${prefix}_00000000000000000000000000`;
