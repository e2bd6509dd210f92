import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Clock } from '#core';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { PageQuery } from '../common/page.ts';
import { CLOCK } from '../config/clock.ts';
import { ApiKeyPage, CreateApiKeyDto, IssuedApiKeyDto, RotateApiKeyDto, toIssuedApiKeyDto } from './api-keys.dto.ts';
import { ApiKeyListService } from './api-key-list.service.ts';
import { ApiKeysService } from './api-keys.service.ts';
import { Needs } from './needs.decorator.ts';
import { CurrentPrincipal } from './principal.ts';
import type { Principal } from './principal.ts';

@ApiTags('api-keys')
@Controller('v1/api-keys')
@Needs('keys:manage')
export class ApiKeysController {
  readonly #keys: ApiKeysService;
  readonly #list: ApiKeyListService;
  readonly #clock: Clock;

  constructor(keys: ApiKeysService, list: ApiKeyListService, @Inject(CLOCK) clock: Clock) {
    this.#keys = keys;
    this.#list = list;
    this.#clock = clock;
  }

  /** Makes a key for your brand, or for an agency that acts for it. The secret is shown this once. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ type: IssuedApiKeyDto })
  @ApiProblems(400, 404, 409, 413, 415)
  async create(@CurrentPrincipal() principal: Principal, @Body() body: CreateApiKeyDto): Promise<IssuedApiKeyDto> {
    return toIssuedApiKeyDto(await this.#keys.createForBrand(principal, body.agencyId, body), this.#clock.now());
  }

  /** Lists the keys of your brand and of its agencies, without secrets. */
  @Get()
  @ApiOkResponse({ type: ApiKeyPage })
  @ApiProblems(400)
  list(@CurrentPrincipal() principal: Principal, @Query() query: PageQuery): Promise<ApiKeyPage> {
    return this.#list.forBrand(principal, query);
  }

  /** Gives a key a new secret, shown this once. The one before works on for the overlap. */
  @Post(':id/rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ type: IssuedApiKeyDto })
  @ApiProblems(400, 404, 409, 413, 415)
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: RotateApiKeyDto,
  ): Promise<IssuedApiKeyDto> {
    return toIssuedApiKeyDto(await this.#keys.rotate(principal, id, body), this.#clock.now());
  }

  /** Ends a key and its tokens within a second. */
  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems(404)
  revoke(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    return this.#keys.revoke(principal, id);
  }
}
