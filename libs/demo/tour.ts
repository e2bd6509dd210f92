import type { Country } from '#core';
import type { DemoCategory } from './assortment.ts';
import { PRIVATE_LABEL } from './makers.ts';
import { demoWorld } from './world.ts';
import type { DemoWorld } from './world.ts';

export interface DemoManufacturer {
  readonly name: string;
  /** Codes of all its brands, the strongest in the category first. */
  readonly brandCodes: readonly string[];
}

/** Names that an example can use with any demo retailer. */
export interface DemoTour {
  /** Two that sell in the category below, the stronger first. */
  readonly manufacturers: readonly [DemoManufacturer, DemoManufacturer];
  /** The best-selling department. */
  readonly categoryCode: string;
  readonly country: Country;
  /** Its three largest regions. */
  readonly regionCodes: readonly [string, string, string];
}

/** Brand manufacturers, a category with good volume and regions, computed from the demo world. */
export function demoBrandManufacturers(): DemoTour {
  const world = demoWorld();
  const category = bestSelling(world);
  const [first, second] = manufacturersIn(world, category);
  const [largest] = world.countries;
  const [one, two, three] = largest?.regions ?? [];
  if (!first || !second || !largest || !one || !two || !three) throw new RangeError('the demo world is too small');
  return {
    manufacturers: [first, second],
    categoryCode: category.code,
    country: largest.country,
    regionCodes: [one.code, two.code, three.code],
  };
}

function bestSelling(world: DemoWorld): DemoCategory {
  const departments = world.categories.filter(({ parentId }) => parentId === null);
  return departments.reduce((best, category) => (category.weight > best.weight ? category : best));
}

/** Manufacturers in a department, by how high their brands stand on its shelves; not the retailer itself. */
function manufacturersIn(world: DemoWorld, category: DemoCategory): DemoManufacturer[] {
  const leaves = new Set(
    world.categories.filter(({ code }) => code.startsWith(`${category.code}.`)).map(({ id }) => id),
  );
  const strength = new Map<number, number>();
  for (const shelf of world.shelves) {
    if (!leaves.has(shelf.categoryId)) continue;
    for (const [rank, brandId] of shelf.brandIds.entries()) {
      strength.set(brandId, (strength.get(brandId) ?? 0) + 1 / (rank + 1));
    }
  }
  const strengthOf = (id: number): number => strength.get(id) ?? 0;
  const ranked = world.brands
    .filter(({ manufacturer }) => manufacturer !== PRIVATE_LABEL.name)
    .toSorted((a, b) => strengthOf(b.id) - strengthOf(a.id));
  const names = new Set(ranked.filter(({ id }) => strengthOf(id) > 0).map(({ manufacturer }) => manufacturer));
  return [...names].map((name) => ({
    name,
    brandCodes: ranked.filter(({ manufacturer }) => manufacturer === name).map(({ code }) => code),
  }));
}
