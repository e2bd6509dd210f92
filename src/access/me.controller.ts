import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { BrandsService } from '../brands/brands.service.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { MeDto, toMeDto } from './me.dto.ts';
import { Needs } from './needs.decorator.ts';
import { CurrentPrincipal } from './principal.ts';
import type { Principal } from './principal.ts';

@ApiTags('access')
@Controller('v1/me')
export class MeController {
  readonly #brands: BrandsService;

  constructor(brands: BrandsService) {
    this.#brands = brands;
  }

  /** Says who you are, for which brands you may act, what you may do and until when. */
  @Get()
  @Needs()
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ type: MeDto })
  @ApiProblems()
  async me(@CurrentPrincipal() principal: Principal): Promise<MeDto> {
    return toMeDto(principal, await this.#brands.names(principal.grants.map(({ brandId }) => brandId)));
  }
}
