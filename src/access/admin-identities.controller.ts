import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { IdentitiesService } from './identities.service.ts';
import { IdentityDto, IdentityListDto, RegisterIdentityDto } from './identities.dto.ts';
import type { Identity } from './identity.entity.ts';
import { Needs } from './needs.decorator.ts';
import { CurrentPrincipal } from './principal.ts';
import type { Principal } from './principal.ts';

/** Who may come with tokens of outside identity providers, and as what. */
@ApiTags('admin')
@Controller('admin/v1/identities')
@Needs('admin:keys')
export class AdminIdentitiesController {
  constructor(private readonly identities: IdentitiesService) {}

  /** The newest thousand identities, newest first. */
  @Get()
  @ApiOkResponse({ type: IdentityListDto })
  @ApiProblems()
  async list(): Promise<IdentityListDto> {
    return { data: (await this.identities.list()).map(identityDto) };
  }

  /** Registers a subject of an issuer. */
  @Post()
  @ApiCreatedResponse({ type: IdentityDto })
  @ApiProblems(400, 404, 409, 413, 415)
  async register(@CurrentPrincipal() principal: Principal, @Body() body: RegisterIdentityDto): Promise<IdentityDto> {
    return identityDto(await this.identities.register(principal.id, body));
  }

  /** Shuts an identity out within a second. */
  @Delete(':id')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems(404)
  async disable(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<void> {
    await this.identities.disable(principal.id, id);
  }
}

const identityDto = (identity: Identity): IdentityDto => ({
  id: identity.id,
  issuer: identity.issuer,
  subject: identity.subject,
  kind: identity.kind,
  role: identity.role,
  label: identity.label,
  brandId: identity.brandId,
  agencyId: identity.agencyId,
  disabledAt: identity.disabledAt?.toISOString() ?? null,
});
