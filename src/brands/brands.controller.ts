import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import type { AgencyGrant } from './agency-grant.entity.ts';
import type { Agency } from './agency.entity.ts';
import type { Brand } from './brand.entity.ts';
import {
  AgencyDto,
  BrandDto,
  BrandListDto,
  GrantAgencyDto,
  GrantDto,
  GrantListDto,
  OpenAgencyDto,
  OpenBrandDto,
} from './brands.dto.ts';
import { BrandsService } from './brands.service.ts';

/** The account manager's view of the tenants. */
@ApiTags('admin')
@Controller('admin/v1')
export class BrandsController {
  constructor(private readonly brands: BrandsService) {}

  /** Every brand, oldest first. */
  @Get('brands')
  @Needs('admin:brands')
  @ApiOkResponse({ type: BrandListDto })
  @ApiProblems()
  async list(): Promise<BrandListDto> {
    return { data: (await this.brands.list()).map(brandDto) };
  }

  /** Opens a brand with one manufacturer's portfolio. */
  @Post('brands')
  @Needs('admin:brands')
  @ApiCreatedResponse({ type: BrandDto })
  @ApiProblems(400, 409, 413, 415)
  async open(@CurrentPrincipal() principal: Principal, @Body() body: OpenBrandDto): Promise<BrandDto> {
    return brandDto(
      await this.brands.openBrand(principal.id, body.name, body.manufacturer, {
        allowOvercommit: body.allowOvercommit,
      }),
    );
  }

  /** Opens an agency; it can do nothing until a brand grants it. */
  @Post('agencies')
  @Needs('admin:grants')
  @ApiCreatedResponse({ type: AgencyDto })
  @ApiProblems(400, 413, 415)
  async openAgency(@CurrentPrincipal() principal: Principal, @Body() body: OpenAgencyDto): Promise<AgencyDto> {
    return agencyDto(await this.brands.openAgency(principal.id, body.name));
  }

  /** The newest thousand grants, newest first. */
  @Get('grants')
  @Needs('admin:grants')
  @ApiOkResponse({ type: GrantListDto })
  @ApiProblems()
  async listGrants(): Promise<GrantListDto> {
    return { data: (await this.brands.listGrants()).map(grantDto) };
  }

  /** Lets an agency work for a brand. */
  @Post('grants')
  @Needs('admin:grants')
  @ApiCreatedResponse({ type: GrantDto })
  @ApiProblems(400, 404, 409, 413, 415)
  async grant(@CurrentPrincipal() principal: Principal, @Body() body: GrantAgencyDto): Promise<GrantDto> {
    return grantDto(await this.brands.grant(principal.id, body));
  }

  /** Takes a grant back; the agency's calls for the brand stop within a second. */
  @Delete('grants/:id')
  @Needs('admin:grants')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems(404)
  async revoke(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    await this.brands.revokeGrant(principal.id, id);
  }
}

const brandDto = (brand: Brand): BrandDto => ({
  id: brand.id,
  name: brand.name,
  manufacturer: brand.manufacturer,
  createdAt: brand.createdAt.toISOString(),
});

const agencyDto = (agency: Agency): AgencyDto => ({
  id: agency.id,
  name: agency.name,
  createdAt: agency.createdAt.toISOString(),
});

const grantDto = (grant: AgencyGrant): GrantDto => ({
  id: grant.id,
  agencyId: grant.agencyId,
  brandId: grant.brandId,
  scopes: grant.scopes,
  createdAt: grant.createdAt.toISOString(),
  expiresAt: grant.expiresAt.toISOString(),
  revokedAt: grant.revokedAt?.toISOString() ?? null,
});
