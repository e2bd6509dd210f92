import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Json } from '#core';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal, brandFor } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { CursorSealer } from '../common/cursor.ts';
import { PageQuery, toPage } from '../common/page.ts';
import { AuditPage, AuditQuery, AuditVerdictDto, AuditVerifyQuery } from './audit.dto.ts';
import { AuditService } from './audit.service.ts';

/** The stream of what concerns no single brand. */
const RETAILER = 'retailer';

/** Who did what. A brand reads what concerns it, the account manager what concerns the retailer. */
@ApiTags('audit')
@Controller()
export class AuditController {
  constructor(
    private readonly audit: AuditService,
    private readonly sealer: CursorSealer,
  ) {}

  /** The brand's audit, newest first. */
  @Get('v1/audit/entries')
  @Needs('audit:read')
  @ApiOkResponse({ type: AuditPage })
  @ApiProblems(400, 404)
  async list(@CurrentPrincipal() principal: Principal, @Query() query: AuditQuery): Promise<AuditPage> {
    return await this.#page(brandFor(principal, query.brandId), query);
  }

  /** Recomputes the brand's hash chain from its first entry. */
  @Get('v1/audit/verify')
  @Needs('audit:read')
  @ApiOkResponse({ type: AuditVerdictDto })
  @ApiProblems(400, 404)
  async verify(@CurrentPrincipal() principal: Principal, @Query() query: AuditVerifyQuery): Promise<AuditVerdictDto> {
    return await this.audit.verify(brandFor(principal, query.brandId));
  }

  /** The retailer's audit, newest first. */
  @Get('admin/v1/audit/entries')
  @Needs('admin:audit')
  @ApiOkResponse({ type: AuditPage })
  @ApiProblems(400)
  async listRetailer(@Query() query: PageQuery): Promise<AuditPage> {
    return await this.#page(RETAILER, query);
  }

  async #page(stream: string, query: PageQuery): Promise<AuditPage> {
    const filter: Json = ['audit', stream];
    const before = query.cursor === undefined ? undefined : this.sealer.open(query.cursor, filter).id;
    return toPage(await this.audit.list(stream, query.limit + 1, before), {
      limit: query.limit,
      position: ({ seq }) => ({ sortKey: seq, id: seq }),
      item: (entry) => entry,
      sealer: this.sealer,
      filter,
    });
  }
}
