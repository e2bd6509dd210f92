import { compileCount, resolveDefinition } from '#audience';
import type { AudienceCatalogue, AudienceDefinition, ResolvedAudience } from '#audience';
import type { CatalogueSnapshot, DataVersion, DuckDbWarehouse } from '#warehouse';
import { openRaw } from '../../libs/core/raw.ts';
import { audienceCatalogue } from '../../src/catalog/audience-catalogue.ts';
import { portfolioOf } from '../../src/catalog/portfolio.ts';
import type { Question } from './audience-evaluator.ts';

/** Answers questions as the product does, without the noise: portfolio, resolution, SQL, the warehouse's door. */
export class SqlCounter {
  readonly #warehouse: DuckDbWarehouse;
  readonly #snapshot: CatalogueSnapshot;
  readonly #versions: readonly DataVersion[];
  readonly #catalogues = new Map<string, AudienceCatalogue>();

  private constructor(warehouse: DuckDbWarehouse, snapshot: CatalogueSnapshot, versions: readonly DataVersion[]) {
    this.#warehouse = warehouse;
    this.#snapshot = snapshot;
    this.#versions = versions;
  }

  /** Speaks of the data versions in force now. */
  static async over(warehouse: DuckDbWarehouse): Promise<SqlCounter> {
    return new SqlCounter(warehouse, await warehouse.catalogue(), await warehouse.dataVersions());
  }

  resolve({ manufacturer, definition, saved }: Omit<Question, 'purposes'>): ResolvedAudience {
    const { dataThrough, historyFrom } = this.#version(definition);
    return resolveDefinition(
      definition,
      this.#catalogue(manufacturer, definition),
      { dataThrough, historyFrom },
      { definitions: saved },
    );
  }

  /** The exact count. */
  async count(question: Question): Promise<number> {
    const { definition, purposes } = question;
    const statement = compileCount(this.resolve(question), { purposes, dialect: 'duckdb' });
    const raw = await this.#warehouse.count(statement, {
      country: definition.country,
      dataVersion: this.#version(definition).version,
      deadlineMs: 20_000,
      tag: { tenant: 'property', kind: 'size' },
    });
    return Number(openRaw(raw));
  }

  #version({ country }: AudienceDefinition): DataVersion {
    const version = this.#versions.find((each) => each.country === country);
    if (version === undefined) throw new RangeError(`no data of ${country}`);
    return version;
  }

  #catalogue(manufacturer: string, { country }: AudienceDefinition): AudienceCatalogue {
    const key = `${country} ${manufacturer}`;
    const known = this.#catalogues.get(key);
    const catalogue = known ?? audienceCatalogue(this.#snapshot, portfolioOf(this.#snapshot, manufacturer), country);
    this.#catalogues.set(key, catalogue);
    return catalogue;
  }
}
