import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError, newId } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { BudgetAuditService } from './budget-audit.service.ts';
import { lockScope } from './budget-opening.service.ts';
import type { ScopeKind } from './budget-scope.ts';
import { dayOf, yearStart } from './budget-window.ts';
import { HighWaterMarkService } from './high-water-mark.service.ts';
import { safeNumber } from './release-answer.ts';

/** An entry of the ledger that no release makes. */
export interface AdjustmentWish {
  readonly actor: string;
  readonly scopeId: string;
  /** `charge`: something left outside the gate. `credit`: a quota gives back what a release was charged. */
  readonly kind: 'charge' | 'credit';
  /** > 0. */
  readonly nanoRho: bigint;
  /** UTC day it counts for, within the rolling year; a credit on the day of what it gives back. Today by default. */
  readonly day?: string | undefined;
  readonly reason: string;
}

export interface Adjustment {
  readonly id: string;
  readonly scopeId: string;
  readonly kind: AdjustmentWish['kind'];
  readonly nanoRho: bigint;
  readonly day: string;
  readonly reason: string;
  readonly createdAt: number;
}

/** The running totals only grow: a credit does not make the ledger look older than its high-water mark. */
const ENTER = `WITH entry AS (
    INSERT INTO budget_adjustment (id, scope_id, day, nano_rho, quecto_theta, kind, reason, actor, created_at)
    VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8)
  ), day AS (
    INSERT INTO budget_day (scope_id, day, reserved_nrho, committed_nrho) VALUES ($2, $3, 0, greatest($4::bigint, 0))
    ON CONFLICT (scope_id, day) DO UPDATE SET committed_nrho = budget_day.committed_nrho + $4
  )
  UPDATE budget_scope SET settled_charges = settled_charges + CASE WHEN $4 > 0 THEN 1 ELSE 0 END,
    settled_nrho = settled_nrho + greatest($4, 0) WHERE id = $2`;

/** Enters charges and credits by hand, each with its reason, and writes down that it did. */
@Injectable()
export class BudgetAdjustmentService {
  constructor(
    private readonly audit: BudgetAuditService,
    private readonly highWater: HighWaterMarkService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Inside the caller's transaction. A charge may pass the cap: what has left has left, and then nothing more does.
   *
   * @throws DomainError `not-found`; `guarantee-not-adjustable` for a credit to a global budget; `request-invalid` for a
   * day outside the rolling year; `conflict` for a credit above what was spent on its day; `ledger-read-only`, since an
   * entry would stand for charges that the ledger has forgotten.
   */
  async enter(manager: EntityManager, wish: AdjustmentWish): Promise<Adjustment> {
    this.highWater.requireWritable(false);
    const now = this.clock.now();
    const day = wish.day ?? dayOf(now);
    checkDay(day, now);
    const kind = await lockScope(manager, wish.scopeId);
    const amount = wish.kind === 'credit' ? -wish.nanoRho : wish.nanoRho;
    if (amount < 0n) await requireCreditable(manager, kind, wish, day);
    const id = newId('adjustment', now);
    await manager.query(ENTER, [
      id,
      wish.scopeId,
      day,
      amount.toString(),
      wish.kind,
      wish.reason,
      wish.actor,
      new Date(now),
    ]);
    const { actor, scopeId, nanoRho, reason } = wish;
    const details = { nanoRho: nanoRho.toString(), day, reason };
    await this.audit.record(manager, { actor, action: `budget.${wish.kind}`, scopeId, kind, details });
    return { id, scopeId, kind: wish.kind, nanoRho, day, reason, createdAt: now };
  }
}

function checkDay(day: string, now: number): void {
  const parsed = Date.parse(day);
  const exists = !Number.isNaN(parsed) && dayOf(parsed) === day;
  if (exists && day >= yearStart(now) && day <= dayOf(now)) return;
  const message = `is ${day}, must be a day from ${yearStart(now)} to ${dayOf(now)}`;
  throw new DomainError('request-invalid', {
    public: `The day ${message}.`,
    errors: [{ pointer: '/day', code: 'out-of-range', message }],
  });
}

/** A credit counts for the day of what it gives back: dated later it would outlive that charge in the rolling year. */
async function requireCreditable(
  manager: EntityManager,
  kind: ScopeKind,
  wish: AdjustmentWish,
  day: string,
): Promise<void> {
  if (kind === 'global') {
    throw new DomainError('guarantee-not-adjustable', {
      public: 'What was charged to the global budget of a country stays charged. Only quotas can be credited.',
    });
  }
  const [row] = await manager.query<{ committed: string }[]>(
    'SELECT committed_nrho AS committed FROM budget_day WHERE scope_id = $1 AND day = $2',
    [wish.scopeId, day],
  );
  const committed = BigInt(row?.committed ?? 0);
  if (wish.nanoRho <= committed) return;
  throw new DomainError('conflict', {
    public: `On ${day} this budget has spent ${committed} nano-ρ; a credit of ${wish.nanoRho} must be at most that.`,
    extensions: { spentNanoRho: safeNumber(committed) },
  });
}
