import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { PageQuery } from '../common/page.ts';

export class ReleasesQuery extends PageQuery {
  /** Only releases that answered for this audience. */
  @IsOptional()
  @Matches(/^aud_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'aud_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  audience?: string;
}

export class WaitQuery {
  /** Seconds to wait for the outcome before answering that it is still running. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value,
  )
  @IsInt()
  @Min(0)
  @Max(25)
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 25 })
  wait?: number;
}
