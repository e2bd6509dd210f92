import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { Json } from '#core';
import type { CursorPosition, CursorSealer } from './cursor.ts';

export const PAGE_LIMIT_DEFAULT = 50;
export const PAGE_LIMIT_MAX = 200;

/** Query parameters of every list. */
export class PageQuery {
  /** Most items of one page. */
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => wholeNumber(value))
  @IsInt()
  @Min(1)
  @Max(PAGE_LIMIT_MAX)
  limit: number = PAGE_LIMIT_DEFAULT;

  /** `nextCursor` of the page before. */
  @ApiPropertyOptional({ maxLength: 1_024 })
  @IsOptional()
  @IsString()
  @MaxLength(1_024)
  cursor?: string;
}

/** A text of digits as its number; anything else stays, for the validation to name it. */
const wholeNumber = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

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
