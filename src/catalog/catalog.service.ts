import { Inject, Injectable } from '@nestjs/common';
import type { AudienceCatalogue, Names } from '#audience';
import type { Clock, Country } from '#core';
import type { CatalogueRegion, CatalogueSnapshot, CatalogueTier, Warehouse } from '#warehouse';
import { BrandsService } from '../brands/brands.service.ts';
import { CLOCK } from '../config/clock.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import { audienceCatalogue } from './audience-catalogue.ts';
import { portfolioOf } from './portfolio.ts';
import type { Portfolio } from './portfolio.ts';

/** How long a loaded catalogue serves before it is looked at again, milliseconds. */
const FRESH_MS = 60_000;

export interface ListedProduct {
  readonly gtin: string;
  readonly name: string;
  readonly brandCode: string;
  readonly categoryCode: string;
}

export interface ListedStore {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly country: Country;
  readonly regionCode: string;
}

interface Loaded {
  readonly at: number;
  readonly snapshot: CatalogueSnapshot;
  /** By brand id. */
  readonly parts: Map<string, BrandPart>;
}

interface BrandPart {
  readonly portfolio: Portfolio;
  readonly names: Names;
}

/** The retailer's reference data: what a brand may name in an audience. Holds nothing about members. */
@Injectable()
export class CatalogService {
  #loaded: Promise<Loaded> | undefined;

  constructor(
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly brands: BrandsService,
  ) {}

  /** The portfolio of a brand: its own products and brands, and the categories it is sold in. */
  async portfolio(brandId: string): Promise<Portfolio> {
    return (await this.#ofBrand(brandId)).portfolio;
  }

  /** What the codes of an audience mean to a brand in a country. */
  async audienceCatalogue(brandId: string, country: Country): Promise<AudienceCatalogue> {
    const portfolio = await this.portfolio(brandId);
    return audienceCatalogue((await this.#fresh()).snapshot, portfolio, country);
  }

  /** Names of the codes a brand may use, for telling a definition in words. */
  async names(brandId: string): Promise<Names> {
    return (await this.#ofBrand(brandId)).names;
  }

  /** A brand's own products with the codes that an audience names them by. */
  async products(brandId: string): Promise<readonly ListedProduct[]> {
    const { products, brands, categories } = await this.portfolio(brandId);
    const brandCode = new Map(brands.map(({ id, code }) => [id, code]));
    const categoryCode = new Map(categories.map(({ id, code }) => [id, code]));
    return products.map(({ gtin, name, brandId: brand, categoryId }) => ({
      gtin,
      name,
      brandCode: brandCode.get(brand) ?? '',
      categoryCode: categoryCode.get(categoryId) ?? '',
    }));
  }

  async stores(country?: Country): Promise<readonly ListedStore[]> {
    const { stores, regions } = (await this.#fresh()).snapshot;
    const regionCode = new Map(regions.map(({ id, code }) => [id, code]));
    return stores
      .filter((store) => country === undefined || store.country === country)
      .map(({ id, code, name, country: its, regionId }) => ({
        id,
        code,
        name,
        country: its,
        regionCode: regionCode.get(regionId) ?? '',
      }));
  }

  async regions(country?: Country): Promise<readonly CatalogueRegion[]> {
    const { regions } = (await this.#fresh()).snapshot;
    return regions.filter((region) => country === undefined || region.country === country);
  }

  async tiers(): Promise<readonly CatalogueTier[]> {
    return (await this.#fresh()).snapshot.tiers;
  }

  /** A brand's part of the catalogue, made once for each loaded catalogue: a brand keeps its manufacturer. */
  async #ofBrand(brandId: string): Promise<BrandPart> {
    const { snapshot, parts } = await this.#fresh();
    const known = parts.get(brandId);
    if (known !== undefined) return known;
    const portfolio = portfolioOf(snapshot, (await this.brands.brand(brandId)).manufacturer);
    const part = { portfolio, names: namesOf(snapshot, portfolio) };
    parts.set(brandId, part);
    return part;
  }

  async #fresh(): Promise<Loaded> {
    const loaded = await this.#loaded;
    if (loaded !== undefined && this.clock.now() - loaded.at < FRESH_MS) return loaded;
    const loading = this.#load();
    this.#loaded = loading;
    // A failed load is not kept: the next call tries again.
    loading.catch(() => (this.#loaded = undefined));
    return await loading;
  }

  async #load(): Promise<Loaded> {
    return { at: this.clock.now(), snapshot: await this.warehouse.catalogue(), parts: new Map() };
  }
}

function namesOf(snapshot: CatalogueSnapshot, { products, brands, categories }: Portfolio): Names {
  return {
    product: nameOf(products.map(({ gtin, name }) => ({ code: gtin, name }))),
    brand: nameOf(brands),
    category: nameOf(categories),
    region: nameOf(snapshot.regions),
    store: nameOf(snapshot.stores),
    tier: nameOf(snapshot.tiers),
  };
}

/** Names by code. A name that several codes share names none of them: the code is shown instead. */
function nameOf(
  items: readonly { readonly code: string; readonly name: string }[],
): (code: string) => string | undefined {
  const codes = Map.groupBy(items, ({ name }) => name);
  const names = new Map(
    items.filter(({ name }) => codes.get(name)?.length === 1).map(({ code, name }) => [code, name]),
  );
  return (code) => names.get(code);
}
