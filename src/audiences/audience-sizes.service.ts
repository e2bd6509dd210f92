import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { parseDefinition } from '#audience';
import type { AudienceWarning } from '#audience';
import type { Clock, Purpose } from '#core';
import type { Actor } from '../access/principal.ts';
import { CLOCK } from '../config/clock.ts';
import type { Quote } from '../releases/quote.service.ts';
import type { Precision, ReleaseOutcome } from '../releases/releases.service.ts';
import { refuseArchived } from './audiences.service.ts';
import type { VersionedAudience } from './audiences.service.ts';
import { SizingService } from './sizing.service.ts';
import type { SizingWish } from './sizing.service.ts';

export interface SizeOptions {
  readonly precision: Precision;
  readonly purposes: readonly Purpose[];
}

/** Sizes of saved audiences, and which audience asked for which release. */
@Injectable()
export class AudienceSizesService {
  constructor(
    private readonly sizing: SizingService,
    private readonly source: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `audience-archived`, and those of `SizingService.quote`. */
  async quote(
    saved: VersionedAudience,
    options: SizeOptions,
  ): Promise<{ quote: Quote; warnings: readonly AudienceWarning[] }> {
    refuseArchived(saved.audience);
    return await this.sizing.quote(wishOf(saved, options));
  }

  /** @throws DomainError `audience-archived`, and those of `SizingService.size`. */
  async size(
    saved: VersionedAudience,
    options: SizeOptions,
    caller: { actor: Actor; waitMs: number },
  ): Promise<{ outcome: ReleaseOutcome; warnings: readonly AudienceWarning[] }> {
    refuseArchived(saved.audience);
    const sized = await this.sizing.size(wishOf(saved, options), caller.actor, caller.waitMs);
    await this.source.query(
      `INSERT INTO audience_size (audience_id, audience_version, release_id, requested_by, created_at)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [saved.audience.id, saved.version.version, sized.outcome.row.id, caller.actor.id, new Date(this.clock.now())],
    );
    return sized;
  }

  /** The audience version that a release answered for, or undefined when it did not answer for this audience. */
  async versionOf(audienceId: string, releaseId: string): Promise<number | undefined> {
    const [row] = await this.source.query<{ version: number }[]>(
      `SELECT max(audience_version) AS version FROM audience_size WHERE audience_id = $1 AND release_id = $2
       HAVING count(*) > 0`,
      [audienceId, releaseId],
    );
    return row?.version;
  }
}

const wishOf = ({ audience, version }: VersionedAudience, options: SizeOptions): SizingWish => ({
  brandId: audience.brandId,
  definition: parseDefinition(version.definition),
  audienceId: audience.id,
  precision: options.precision,
  meantFor: options.purposes,
});
