import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { FromDigits } from './query-values.ts';

/** Longest an answer may be held back, seconds: less than the time-out of common proxies. */
export const WAIT_SECONDS_MAX = 25;

/** Query of a read that can be held back until there is something to read. */
export class WaitQuery {
  /** Seconds to wait for the outcome before answering that it is still running. */
  @IsOptional()
  @FromDigits()
  @IsInt()
  @Min(0)
  @Max(WAIT_SECONDS_MAX)
  @ApiPropertyOptional({
    description: 'Seconds to wait for the outcome before answering that it is still running.',
    type: 'integer',
    minimum: 0,
    maximum: WAIT_SECONDS_MAX,
    default: 0,
  })
  wait: number = 0;
}
