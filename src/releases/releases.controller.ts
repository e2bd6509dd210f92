import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { notFound } from '../common/not-found.ts';
import { WaitQuery } from '../common/wait-query.ts';
import { ReleasePage, ReleaseViewDto } from './release-view.dto.ts';
import { ReleaseViewService } from './release-view.service.ts';
import { ReleasesQuery } from './releases.dto.ts';
import { ReleasesService } from './releases.service.ts';

/** Answers that were given. Reading one again is free and gives the same bytes. */
@ApiTags('releases')
@Controller('v1/releases')
@Needs('releases:read')
export class ReleasesController {
  constructor(
    private readonly releases: ReleasesService,
    private readonly view: ReleaseViewService,
    private readonly sealer: CursorSealer,
  ) {}

  /** Releases of your brands, newest first. */
  @Get()
  @ApiOkResponse({ type: ReleasePage })
  @ApiProblems(400)
  async list(@CurrentPrincipal() principal: Principal, @Query() query: ReleasesQuery): Promise<ReleasePage> {
    const filter = ['releases', principal.brandIds, query.audience ?? null];
    const after = query.cursor === undefined ? undefined : this.sealer.open(query.cursor, filter);
    const rows = await this.releases.list(principal.brandIds, {
      limit: query.limit,
      after,
      audienceId: query.audience,
    });
    return this.view.page(rows, { limit: query.limit, sealer: this.sealer, filter });
  }

  /** One release. With `wait` the answer is held back until the outcome is visible, or the time is over. */
  @Get(':id')
  @ApiOkResponse({ type: ReleaseViewDto })
  @ApiProblems(400, 404)
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Query() query: WaitQuery,
  ): Promise<ReleaseViewDto> {
    const found = await this.releases.find(id, query.wait * 1_000, principal.brandIds);
    if (found === undefined) {
      throw notFound();
    }
    return await this.view.reread(found);
  }
}
