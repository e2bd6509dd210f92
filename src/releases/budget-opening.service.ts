import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError } from '#core';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { ownScopeIds } from './budget-scope.ts';
import type { Payers, ScopeKind } from './budget-scope.ts';

/** Every budget these payers draw on, the brands' agencies' included, with the caps of the configuration. */
const OPEN = `INSERT INTO budget_scope (id, rank, kind, owner, month_cap_nrho, year_cap_nrho, total_cap_nrho)
  SELECT 'global:' || country, 0, 'global', country, $5::bigint, $6::bigint, NULL::bigint
    FROM unnest($1::text[]) AS country
  UNION ALL
  SELECT 'agency:' || agency, 1, 'agency', agency, $7::bigint, NULL::bigint, NULL::bigint FROM (
    SELECT agency_id AS agency FROM agency_grant WHERE brand_id = ANY($2) UNION SELECT unnest($4::text[])) AS agencies
  UNION ALL
  SELECT 'brand:' || brand, 2, 'brand', brand, $8::bigint, $9::bigint, NULL::bigint FROM unnest($2::text[]) AS brand
  UNION ALL
  SELECT 'campaign:' || campaign, 3, 'campaign', campaign, NULL::bigint, NULL::bigint, $10::bigint
    FROM unnest($3::text[]) AS campaign
  ON CONFLICT (id) DO NOTHING`;

/** Opens budgets that nobody has drawn on yet. */
@Injectable()
export class BudgetOpeningService {
  readonly #source: DataSource;
  readonly #config: Config;
  /** Budgets known to be open; none is ever closed. */
  readonly #open = new Set<string>();

  constructor(source: DataSource, @Inject(CONFIG) config: Config) {
    this.#source = source;
    this.#config = config;
  }

  /** Opens what is missing. Call it before the transaction that reserves: opening inside would lock out of order. */
  async open(payers: readonly Payers[]): Promise<void> {
    const missing = payers.filter((payer) => !ownScopeIds(payer).every((id) => this.#open.has(id)));
    if (missing.length === 0) return;
    await this.openIn(this.#source.manager, missing);
    for (const id of missing.flatMap(ownScopeIds)) this.#open.add(id);
  }

  /** Opens what is missing inside the caller's transaction, also for agencies that no brand has granted yet. */
  async openIn(
    manager: EntityManager,
    payers: readonly Partial<Payers>[],
    agencyIds: readonly string[] = [],
  ): Promise<void> {
    const { budgets } = this.#config;
    await manager.query(OPEN, [
      distinct(payers.map(({ country }) => country)),
      distinct(payers.map(({ brandId }) => brandId)),
      distinct(payers.map(({ campaignId }) => campaignId)),
      [...agencyIds],
      budgets.globalMonth.toString(),
      budgets.globalYear.toString(),
      budgets.agencyMonth.toString(),
      budgets.brandMonth.toString(),
      budgets.brandYear.toString(),
      budgets.campaignTotal.toString(),
    ]);
  }

  /** Looks again at the next call whether these are open. */
  forget(payers: Payers): void {
    for (const id of ownScopeIds(payers)) this.#open.delete(id);
  }
}

const distinct = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(values.filter((value) => value !== undefined)),
];

/** Locks one open budget as spenders do. @returns its kind. @throws DomainError `not-found`. */
export async function lockScope(manager: EntityManager, scopeId: string): Promise<ScopeKind> {
  const [row] = await manager.query<{ kind: ScopeKind }[]>(
    'SELECT kind FROM budget_scope WHERE id = $1 FOR NO KEY UPDATE',
    [scopeId],
  );
  if (row === undefined) throw new DomainError('not-found', { public: 'There is no such budget.' });
  return row.kind;
}
