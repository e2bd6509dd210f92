import type { AudienceCatalogue, Lookup } from '#audience';
import type { Country } from '#core';
import type { CatalogueSnapshot } from '#warehouse';
import type { Portfolio } from './portfolio.ts';

/** What the codes of an audience mean to one brand in one country. */
export function audienceCatalogue(
  snapshot: CatalogueSnapshot,
  portfolio: Portfolio,
  country: Country,
): AudienceCatalogue {
  const here = <T extends { readonly country: Country }>(items: readonly T[]): T[] =>
    items.filter((item) => item.country === country);
  const regions = idByCode(here(snapshot.regions));
  const stores = idByCode(here(snapshot.stores));
  const tiers = idByCode(snapshot.tiers);
  const brands = idByCode(portfolio.brands);
  return {
    country,
    product: (gtin) => {
      const product = portfolio.productByGtin.get(gtin);
      if (product === undefined) return { status: 'unknown' };
      const { id: productId, brandId, categoryId } = product;
      return { status: 'found', value: { productId, brandId, categoryId } };
    },
    brand: (code) => lookup(brands, code),
    category: (code) => lookup(portfolio.leavesByCategory, code),
    region: (code) => lookup(regions, code),
    store: (code) => lookup(stores, code),
    tier: (code) => lookup(tiers, code),
  };
}

const idByCode = (items: readonly { readonly id: number; readonly code: string }[]): ReadonlyMap<string, number> =>
  new Map(items.map(({ id, code }) => [code, id]));

function lookup<T>(values: ReadonlyMap<string, T>, code: string): Lookup<T> {
  const value = values.get(code);
  return value === undefined ? { status: 'unknown' } : { status: 'found', value };
}
