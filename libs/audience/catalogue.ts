import type { Country } from '#core';

/** Whether a code means something here, and what. */
export type Lookup<T> =
  | { readonly status: 'found'; readonly value: T }
  | { readonly status: 'unknown' }
  | { readonly status: 'out-of-scope' };

/** A product and where its lines are: every line of the product is stored under this brand and this leaf category. */
export interface CatalogueProduct {
  readonly productId: number;
  readonly brandId: number;
  readonly categoryId: number;
}

/**
 * What the codes of a definition mean to ONE brand organisation in ONE country, as the warehouse's integers. Ids are
 * non-negative safe integers; equal codes give equal answers for as long as the data version does not change.
 */
export interface AudienceCatalogue {
  readonly country: Country;

  /** A GTIN of the brand's own portfolio. */
  product(gtin: string): Lookup<CatalogueProduct>;

  /** A brand of the brand's own portfolio. */
  brand(code: string): Lookup<number>;

  /**
   * A node of the category tree, as the leaf categories below it (or itself, being a leaf) in which the brand is sold:
   * a node reaches only as far as the brand's own trade. `out-of-scope` where it is sold in none of them.
   */
  category(code: string): Lookup<readonly number[]>;

  region(code: string): Lookup<number>;

  store(code: string): Lookup<number>;

  tier(code: string): Lookup<number>;
}
