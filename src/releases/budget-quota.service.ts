import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import type { AdmissionWish } from '../brands/brands.service.ts';
import { changed } from '../database/changed.ts';
import { BudgetAuditService } from './budget-audit.service.ts';
import { lockScope } from './budget-opening.service.ts';
import { WINDOWS_OF, capTexts } from './budget-scope.ts';
import type { BudgetWindow, ScopeKind } from './budget-scope.ts';
import { QuotaAdmissionService } from './quota-admission.service.ts';

/** New caps of one quota in nano-ρ, for exactly the windows of its kind. */
export interface QuotaChange extends AdmissionWish {
  readonly actor: string;
  readonly scopeId: string;
  readonly caps: Readonly<Partial<Record<BudgetWindow, bigint>>>;
  readonly reason: string;
}

/** Sets what one brand, agency or campaign may spend, in the place of what the configuration says. */
@Injectable()
export class BudgetQuotaService {
  constructor(
    private readonly source: DataSource,
    private readonly admission: QuotaAdmissionService,
    private readonly audit: BudgetAuditService,
  ) {}

  /**
   * @throws DomainError `not-found` for a budget that is not open, `guarantee-not-adjustable` for a global one, whose caps
   * are the configuration's, `request-invalid` for windows its kind has not, `budget-overcommitted`.
   */
  async set(change: QuotaChange): Promise<void> {
    await this.source.transaction(async (manager) => {
      await this.admission.lockQuotas(manager);
      const kind = await lockQuota(manager, change.scopeId);
      checkWindows(kind, change.caps);
      const { month, year, total } = change.caps;
      await changed(
        manager,
        `UPDATE budget_scope SET month_cap_nrho = $2, year_cap_nrho = $3, total_cap_nrho = $4, own_caps = true WHERE id = $1`,
        [change.scopeId, month?.toString(), year?.toString(), total?.toString()],
      );
      await this.admission.requireKept(manager, change.scopeId, change);
      const { actor, scopeId, reason, allowOvercommit } = change;
      const details = { ...capTexts(change.caps), reason, allowOvercommit };
      await this.audit.record(manager, { actor, action: 'budget.quota-set', scopeId, kind, details });
    });
  }
}

/** @throws DomainError `not-found`, `guarantee-not-adjustable`. */
async function lockQuota(manager: EntityManager, scopeId: string): Promise<ScopeKind> {
  const kind = await lockScope(manager, scopeId);
  if (kind !== 'global') return kind;
  throw new DomainError('guarantee-not-adjustable', {
    public: 'The global budget of a country is set by the configuration for all countries alike.',
  });
}

function checkWindows(kind: ScopeKind, caps: QuotaChange['caps']): void {
  const windows = WINDOWS_OF[kind];
  const given = Object.keys(caps);
  if (given.length === windows.length && windows.every((window) => given.includes(window))) {
    checkOrder(caps);
    return;
  }
  const members = windows.map((window) => `${window}NanoRho`).join(' and ');
  throw new DomainError('request-invalid', {
    public: `The quota of one ${kind} is given by ${members}.`,
    errors: [{ pointer: '', code: 'windows', message: `has ${given.join(', ') || 'no caps'}, must have ${members}` }],
  });
}

function checkOrder({ month, year }: QuotaChange['caps']): void {
  if (month === undefined || year === undefined || month <= year) return;
  const message = `is ${month}, must be at most yearNanoRho, ${year}`;
  throw new DomainError('request-invalid', {
    public: `monthNanoRho ${message}.`,
    errors: [{ pointer: '/monthNanoRho', code: 'out-of-range', message }],
  });
}
