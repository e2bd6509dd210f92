import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseDefinition } from '#audience';
import type { AudienceDefinition, AudienceReference } from '#audience';

/** Finds the definitions that `audienceRef` leaves name. */
@Injectable()
export class SavedDefinitionsService {
  constructor(private readonly source: DataSource) {}

  /** A saved definition of this brand: the version named, or the newest. Archived ones can still be referred to. */
  async load(brandId: string, { id, version }: AudienceReference): Promise<AudienceDefinition | undefined> {
    const [row] = await this.source.query<{ definition: unknown }[]>(
      `SELECT v.definition FROM audience a
       JOIN audience_version v ON v.audience_id = a.id AND v.version = COALESCE($3, a.current_version)
       WHERE a.id = $2 AND a.brand_id = $1`,
      [brandId, id, version ?? null],
    );
    return row === undefined ? undefined : parseDefinition(row.definition);
  }
}
