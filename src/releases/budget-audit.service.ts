import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Json } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import type { ScopeKind } from './budget-scope.ts';

/** What somebody did to one budget by hand. */
export interface BudgetAct {
  readonly actor: string;
  readonly action: string;
  readonly scopeId: string;
  readonly kind: ScopeKind;
  readonly details: Json;
}

/** Writes down what is done to budgets by hand. */
@Injectable()
export class BudgetAuditService {
  constructor(private readonly audit: AuditService) {}

  /** In the retailer's stream, and in the brand's where it is a brand's budget. */
  async record(manager: EntityManager, { actor, action, scopeId, kind, details }: BudgetAct): Promise<void> {
    const event = { actor, action, resource: `budget:${scopeId}`, details };
    const owner = scopeId.slice(kind.length + 1);
    for (const stream of kind === 'brand' ? [owner, 'retailer'] : ['retailer']) {
      await this.audit.record(manager, { ...event, stream });
    }
  }
}
