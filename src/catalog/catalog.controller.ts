import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal, brandFor } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { catalogPage } from './catalog-page.ts';
import {
  CatalogBrandPage,
  CatalogCategoryPage,
  CatalogProductPage,
  CatalogQuery,
  CatalogRegionPage,
  CatalogStorePage,
  CatalogTierPage,
  PlacesQuery,
  PortfolioQuery,
} from './catalog.dto.ts';
import { CatalogService } from './catalog.service.ts';

/** What an audience may name: a brand's own products and brands, the categories it is sold in, places and tiers. */
@ApiTags('catalogue')
@Controller('v1/catalog')
@Needs('catalog:read')
export class CatalogController {
  constructor(
    private readonly catalog: CatalogService,
    private readonly sealer: CursorSealer,
  ) {}

  /** Categories the brand is sold in, with the categories above them. */
  @Get('categories')
  @ApiOkResponse({ type: CatalogCategoryPage })
  @ApiProblems(400, 404)
  async categories(
    @CurrentPrincipal() principal: Principal,
    @Query() query: PortfolioQuery,
  ): Promise<CatalogCategoryPage> {
    const brandId = brandFor(principal, query.brandId);
    return catalogPage((await this.catalog.portfolio(brandId)).categories, query, {
      coded: (category) => category,
      show: ({ code, name, parentCode }) => ({ code, name, parentCode }),
      filter: ['categories', brandId],
      sealer: this.sealer,
    });
  }

  /** The brand's own consumer brands. */
  @Get('brands')
  @ApiOkResponse({ type: CatalogBrandPage })
  @ApiProblems(400, 404)
  async brands(@CurrentPrincipal() principal: Principal, @Query() query: PortfolioQuery): Promise<CatalogBrandPage> {
    const brandId = brandFor(principal, query.brandId);
    return catalogPage((await this.catalog.portfolio(brandId)).brands, query, {
      coded: (brand) => brand,
      show: ({ code, name }) => ({ code, name }),
      filter: ['brands', brandId],
      sealer: this.sealer,
    });
  }

  /** The brand's own products. */
  @Get('products')
  @ApiOkResponse({ type: CatalogProductPage })
  @ApiProblems(400, 404)
  async products(
    @CurrentPrincipal() principal: Principal,
    @Query() query: PortfolioQuery,
  ): Promise<CatalogProductPage> {
    const brandId = brandFor(principal, query.brandId);
    const products = await this.catalog.products(brandId);
    return catalogPage(products, query, {
      coded: ({ gtin, name }) => ({ code: gtin, name }),
      show: (product) => product,
      filter: ['products', brandId],
      sealer: this.sealer,
    });
  }

  /** Stores, online ones too. */
  @Get('stores')
  @ApiOkResponse({ type: CatalogStorePage })
  @ApiProblems(400)
  async stores(@Query() query: PlacesQuery): Promise<CatalogStorePage> {
    return catalogPage(await this.catalog.stores(query.country), query, {
      coded: (store) => store,
      show: ({ code, name, country, regionCode }) => ({ code, name, country, regionCode }),
      filter: ['stores', query.country ?? null],
      sealer: this.sealer,
    });
  }

  /** Regions members live in. */
  @Get('regions')
  @ApiOkResponse({ type: CatalogRegionPage })
  @ApiProblems(400)
  async regions(@Query() query: PlacesQuery): Promise<CatalogRegionPage> {
    return catalogPage(await this.catalog.regions(query.country), query, {
      coded: (region) => region,
      show: ({ code, name, country }) => ({ code, name, country }),
      filter: ['regions', query.country ?? null],
      sealer: this.sealer,
    });
  }

  /** Tiers of the loyalty programme. */
  @Get('tiers')
  @ApiOkResponse({ type: CatalogTierPage })
  @ApiProblems(400)
  async tiers(@Query() query: CatalogQuery): Promise<CatalogTierPage> {
    return catalogPage(await this.catalog.tiers(), query, {
      coded: (tier) => tier,
      show: ({ code, name }) => ({ code, name }),
      filter: ['tiers'],
      sealer: this.sealer,
    });
  }
}
