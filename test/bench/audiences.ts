import { compileCount, NO_REFERENCES, parseDefinition, resolveDefinition } from '#audience';
import type { CountStatement } from '#core';
import { demoBrandManufacturers } from '#demo';
import type { CatalogueSnapshot, DataVersion } from '#warehouse';
import { audienceCatalogue } from '../../src/catalog/audience-catalogue.ts';
import { portfolioOf } from '../../src/catalog/portfolio.ts';

/** The purpose that the service asks of every count. */
const PURPOSES = ['audience_measurement'] as const;

export interface BenchAudience {
  /** As it is sent to the service. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** As the service runs it. */
  readonly statement: CountStatement;
}

/** Compiles definitions as the service does for the demo's analyst. */
export function compiler(
  snapshot: CatalogueSnapshot,
  data: DataVersion,
): (definition: Record<string, unknown>) => BenchAudience {
  const [{ name }] = demoBrandManufacturers().manufacturers;
  const catalogue = audienceCatalogue(snapshot, portfolioOf(snapshot, name), data.country);
  return (definition) => {
    const resolved = resolveDefinition(parseDefinition(definition), catalogue, data, NO_REFERENCES);
    return { definition, statement: compileCount(resolved, { purposes: PURPOSES, dialect: 'duckdb' }) };
  };
}

const MONTHS = 12;

/** What the bench's audiences name: the brand of the tour, its category and regions. */
export function subjects(): { country: string; category: string; brand: string; regions: readonly string[] } {
  const { manufacturers, categoryCode, country, regionCodes } = demoBrandManufacturers();
  const [brand] = manufacturers[0].brandCodes;
  if (brand === undefined) throw new RangeError(`${manufacturers[0].name} has no brand`);
  return { country, category: categoryCode, brand, regions: regionCodes };
}

/** Twice the category in six months, not the brand in twelve, in three regions: the audience of the tour. */
export const referenceDefinition = (): Record<string, unknown> => ofShape(6, 2);

/**
 * Audiences of the reference's shape, all different: the window of the first condition runs through 1 to 12 months,
 * then the number of baskets rises.
 */
export const variedDefinitions = (count: number): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, index) => ofShape(1 + (index % MONTHS), 2 + Math.floor(index / MONTHS)));

function ofShape(lastMonths: number, min: number): Record<string, unknown> {
  const { country, category, brand, regions } = subjects();
  return {
    version: 'audience/1',
    country,
    rule: {
      all: [
        { frequency: { products: { categories: [category] }, window: { lastMonths }, min } },
        { notPurchased: { products: { brands: [brand] }, window: { lastMonths: 12 } } },
        { region: { in: regions } },
      ],
    },
  };
}
