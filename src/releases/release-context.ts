import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { CLOCK } from '../config/clock.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { HighWaterMarkService } from './high-water-mark.service.ts';
import { NOISE_SOURCE } from './noise-source.ts';
import type { RandomSource } from './noise-source.ts';

/** What every step of a release needs of the service around it. */
@Injectable()
export class ReleaseContext {
  constructor(
    @Inject(CONFIG) readonly config: Config,
    @Inject(CLOCK) readonly clock: Clock,
    readonly audit: AuditService,
    @Inject(NOISE_SOURCE) readonly random: RandomSource,
    readonly highWater: HighWaterMarkService,
  ) {}
}
