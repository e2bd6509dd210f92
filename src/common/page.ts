import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { Json } from '#core';
import type { CursorPosition, CursorSealer } from './cursor.ts';
import { FromDigits } from './query-values.ts';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 200;

/** Query parameters of every list. */
export class PageQuery {
  /** Most items of one page. */
  @ApiPropertyOptional({
    description: 'Most items of one page.',
    type: 'integer',
    minimum: 1,
    maximum: PAGE_LIMIT_MAX,
    default: PAGE_LIMIT_DEFAULT,
  })
  @IsOptional()
  @FromDigits()
  @IsInt()
  @Min(1)
  @Max(PAGE_LIMIT_MAX)
  limit: number = PAGE_LIMIT_DEFAULT;

  /** `nextCursor` of the page before. */
  @ApiPropertyOptional({ description: '`nextCursor` of the page before.', maxLength: 1_024 })
  @IsOptional()
  @IsString()
  @MaxLength(1_024)
  cursor?: string;
}

/** One page of a list. The list has no total: a count may be private. */
export interface Page<Item> {
  readonly data: readonly Item[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

export interface PageRules<Row, Item> {
  readonly limit: number;
  readonly position: (row: Row) => CursorPosition;
  readonly item: (row: Row) => Item;
  readonly sealer: CursorSealer;
  /** Everything that selects the rows, the owner included. */
  readonly filter: Json;
}

/**
 * The page of rows read in the list's order with a limit one above the page's: the extra row says that there is more,
 * and is not shown. The order must be total (sort key, then id), so that rows inserted meanwhile neither repeat nor
 * hide one.
 */
export function toPage<Row, Item>(rows: readonly Row[], rules: PageRules<Row, Item>): Page<Item> {
  const shown = rows.slice(0, rules.limit);
  const last = shown.at(-1);
  const data = shown.map(rules.item);
  if (rows.length <= rules.limit || last === undefined) return { data, nextCursor: null };
  return { data, nextCursor: rules.sealer.seal(rules.position(last), rules.filter) };
}
