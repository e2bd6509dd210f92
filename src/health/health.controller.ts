import { Controller, Get, Header, Inject } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, HealthIndicatorService, TypeOrmHealthIndicator } from '@nestjs/terminus';
import type { HealthCheckResult, HealthIndicatorResult } from '@nestjs/terminus';
import type { Warehouse } from '#warehouse';
import { Public } from '../access/needs.decorator.ts';
import { Produces } from '../common/accept.guard.ts';
import { ApiProblems } from '../common/api-problems.decorator.ts';
import { RateLimit } from '../common/rate-limit.guard.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import { LiveDto, ReadyDto } from './health.dto.ts';
import { MetricsService } from './metrics.service.ts';

/** Probes and metrics for the platform that runs the service. None of them says anything about members or brands. */
@ApiTags('health')
@Controller()
@Public()
@RateLimit('none')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly database: TypeOrmHealthIndicator,
    private readonly indicators: HealthIndicatorService,
    private readonly metrics: MetricsService,
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
  ) {}

  /** The process serves requests. */
  @Get('healthz')
  @ApiOkResponse({ type: LiveDto })
  @ApiProblems()
  live(): LiveDto {
    return { status: 'ok' };
  }

  /** Database and warehouse answer: calls may be sent here. 503 while starting, stopping or cut off. */
  @Get('readyz')
  // Its own documentation shows a failure as a health report; here every failure is a problem document.
  @HealthCheck({ swaggerDocumentation: false })
  @ApiOkResponse({ type: ReadyDto })
  @ApiProblems()
  async ready(): Promise<HealthCheckResult> {
    return await this.health.check([
      () => this.database.pingCheck('database', { timeout: 2_000 }),
      () => this.#warehouse(),
    ]);
  }

  async #warehouse(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check('warehouse');
    try {
      await this.warehouse.health();
      return indicator.up();
    } catch {
      return indicator.down();
    }
  }

  @Get('metrics')
  @Produces('text/plain')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiExcludeEndpoint()
  async scrape(): Promise<string> {
    return await this.metrics.text();
  }
}
