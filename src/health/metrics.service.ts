import { Injectable } from '@nestjs/common';
import { Registry, collectDefaultMetrics } from 'prom-client';

/** Prometheus metrics of the process: CPU, memory, event loop, garbage collection. Never a number about members. */
@Injectable()
export class MetricsService {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** All metrics in the Prometheus text form. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}
