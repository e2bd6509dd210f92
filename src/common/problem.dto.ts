import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One fault in one place of a request. */
export class FieldErrorDto {
  /** JSON Pointer (RFC 6901) into the body, or `/name` of a parameter. */
  @ApiProperty({ example: '/definition/all/0/withinDays' })
  readonly pointer: string;

  /** Stable name of the rule that is broken. */
  @ApiProperty({ example: 'max' })
  readonly code: string;

  /** What it is and what it must be. */
  @ApiProperty({ example: 'is 4000, must not be greater than 730' })
  readonly message: string;
}

/** Problem document (RFC 9457). Clients switch on `code`. */
export class ProblemDto {
  /** Address of the page that explains this kind of problem. */
  @ApiProperty({ format: 'uri-reference', example: '/problems/request-invalid' })
  readonly type: string;

  @ApiProperty({ example: 'The request is not valid' })
  readonly title: string;

  /** HTTP status. */
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599, example: 400 })
  readonly status: number;

  /** What was wrong this time. */
  @ApiProperty({ example: '1 place of the request is not valid.' })
  readonly detail: string;

  /** Path of the request. */
  @ApiPropertyOptional({ format: 'uri-reference', example: '/v1/audiences' })
  readonly instance?: string;

  /** Stable code of this kind of problem. */
  @ApiProperty({ example: 'request-invalid' })
  readonly code: string;

  /** Names the request in the service's log. */
  @ApiProperty({ pattern: '^[0-9a-f]{32}$', example: '4bf92f3577b34da6a3ce929d0e0e4736' })
  readonly traceId: string;

  /** Of a call that spends budget: whether it was charged all the same. */
  @ApiPropertyOptional({ example: false })
  readonly charged?: boolean;

  @ApiPropertyOptional({ type: [FieldErrorDto] })
  readonly errors?: FieldErrorDto[];
}
