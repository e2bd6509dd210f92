import { DomainError } from '#core';
import type { ProductSelector } from './ast.ts';
import { sortedSet } from './atoms.ts';
import type { ResolvedProducts } from './atoms.ts';
import type { AudienceCatalogue, CatalogueProduct, Lookup } from './catalogue.ts';
import { shown, under } from './faults.ts';
import type { Faults } from './faults.ts';
import { LIMITS } from './limits.ts';

const MUST_BE = {
  gtins: "the GTIN of a product of the brand's own",
  brands: "a brand of the brand's own",
  categories: 'a category the brand is sold in',
} as const;

/**
 * What a brand may name. A product, brand or category that exists but is not the brand's to name is refused with the
 * same words as one that does not exist, so that a refusal tells nothing about the rest of the catalogue.
 */
export class Scope {
  readonly #catalogue: AudienceCatalogue;
  readonly #faults: Faults;
  readonly #outOfScope: { readonly pointer: string; readonly is: string; readonly must: string }[] = [];

  constructor(catalogue: AudienceCatalogue, faults: Faults) {
    this.#catalogue = catalogue;
    this.#faults = faults;
  }

  /** The ids a selector stands for; `none` where its parts have nothing in common. */
  products(
    { gtins, brands, categories }: ProductSelector,
    pointer: string,
    pinned: boolean,
  ): ResolvedProducts | 'none' {
    const list = (name: keyof typeof MUST_BE): string => (pinned ? pointer : under(pointer, name));
    const at = (name: keyof typeof MUST_BE) => this.#finder(name, list(name), pinned);
    const brandIds = brands && sortedSet(at('brands')(brands, (code) => this.#catalogue.brand(code)));
    const categoryIds =
      categories && sortedSet(at('categories')(categories, (code) => this.#catalogue.category(code)).flat());
    if (categoryIds !== undefined && categoryIds.length > LIMITS.idsPerLeaf) {
      const is = `${categoryIds.length} leaf categories`;
      this.#faults.add(list('categories'), 'too-many', is, `at most ${LIMITS.idsPerLeaf}: name narrower nodes`);
    }
    if (gtins === undefined) {
      if (brandIds?.length === 0 || categoryIds?.length === 0) return 'none';
      return {
        ...(brandIds === undefined ? {} : { brands: brandIds }),
        ...(categoryIds === undefined ? {} : { categories: categoryIds }),
      };
    }
    const found = at('gtins')(gtins, (gtin) => this.#catalogue.product(gtin));
    return narrowed(found, brandIds, categoryIds);
  }

  /** The ids of regions, tiers or stores. */
  codes(
    kind: 'region' | 'tier' | 'store',
    codes: readonly string[],
    pointer: string,
    pinned: boolean,
  ): readonly number[] {
    const ids: number[] = [];
    for (const [index, code] of codes.entries()) {
      const answer = this.#catalogue[kind](code);
      if (answer.status === 'found') ids.push(answer.value);
      else {
        const at = pinned ? pointer : under(pointer, index);
        this.#faults.add(at, 'unknown-code', shown(code), `the code of a ${kind} in ${this.#catalogue.country}`);
      }
    }
    return sortedSet(ids);
  }

  /** @throws DomainError `audience-invalid` or `product-out-of-scope`, with every fault found. */
  throwIfAny(): void {
    if (this.#faults.count > 0) {
      for (const { pointer, is, must } of this.#outOfScope) this.#faults.add(pointer, 'product-out-of-scope', is, must);
      this.#faults.throwIfAny();
    }
    if (this.#outOfScope.length === 0) return;
    throw new DomainError('product-out-of-scope', {
      public: 'The definition names products, brands or categories that are not in the scope of the brand.',
      errors: this.#outOfScope.map(({ pointer, is, must }) => ({
        pointer,
        code: 'product-out-of-scope',
        message: `is ${is}, must be ${must}`,
      })),
    });
  }

  #finder(name: keyof typeof MUST_BE, pointer: string, pinned: boolean) {
    return <T>(codes: readonly string[], look: (code: string) => Lookup<T>): readonly T[] =>
      codes.flatMap((code, index) => {
        const answer = look(code);
        if (answer.status === 'found') return [answer.value];
        if (this.#outOfScope.length < LIMITS.productsOutOfScope) {
          const place = pinned ? pointer : under(pointer, index);
          this.#outOfScope.push({ pointer: place, is: shown(code), must: MUST_BE[name] });
        }
        return [];
      });
  }
}

/** The products that are also of the brands and in the categories, where these are given. */
function narrowed(
  products: readonly CatalogueProduct[],
  brands: readonly number[] | undefined,
  categories: readonly number[] | undefined,
): ResolvedProducts | 'none' {
  const kept = products.filter(
    ({ brandId, categoryId }) =>
      (brands === undefined || brands.includes(brandId)) &&
      (categories === undefined || categories.includes(categoryId)),
  );
  if (kept.length === 0) return 'none';
  return {
    products: sortedSet(kept.map(({ productId }) => productId)),
    storedUnder: {
      brands: sortedSet(kept.map(({ brandId }) => brandId)),
      categories: sortedSet(kept.map(({ categoryId }) => categoryId)),
    },
  };
}
