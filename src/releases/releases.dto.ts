import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { PageQuery } from '../common/page.ts';

export class ReleasesQuery extends PageQuery {
  /** Only releases that answered for this audience. */
  @IsOptional()
  @Matches(/^aud_[0-9a-z]{26}$/)
  @ApiPropertyOptional({ example: 'aud_01jd3v7q3mzk8v4t2n9x5c6b7a' })
  audience?: string;
}
