import type { CatalogueBrand, CatalogueCategory, CatalogueProduct, CatalogueSnapshot } from '#warehouse';

/**
 * What one manufacturer may see and name: its own brands and products, and the categories it is sold in with their
 * ancestors. Another manufacturer's products are not in it, so nothing built on it can name them.
 */
export interface Portfolio {
  readonly brands: readonly CatalogueBrand[];
  readonly products: readonly CatalogueProduct[];
  readonly categories: readonly CatalogueCategory[];
  readonly brandByCode: ReadonlyMap<string, CatalogueBrand>;
  readonly productByGtin: ReadonlyMap<string, CatalogueProduct>;
  /** Ids of the leaf categories at or below each category it is sold in, by category code. */
  readonly leavesByCategory: ReadonlyMap<string, readonly number[]>;
}

/** Cuts the retailer's catalogue down to one manufacturer's portfolio. Every list is ordered by code or GTIN. */
export function portfolioOf(catalogue: CatalogueSnapshot, manufacturer: string): Portfolio {
  const brands = byCode(catalogue.brands.filter((brand) => brand.manufacturer === manufacturer));
  const ownBrands = new Set(brands.map((brand) => brand.id));
  const products = catalogue.products
    .filter((product) => ownBrands.has(product.brandId))
    .toSorted((a, b) => (a.gtin < b.gtin ? -1 : 1));
  const leavesByCategory = soldLeaves(catalogue, new Set(products.map((product) => product.categoryId)));
  return {
    brands,
    products,
    categories: byCode(catalogue.categories.filter((category) => leavesByCategory.has(category.code))),
    brandByCode: new Map(brands.map((brand) => [brand.code, brand])),
    productByGtin: new Map(products.map((product) => [product.gtin, product])),
    leavesByCategory,
  };
}

const byCode = <T extends { readonly code: string }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (a.code < b.code ? -1 : 1));

/** Spreads each leaf the manufacturer is sold in over itself and its ancestors. */
function soldLeaves(catalogue: CatalogueSnapshot, leafIds: ReadonlySet<number>): Map<string, number[]> {
  const byItsCode = new Map(catalogue.categories.map((category) => [category.code, category]));
  const leaves = new Map<string, number[]>();
  for (const leaf of catalogue.categories.filter((category) => leafIds.has(category.id))) {
    for (let at: CatalogueCategory | undefined = leaf; at !== undefined; at = parent(at, byItsCode)) {
      leaves.set(at.code, [...(leaves.get(at.code) ?? []), leaf.id]);
    }
  }
  return leaves;
}

const parent = (
  category: CatalogueCategory,
  byItsCode: ReadonlyMap<string, CatalogueCategory>,
): CatalogueCategory | undefined => (category.parentCode === null ? undefined : byItsCode.get(category.parentCode));
