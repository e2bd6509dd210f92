import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';

/** The process serves requests. */
export class LiveDto {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

/** Whether one part that the service stands on answers. */
export class PartDto {
  @ApiProperty({ enum: ['up', 'degraded', 'down'] })
  status: 'up' | 'degraded' | 'down';

  /** Milliseconds until it answered. */
  @ApiProperty({ type: 'number', required: false })
  responseTime?: number;
}

const EXAMPLE = { database: { status: 'up' }, warehouse: { status: 'up' } };

/** All that the service stands on answers. */
@ApiExtraModels(PartDto)
export class ReadyDto {
  @ApiProperty({ enum: ['ok', 'degraded'] })
  status: 'ok' | 'degraded';

  /** Parts that answer. */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(PartDto) }, example: EXAMPLE })
  info: object;

  /** Parts that do not. */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(PartDto) }, example: {} })
  error: object;

  /** All parts. */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: getSchemaPath(PartDto) }, example: EXAMPLE })
  details: object;
}
