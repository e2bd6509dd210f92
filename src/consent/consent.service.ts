import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Clock, Purpose } from '#core';
import type { ConsentEvent, ConsentReceipt, Warehouse } from '#warehouse';
import { AuditService } from '../audit/audit.service.ts';
import { CLOCK } from '../config/clock.ts';
import { WAREHOUSE } from '../database/warehouse.ts';

/** What a member must have consented to before being counted at all. */
const COUNTING: Purpose = 'audience_measurement';

/**
 * Members' consent: per purpose, denied unless granted, obeyed by every query that starts after a change is
 * acknowledged. Consent stays with the rows; a query joins it and no audience stores who consented.
 */
@Injectable()
export class ConsentService {
  constructor(
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly source: DataSource,
    private readonly audit: AuditService,
  ) {}

  /** The purposes that each counted member must have granted: counting itself, and what the audience is meant for. */
  purposesFor(meantFor: readonly Purpose[]): readonly Purpose[] {
    return [...new Set<Purpose>([COUNTING, ...meantFor])].toSorted();
  }

  /**
   * Records what members decided. Durable and in force when this resolves; the audit names how many, never who.
   */
  async record(actor: string, events: readonly ConsentEvent[]): Promise<ConsentReceipt> {
    const receipt = await this.warehouse.recordConsent(events.map(normalised), this.clock.now());
    await this.source.transaction(async (manager) => {
      await this.audit.record(manager, {
        stream: 'retailer',
        actor,
        action: 'consent.recorded',
        resource: 'consent',
        details: {
          received: events.length,
          dataVersions: receipt.dataVersions.map(({ country, version }) => ({ country, version })),
        },
      });
    });
    return receipt;
  }
}

/** The one spelling of an event: hex digits in lower case, the instant in UTC. What is no instant is left for refusal. */
function normalised(event: ConsentEvent): ConsentEvent {
  const at = Date.parse(event.at);
  return {
    ...event,
    loyaltyIdSha256: event.loyaltyIdSha256.toLowerCase(),
    at: Number.isNaN(at) ? event.at : new Date(at).toISOString(),
  };
}
