import { Inject, Injectable } from '@nestjs/common';
import { canonicalAudience, compileCount, loadReferences, resolveDefinition } from '#audience';
import type { AudienceDefinition, AudienceWarning } from '#audience';
import { DomainError } from '#core';
import type { CountStatement, Country, Purpose } from '#core';
import type { DataVersion, Warehouse } from '#warehouse';
import type { Actor } from '../access/principal.ts';
import { CatalogService } from '../catalog/catalog.service.ts';
import { CONFIG } from '../config/config.ts';
import type { Config } from '../config/config.ts';
import { ConsentService } from '../consent/consent.service.ts';
import { WAREHOUSE } from '../database/warehouse.ts';
import type { Quote } from '../releases/quote.service.ts';
import type { CountQuestion, Precision, ReleaseOutcome } from '../releases/releases.service.ts';
import { ReleaseGate } from './release-gate.ts';
import { SavedDefinitionsService } from './saved-definitions.service.ts';

/** Whose audience is to be sized, and how. */
export interface SizingWish {
  readonly brandId: string;
  readonly definition: AudienceDefinition;
  /** Id of the saved audience the definition belongs to, so that a reference back to it is seen as a cycle. */
  readonly audienceId?: string;
  readonly precision: Precision;
  /** What the audience is meant for, beyond being counted. */
  readonly meantFor: readonly Purpose[];
}

/** A definition brought to one state of the data: ready to be priced or run. */
export interface PreparedCount {
  readonly question: CountQuestion;
  readonly data: DataVersion;
  readonly statement: CountStatement;
  readonly warnings: readonly AudienceWarning[];
}

/** Rounds against consents that change while the count waits for its turn. */
const ROUNDS = 3;

/** From a definition to a private size. */
@Injectable()
export class SizingService {
  constructor(
    private readonly catalog: CatalogService,
    private readonly consent: ConsentService,
    private readonly saved: SavedDefinitionsService,
    private readonly gate: ReleaseGate,
    @Inject(WAREHOUSE) private readonly warehouse: Warehouse,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Price and expected error. No member data is read. */
  async quote(wish: SizingWish): Promise<{ quote: Quote; warnings: readonly AudienceWarning[] }> {
    const { question, warnings } = await this.prepare(wish);
    return { quote: await this.gate.quotes.quote(question), warnings };
  }

  /**
   * The private size, replayed where the question was answered on this data.
   *
   * @throws DomainError of the definition, of the budget, or `release-failed`.
   */
  async size(
    wish: SizingWish,
    actor: Actor,
    waitMs: number,
  ): Promise<{ outcome: ReleaseOutcome; warnings: readonly AudienceWarning[] }> {
    for (let round = 1; ; round++) {
      const prepared = await this.prepare(wish);
      const outcome = await this.#release(prepared, actor, waitMs);
      const { row, visible } = outcome;
      if (!visible || row.state === 'committed') return { outcome, warnings: prepared.warnings };
      // The data moved on before the query began, and the charge was given back: ask again on the new data.
      const moved = row.state === 'refunded' && row.failure === 'data-version-changed';
      if (!moved || round === ROUNDS) throw this.gate.view.failure(row, outcome.chargedNanoRho);
    }
  }

  async #release({ question, data, statement }: PreparedCount, actor: Actor, waitMs: number): Promise<ReleaseOutcome> {
    return await this.gate.releases.release({
      question,
      data,
      actor,
      waitMs,
      measure: (signal) =>
        this.warehouse.count(statement, {
          country: question.country,
          dataVersion: question.dataVersion,
          signal,
          deadlineMs: this.config.queryDeadlineMs,
          tag: { tenant: question.brandId, kind: question.kind },
        }),
    });
  }

  /** Resolves, canonicalises and compiles a definition on the present data. */
  async prepare(wish: SizingWish): Promise<PreparedCount> {
    const { brandId, definition, audienceId } = wish;
    const data = await this.#dataOf(definition.country);
    const catalogue = await this.catalog.audienceCatalogue(brandId, definition.country);
    const references = await loadReferences(definition, (reference) => this.saved.load(brandId, reference), audienceId);
    const resolved = resolveDefinition(definition, catalogue, data, references);
    const purposes = this.consent.purposesFor(wish.meantFor);
    return {
      data,
      statement: compileCount(resolved, { purposes, dialect: this.warehouse.dialect }),
      warnings: resolved.warnings,
      question: {
        kind: 'audience-size',
        brandId,
        country: definition.country,
        dataVersion: data.version,
        population: canonicalAudience(resolved).canonical,
        purposes,
        precision: wish.precision,
      },
    };
  }

  async #dataOf(country: Country): Promise<DataVersion> {
    const data = (await this.warehouse.dataVersions()).find((version) => version.country === country);
    if (data === undefined) {
      throw new DomainError('audience-invalid', {
        public: 'There is no data for this country.',
        errors: [{ pointer: '/country', code: 'no-data', message: `is "${country}", must be a country with data` }],
      });
    }
    return data;
  }
}
