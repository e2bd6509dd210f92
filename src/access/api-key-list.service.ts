import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import type { FindOptionsWhere } from 'typeorm';
import type { Clock } from '#core';
import { CursorSealer } from '../common/cursor.ts';
import { toPage } from '../common/page.ts';
import type { Page, PageQuery } from '../common/page.ts';
import { CLOCK } from '../config/clock.ts';
import { ApiKey } from './api-key.entity.ts';
import { toApiKeyDto } from './api-keys.dto.ts';
import type { ApiKeyDto } from './api-keys.dto.ts';
import { brandFor } from './principal.ts';
import type { Principal } from './principal.ts';

/** Lists API keys, the newest first. Ids sort by time of making. */
@Injectable()
export class ApiKeyListService {
  readonly #source: DataSource;
  readonly #sealer: CursorSealer;
  readonly #clock: Clock;

  constructor(source: DataSource, sealer: CursorSealer, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#sealer = sealer;
    this.#clock = clock;
  }

  /** Keys of the principal's brand: its own and those with which agencies act for it alone. */
  forBrand(principal: Principal, query: PageQuery): Promise<Page<ApiKeyDto>> {
    return this.#page({ brandId: brandFor(principal) }, query);
  }

  /** All keys, or those of one brand or agency. */
  forRetailer(owner: { brandId?: string; agencyId?: string }, query: PageQuery): Promise<Page<ApiKeyDto>> {
    return this.#page(
      {
        ...(owner.brandId !== undefined && { brandId: owner.brandId }),
        ...(owner.agencyId !== undefined && { agencyId: owner.agencyId }),
      },
      query,
    );
  }

  async #page(owner: { brandId?: string; agencyId?: string }, { limit, cursor }: PageQuery): Promise<Page<ApiKeyDto>> {
    const filter = ['api-keys', owner.brandId ?? null, owner.agencyId ?? null];
    const after = cursor === undefined ? undefined : this.#sealer.open(cursor, filter);
    const where: FindOptionsWhere<ApiKey> = { ...owner, ...(after !== undefined && { id: LessThan(after.id) }) };
    const rows = await this.#source.getRepository(ApiKey).find({ where, order: { id: 'DESC' }, take: limit + 1 });
    return toPage(rows, {
      limit,
      position: ({ id }) => ({ sortKey: id, id }),
      item: (key) => toApiKeyDto(key, this.#clock.now()),
      sealer: this.#sealer,
      filter,
    });
  }
}
