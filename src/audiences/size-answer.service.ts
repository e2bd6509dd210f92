import { Injectable } from '@nestjs/common';
import type { AudienceWarning } from '#audience';
import type { Json } from '#core';
import type { Principal } from '../access/principal.ts';
import { CursorSealer } from '../common/cursor.ts';
import { requestHash } from '../common/idempotency.ts';
import type { IdempotentAnswer, IdempotentRequest } from '../common/idempotency.ts';
import { IdempotencyService } from '../common/idempotency.service.ts';
import { notFound } from '../common/not-found.ts';
import type { PageQuery } from '../common/page.ts';
import type { Quote } from '../releases/quote.service.ts';
import type { ReleasePage } from '../releases/release-view.dto.ts';
import type { ReleaseOutcome } from '../releases/releases.service.ts';
import type { Audience } from './audience.entity.ts';
import type { AudienceSizeDto, SizingQuoteDto } from './audiences.dto.ts';
import { ReleaseGate } from './release-gate.ts';

/** What sizing gives back. */
export interface Sized {
  readonly outcome: ReleaseOutcome;
  readonly warnings: readonly AudienceWarning[];
}

/** Turns sizes into HTTP answers, once per `Idempotency-Key`. */
@Injectable()
export class SizeAnswerService {
  constructor(
    private readonly gate: ReleaseGate,
    private readonly idempotency: IdempotencyService,
    private readonly sealer: CursorSealer,
  ) {}

  /** A spending request as far as its repetition is concerned. */
  request(principal: Principal, route: string, key: string | undefined, content: Json): IdempotentRequest {
    return { owner: principal.id, route, key, required: true, requestHash: requestHash(content) };
  }

  quote({ quote, warnings }: { quote: Quote; warnings: readonly AudienceWarning[] }): SizingQuoteDto {
    return { quote: this.gate.view.quote(quote), warnings };
  }

  /**
   * Runs a spending call once per key: 200 with the answer, or 202 with where to read it while it runs.
   *
   * @param location path of the size, by release id.
   * @param more further members of the body.
   */
  async charge(
    request: IdempotentRequest,
    location: (releaseId: string) => string,
    work: () => Promise<Sized>,
    more: object = {},
  ): Promise<IdempotentAnswer> {
    return await this.idempotency.run(request, async () => {
      const { outcome, warnings } = await work();
      const body = { ...(await this.gate.view.outcome(outcome)), ...more, warnings };
      const headers = { Location: location(outcome.row.id) };
      return outcome.visible
        ? { status: 200, body, headers }
        : { status: 202, body, headers: { ...headers, 'Retry-After': '2' } };
    });
  }

  /** One size of an audience, at no charge. */
  async one(audience: Audience, audienceVersion: number, releaseId: string, waitMs: number): Promise<AudienceSizeDto> {
    const found = await this.gate.releases.find(releaseId, waitMs, [audience.brandId]);
    if (found === undefined) {
      throw notFound();
    }
    const view = await this.gate.view.reread(found);
    return { ...view, audienceId: audience.id, audienceVersion, warnings: [] };
  }

  /** Sizes of an audience, newest first. */
  async page(audience: Audience, query: PageQuery): Promise<ReleasePage> {
    const filter = ['sizes', audience.id];
    const after = query.cursor === undefined ? undefined : this.sealer.open(query.cursor, filter);
    const rows = await this.gate.releases.list([audience.brandId], {
      limit: query.limit,
      after,
      audienceId: audience.id,
    });
    return this.gate.view.page(rows, { limit: query.limit, sealer: this.sealer, filter });
  }
}
