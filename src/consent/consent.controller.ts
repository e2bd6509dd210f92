import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Needs } from '../access/needs.decorator.ts';
import { CurrentPrincipal } from '../access/principal.ts';
import type { Principal } from '../access/principal.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { ConsentReceiptDto, RecordConsentDto } from './consent.dto.ts';
import { ConsentService } from './consent.service.ts';

/** Where the retailer's own systems report what members decided. */
@ApiTags('admin')
@Controller('admin/v1/consent-events')
export class ConsentController {
  constructor(private readonly consent: ConsentService) {}

  /** Records decisions of members. Every query that starts after the answer obeys them. */
  @Post()
  @HttpCode(200)
  @Needs('admin:consent')
  @ApiOkResponse({ type: ConsentReceiptDto })
  @ApiProblems(400, 413, 415)
  async record(@CurrentPrincipal() principal: Principal, @Body() body: RecordConsentDto): Promise<ConsentReceiptDto> {
    const receipt = await this.consent.record(principal.id, body.events);
    return { received: body.events.length, dataVersions: receipt.dataVersions.map(dataVersionDto) };
  }
}

const dataVersionDto = (
  data: ConsentReceiptDto['dataVersions'][number],
): ConsentReceiptDto['dataVersions'][number] => ({
  country: data.country,
  version: data.version,
  dataThrough: data.dataThrough,
  consentAsOf: data.consentAsOf,
});
