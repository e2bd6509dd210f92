import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { CursorSealer } from './cursor.ts';
import { IdempotencyService } from './idempotency.service.ts';
import { ProblemsController } from './problems.controller.ts';
import { RATE_LIMIT_POLICIES } from './rate-limit.guard.ts';
import type { RateLimitPolicies } from './rate-limit.guard.ts';
import { RateLimitService } from './rate-limit.service.ts';

export interface CommonOptions {
  /** 32 bytes, the same on every replica. */
  readonly cursorSecret: Buffer;
  readonly rateLimits: { readonly defaultPerMinute: number; readonly spendPerHour: number };
}

/** What every capability may inject from the edge. Needs `DataSource` and `CLOCK` from global modules. */
@Module({})
export class CommonModule {
  static forRoot(options: CommonOptions): DynamicModule {
    const policies: RateLimitPolicies = {
      default: { name: 'default', quota: options.rateLimits.defaultPerMinute, windowSeconds: 60 },
      spend: { name: 'spend', quota: options.rateLimits.spendPerHour, windowSeconds: 3_600 },
    };
    const sealer = {
      provide: CursorSealer,
      inject: [CLOCK],
      useFactory: (clock: Clock): CursorSealer => new CursorSealer(options.cursorSecret, clock),
    };
    const rules = { provide: RATE_LIMIT_POLICIES, useValue: policies };
    return {
      module: CommonModule,
      global: true,
      controllers: [ProblemsController],
      providers: [IdempotencyService, RateLimitService, sealer, rules],
      exports: [IdempotencyService, RateLimitService, CursorSealer, RATE_LIMIT_POLICIES],
    };
  }
}
