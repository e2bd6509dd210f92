import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { DomainError } from '#core';
import type { Json } from '#core';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal, actorFor, brandFor } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { applyAnswer, requestHash } from '../common/idempotency.ts';
import { IdempotencyService } from '../common/idempotency.service.ts';
import { toPage } from '../common/page.ts';
import { AudienceViewService } from './audience-view.service.ts';
import {
  AddVersionDto,
  AudienceDto,
  AudiencePage,
  AudienceVersionDto,
  CreateAudienceDto,
  ListAudiencesQuery,
} from './audiences.dto.ts';
import { AudiencesService, etagOf } from './audiences.service.ts';

/** Saved audiences: a name, and definitions that never change. */
@ApiTags('audiences')
@Controller('v1/audiences')
export class AudiencesController {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly view: AudienceViewService,
    private readonly idempotency: IdempotencyService,
    private readonly sealer: CursorSealer,
  ) {}

  /** Saves an audience as version 1. With an `Idempotency-Key` a repeated request gives the first one's answer. */
  @Post()
  @Needs('audiences:write')
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 128 visible ASCII characters' })
  @ApiCreatedResponse({ type: AudienceDto })
  @ApiProblems(400, 404, 409, 413, 415, 422)
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body() body: CreateAudienceDto,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const wish = { ...body, brandId: brandFor(principal, body.brandId) };
    const route = 'POST /v1/audiences';
    const request = { owner: principal.id, route, key, required: false, requestHash: requestHash(wish as Json) };
    const answer = await this.idempotency.runInTransaction(request, async (manager) => {
      const audience = await this.view.audience(
        await this.audiences.create(manager, actorFor(principal, wish.brandId), wish),
      );
      return {
        status: 201,
        body: audience,
        headers: { Location: `/v1/audiences/${audience.id}`, ETag: audience.etag },
      };
    });
    return applyAnswer(response, answer);
  }

  /** Your brands' audiences, newest first. */
  @Get()
  @Needs('audiences:read')
  @ApiOkResponse({ type: AudiencePage })
  @ApiProblems(400)
  async list(@CurrentPrincipal() principal: Principal, @Query() query: ListAudiencesQuery): Promise<AudiencePage> {
    const filter = ['audiences', principal.brandIds, query.archived];
    const after = query.cursor === undefined ? undefined : this.sealer.open(query.cursor, filter);
    const found = await this.audiences.list(principal.brandIds, {
      limit: query.limit,
      archived: query.archived,
      after,
    });
    const page = toPage(found, {
      limit: query.limit,
      position: ({ audience }) => ({ sortKey: audience.createdAt.toISOString(), id: audience.id }),
      item: (versioned) => versioned,
      sealer: this.sealer,
      filter,
    });
    return { ...page, data: await Promise.all(page.data.map((versioned) => this.view.audience(versioned))) };
  }

  /** One audience with its newest version. */
  @Get(':id')
  @Needs('audiences:read')
  @ApiOkResponse({ type: AudienceDto })
  @ApiProblems(404)
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AudienceDto> {
    const audience = await this.audiences.find(principal.brandIds, id);
    response.set('ETag', etagOf(audience));
    return await this.view.audience(await this.audiences.version(audience));
  }

  /** One version of an audience. It never changes. */
  @Get(':id/versions/:version')
  @Needs('audiences:read')
  @ApiOkResponse({ type: AudienceVersionDto })
  @ApiProblems(400, 404)
  async getVersion(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('version', ParseIntPipe) version: number,
  ): Promise<AudienceVersionDto> {
    const audience = await this.audiences.find(principal.brandIds, id);
    return await this.view.version(audience.brandId, (await this.audiences.version(audience, version)).version);
  }

  /** Adds a version. `If-Match` must name the ETag that was read. */
  @Post(':id/versions')
  @Needs('audiences:write')
  @ApiHeader({ name: 'If-Match', required: true, description: 'the ETag that was read' })
  @ApiCreatedResponse({ type: AudienceDto })
  @ApiProblems(400, 404, 409, 412, 413, 415, 422, 428)
  async addVersion(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: AddVersionDto,
    @Headers('if-match') etag: string | undefined,
  ): Promise<AudienceDto> {
    if (etag === undefined) {
      throw new DomainError('precondition-required', {
        public: 'If-Match is missing, must be the ETag that was read.',
      });
    }
    const audience = await this.audiences.find(principal.brandIds, id);
    return await this.view.audience(
      await this.audiences.addVersion(actorFor(principal, audience.brandId), audience, etag, body.definition),
    );
  }

  /** Archives an audience: it can be read but no longer sized. */
  @Delete(':id')
  @Needs('audiences:write')
  @HttpCode(200)
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag that was read' })
  @ApiOkResponse({ type: AudienceDto })
  @ApiProblems(404, 412)
  async archive(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Headers('if-match') etag: string | undefined,
  ): Promise<AudienceDto> {
    const found = await this.audiences.find(principal.brandIds, id);
    const audience = await this.audiences.archive(actorFor(principal, found.brandId), found, etag);
    return await this.view.audience(await this.audiences.version(audience));
  }
}
