import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiExtraModels, ApiHeader, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Response } from 'express';
import { parseDefinition } from '#audience';
import type { Json } from '#core';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal, actorFor, brandFor } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { applyAnswer } from '../common/idempotency.ts';
import { notFound } from '../common/not-found.ts';
import { PageQuery } from '../common/page.ts';
import { RateLimit } from '../common/rate-limit.guard.ts';
import { WaitQuery } from '../common/wait-query.ts';
import { ReleasePage } from '../releases/release-view.dto.ts';
import { AudienceSizesService } from './audience-sizes.service.ts';
import {
  AudienceEstimateDto,
  AudienceSizeDto,
  EstimateAudienceDto,
  SizeAudienceDto,
  SizingQuery,
  SizingQuoteDto,
} from './audiences.dto.ts';
import { AudiencesService } from './audiences.service.ts';
import { underDefinition } from './definition-pointers.ts';
import { SizeAnswerService } from './size-answer.service.ts';
import { SizingService } from './sizing.service.ts';

const KEY = { name: 'Idempotency-Key', required: false, description: 'required unless dryRun: this spends budget' };

const either = (...models: (new () => object)[]): { oneOf: { $ref: string }[] } => ({
  oneOf: models.map((model) => ({ $ref: getSchemaPath(model) })),
});

/** Private audience sizes: noised, thresholded, charged once and replayed ever after. */
@ApiTags('sizes')
@Controller('v1/audiences')
export class SizesController {
  constructor(
    private readonly audiences: AudiencesService,
    private readonly sizes: AudienceSizesService,
    private readonly sizing: SizingService,
    private readonly answers: SizeAnswerService,
  ) {}

  /** The size of a definition that is not saved. Saving it later and asking again replays this answer. */
  @Post('estimate')
  @HttpCode(200)
  @Needs('sizes:create')
  @RateLimit('spend')
  @ApiHeader(KEY)
  @ApiExtraModels(AudienceEstimateDto, SizingQuoteDto)
  @ApiOkResponse({
    description: 'The answer, or the quote of a dry run.',
    schema: either(AudienceEstimateDto, SizingQuoteDto),
  })
  @ApiAcceptedResponse({ type: AudienceEstimateDto, description: 'Still running; read `Location`.' })
  @ApiProblems(400, 404, 409, 413, 415, 422)
  async estimate(
    @CurrentPrincipal() principal: Principal,
    @Body() body: EstimateAudienceDto,
    @Query() query: SizingQuery,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const brandId = brandFor(principal, body.brandId);
    const request = this.answers.request(principal, 'POST /v1/audiences/estimate', key, { ...body, brandId } as Json);
    const estimate = await underDefinition(async () => {
      const definition = parseDefinition(body.definition);
      const wish = { brandId, definition, precision: body.precision, meantFor: body.purposes };
      if (query.dryRun) return this.answers.quote(await this.sizing.quote(wish));
      return await this.answers.charge(
        request,
        (releaseId) => `/v1/releases/${releaseId}`,
        () => this.sizing.size(wish, actorFor(principal, brandId), query.wait * 1_000),
      );
    });
    return 'quote' in estimate ? estimate : applyAnswer(response, estimate);
  }

  /** The size of a saved audience. */
  @Post(':id/sizes')
  @HttpCode(200)
  @Needs('sizes:create')
  @RateLimit('spend')
  @ApiHeader(KEY)
  @ApiExtraModels(AudienceSizeDto, SizingQuoteDto)
  @ApiOkResponse({
    description: 'The answer, or the quote of a dry run.',
    schema: either(AudienceSizeDto, SizingQuoteDto),
  })
  @ApiAcceptedResponse({ type: AudienceSizeDto, description: 'Still running; read `Location`.' })
  @ApiProblems(400, 404, 409, 413, 415, 422)
  async size(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() body: SizeAudienceDto,
    @Query() query: SizingQuery,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<unknown> {
    const saved = await this.audiences.version(await this.audiences.find(principal.brandIds, id), body.version);
    if (query.dryRun) return this.answers.quote(await this.sizes.quote(saved, body));
    const { version } = saved.version;
    const content = { id, version, precision: body.precision, purposes: body.purposes };
    const request = this.answers.request(principal, 'POST /v1/audiences/:id/sizes', key, content);
    const answer = await this.answers.charge(
      request,
      (releaseId) => `/v1/audiences/${id}/sizes/${releaseId}`,
      () =>
        this.sizes.size(saved, body, {
          actor: actorFor(principal, saved.audience.brandId),
          waitMs: query.wait * 1_000,
        }),
      { audienceId: id, audienceVersion: version },
    );
    return applyAnswer(response, answer);
  }

  /** Sizes of one audience, newest first. */
  @Get(':id/sizes')
  @Needs('releases:read')
  @ApiOkResponse({ type: ReleasePage })
  @ApiProblems(400, 404)
  async list(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: PageQuery,
  ): Promise<ReleasePage> {
    const audience = await this.audiences.find(principal.brandIds, id);
    return await this.answers.page(audience, query);
  }

  /** One size of one audience. With `wait` the answer is held back until the outcome is visible. */
  @Get(':id/sizes/:releaseId')
  @Needs('releases:read')
  @ApiOkResponse({ type: AudienceSizeDto })
  @ApiProblems(400, 404)
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Param('releaseId') releaseId: string,
    @Query() query: WaitQuery,
  ): Promise<AudienceSizeDto> {
    const audience = await this.audiences.find(principal.brandIds, id);
    const version = await this.sizes.versionOf(id, releaseId);
    if (version === undefined) {
      throw notFound();
    }
    return await this.answers.one(audience, version, releaseId, query.wait * 1_000);
  }
}
