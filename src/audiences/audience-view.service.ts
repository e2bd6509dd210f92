import { Injectable } from '@nestjs/common';
import { describe, parseDefinition } from '#audience';
import { isCountry } from '#core';
import { CatalogService } from '../catalog/catalog.service.ts';
import type { AudienceDto, AudienceVersionDto } from './audiences.dto.ts';
import { etagOf } from './audiences.service.ts';
import type { VersionedAudience } from './audiences.service.ts';
import type { AudienceVersion } from './audience-version.entity.ts';

/** Puts audiences into the form in which the API shows them. */
@Injectable()
export class AudienceViewService {
  constructor(private readonly catalog: CatalogService) {}

  async audience({ audience, version }: VersionedAudience): Promise<AudienceDto> {
    const { id, brandId, name, country } = audience;
    if (!isCountry(country)) throw new Error(`audience ${id} is in no country of this service`);
    return {
      id,
      brandId,
      name,
      country,
      current: await this.version(brandId, version),
      createdAt: audience.createdAt.toISOString(),
      updatedAt: audience.updatedAt.toISOString(),
      archivedAt: audience.archivedAt?.toISOString() ?? null,
      etag: etagOf(audience),
    };
  }

  async version(brandId: string, version: AudienceVersion): Promise<AudienceVersionDto> {
    return {
      audienceId: version.audienceId,
      version: version.version,
      definition: version.definition,
      definitionHash: version.definitionHash,
      sentence: describe(parseDefinition(version.definition), await this.catalog.names(brandId)),
      createdAt: version.createdAt.toISOString(),
      createdBy: version.createdBy,
    };
  }
}
