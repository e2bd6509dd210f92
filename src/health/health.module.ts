import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ReleasesModule } from '../releases/releases.module.ts';
import { HealthController } from './health.controller.ts';
import { MetricsService } from './metrics.service.ts';

@Module({
  imports: [ReleasesModule, TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: 0 })],
  controllers: [HealthController],
  providers: [MetricsService],
})
export class HealthModule {}
