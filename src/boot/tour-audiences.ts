import { sha256Hex } from '#core';
import { demoBrandManufacturers, demoLoyaltyNumber, demoMembers, demoWorld } from '#demo';
import type { DemoPlan } from '#demo';

type Definition = Record<string, unknown>;

const MONTHS_BOUGHT = { lastMonths: 6 } as const;
const MONTHS_NOT_BOUGHT = { lastMonths: 12 } as const;

/** Bought the category at least twice in six months, not the brand in twelve, and lives in three regions. */
export function tourDefinition(): Definition {
  const { categories, brands, regions } = subjects();
  return definition({
    all: [
      { frequency: { products: { categories }, window: MONTHS_BOUGHT, min: 2 } },
      { notPurchased: { products: { brands }, window: MONTHS_NOT_BOUGHT } },
      { region: { in: regions } },
    ],
  });
}

/** The same members in other words: none who bought the category at most once, or the brand, or live elsewhere. */
export function tourDefinitionOtherwise(): Definition {
  const { categories, brands, regions } = subjects();
  return definition({
    none: [
      { none: [{ region: { in: regions.toReversed() } }] },
      {
        any: [
          { purchased: { products: { brands }, window: MONTHS_NOT_BOUGHT } },
          { frequency: { products: { categories }, window: MONTHS_BOUGHT, max: 1 } },
        ],
      },
    ],
  });
}

/** Hardly anybody: bought the category forty times in the last seven days. */
export function tinyDefinition(): Definition {
  const { categories } = subjects();
  return definition({ frequency: { products: { categories }, window: { lastDays: 7 }, min: 40 } });
}

/** SHA-256 of the loyalty number of a demo member who belongs to the country of the tour. */
export function tourMember({ seed, dataThrough }: Omit<DemoPlan, 'members'>): string {
  const { country } = demoBrandManufacturers();
  const world = demoWorld();
  const members = demoMembers({ seed, dataThrough, members: MEMBERS_LOOKED_AT }, world);
  const index = members.country.findIndex((position) => world.countries[position]?.country === country);
  if (index < 0) throw new RangeError(`none of the first ${MEMBERS_LOOKED_AT} demo members belongs to ${country}`);
  return sha256Hex(demoLoyaltyNumber(seed, index + 1));
}

/** A member's country does not depend on how many members there are, so that a few are enough to find one. */
const MEMBERS_LOOKED_AT = 100;

function subjects(): { categories: string[]; brands: string[]; regions: string[] } {
  const { categoryCode, manufacturers, regionCodes } = demoBrandManufacturers();
  const [brand] = manufacturers[0].brandCodes;
  return { categories: [categoryCode], brands: brand === undefined ? [] : [brand], regions: [...regionCodes] };
}

const definition = (rule: Definition): Definition => ({
  version: 'audience/1',
  country: demoBrandManufacturers().country,
  rule,
});
