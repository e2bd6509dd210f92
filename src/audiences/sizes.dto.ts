import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { PageQuery } from '../common/page.ts';

export class SizesQuery extends PageQuery {}

export class SizeQuery {
  /** Seconds to wait for the outcome before answering that it is still running. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(0)
  @Max(25)
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 25, default: 0 })
  wait: number = 0;
}
