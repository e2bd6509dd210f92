import { Injectable } from '@nestjs/common';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { HighWaterMarkService } from '../releases/high-water-mark.service.ts';

/** Prometheus metrics of the process: CPU, memory, event loop, garbage collection, the ledger's state. Never a number about members. */
@Injectable()
export class MetricsService {
  readonly #registry = new Registry();

  constructor(highWater: HighWaterMarkService) {
    collectDefaultMetrics({ register: this.#registry });
    const readOnly: Gauge = new Gauge({
      name: 'haven_ledger_read_only',
      help: '1 while the ledger does not fit its high-water marks, so that no new question is answered',
      registers: [this.#registry],
      collect: (): void => readOnly.set(highWater.mismatch === null ? 0 : 1),
    });
  }

  /** All metrics in the Prometheus text form. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}
