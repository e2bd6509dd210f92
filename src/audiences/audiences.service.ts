import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, Repository } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { definitionHash, parseDefinition } from '#audience';
import { DomainError, newId } from '#core';
import type { Clock, Json } from '#core';
import type { Actor } from '../access/principal.ts';
import { AuditService } from '../audit/audit.service.ts';
import type { CursorPosition } from '../common/cursor.ts';
import { notFound } from '../common/not-found.ts';
import { CLOCK } from '../config/clock.ts';
import { changed } from '../database/changed.ts';
import { Audience } from './audience.entity.ts';
import { AudienceVersion } from './audience-version.entity.ts';
import { underDefinition } from './definition-pointers.ts';
import { SizingService } from './sizing.service.ts';

/** An audience with one of its versions. */
export interface VersionedAudience {
  readonly audience: Audience;
  readonly version: AudienceVersion;
}

export interface AudienceListing {
  readonly limit: number;
  readonly archived: boolean;
  readonly after?: CursorPosition | undefined;
}

/** Largest number a version can have: PostgreSQL's integer. */
const VERSION_MAX = 2_147_483_647;

/** Saved audiences. A definition never changes: a new one is a new version. */
@Injectable()
export class AudiencesService {
  constructor(
    private readonly source: DataSource,
    @InjectRepository(Audience) private readonly audiences: Repository<Audience>,
    private readonly sizing: SizingService,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Saves a definition after checking that the brand may name all that it names.
   *
   * @throws DomainError `audience-invalid`, `product-out-of-scope`, `audience-cycle`.
   */
  async create(
    manager: EntityManager,
    actor: Actor,
    wish: { brandId: string; name: string; definition: Record<string, unknown> },
  ): Promise<VersionedAudience> {
    const now = this.clock.now();
    const id = newId('audience', now);
    const version = await this.#check(actor, wish.brandId, { audienceId: id, version: 1, definition: wish.definition });
    const audience: Audience = {
      id,
      brandId: wish.brandId,
      name: wish.name,
      country: version.country,
      currentVersion: 1,
      createdBy: actor.id,
      createdAt: new Date(now),
      updatedAt: new Date(now),
      archivedAt: null,
    };
    await manager.insert(Audience, audience);
    await manager.insert(AudienceVersion, version.row);
    await this.#record(manager, actor, audience, 'audience.created', { definitionHash: version.row.definitionHash });
    return { audience, version: version.row };
  }

  /**
   * Adds a version if nobody has changed the audience since `etag` was read.
   *
   * @throws DomainError `precondition-failed`, `audience-archived`, and those of the definition.
   */
  async addVersion(
    actor: Actor,
    found: Audience,
    etag: string,
    definition: Record<string, unknown>,
  ): Promise<VersionedAudience> {
    refuseArchived(found);
    const next = found.currentVersion + 1;
    const { row, country } = await this.#check(actor, found.brandId, {
      audienceId: found.id,
      version: next,
      definition,
    });
    if (country !== found.country) {
      throw new DomainError('audience-invalid', {
        public: 'An audience stays in its country.',
        errors: [
          {
            pointer: '/definition/country',
            code: 'country-fixed',
            message: `is "${country}", must be "${found.country}"`,
          },
        ],
      });
    }
    const audience: Audience = { ...found, currentVersion: next, updatedAt: row.createdAt };
    await this.source.transaction(async (manager) => {
      await this.#update(manager, found, etag, audience);
      await manager.insert(AudienceVersion, row);
      await this.#record(manager, actor, audience, 'audience.version-added', {
        version: next,
        definitionHash: row.definitionHash,
      });
    });
    return { audience, version: row };
  }

  /** Archives an audience: it stays readable and can no longer be sized. Doing it twice changes nothing. */
  async archive(actor: Actor, found: Audience, etag: string | undefined): Promise<Audience> {
    if (found.archivedAt !== null) return found;
    const now = new Date(this.clock.now());
    const audience: Audience = { ...found, archivedAt: now, updatedAt: now };
    await this.source.transaction(async (manager) => {
      await this.#update(manager, found, etag ?? etagOf(found), audience);
      await this.#record(manager, actor, audience, 'audience.archived', {});
    });
    return audience;
  }

  /** An audience of one of these brands. @throws DomainError `not-found` for any other, whether it exists or not. */
  async find(brandIds: readonly string[], id: string): Promise<Audience> {
    const audience = await this.audiences.findOneBy({ id });
    if (audience === null || !brandIds.includes(audience.brandId)) throw notFound();
    return audience;
  }

  /** One version of an audience, the newest by default. @throws DomainError `not-found`. */
  async version(audience: Audience, version = audience.currentVersion): Promise<VersionedAudience> {
    if (!Number.isSafeInteger(version) || version > VERSION_MAX) throw notFound();
    const row = await this.source.manager.findOneBy(AudienceVersion, { audienceId: audience.id, version });
    if (row === null) throw notFound();
    return { audience, version: row };
  }

  /** Audiences of these brands, newest first; one more than `limit` where there are more. */
  async list(brandIds: readonly string[], listing: AudienceListing): Promise<VersionedAudience[]> {
    const ids = await this.source.query<{ id: string }[]>(
      `SELECT id FROM audience WHERE brand_id = ANY($1) AND ($2 OR archived_at IS NULL)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [brandIds, listing.archived, listing.after?.sortKey ?? null, listing.after?.id ?? null, listing.limit + 1],
    );
    const audiences = await this.audiences.findBy({ id: In(ids.map(({ id }) => id)) });
    const wanted = audiences.map(({ id, currentVersion }) => ({ audienceId: id, version: currentVersion }));
    const versions = wanted.length === 0 ? [] : await this.source.manager.findBy(AudienceVersion, wanted);
    return ids.flatMap(({ id }) => {
      const audience = audiences.find((candidate) => candidate.id === id);
      const version = versions.find(({ audienceId }) => audienceId === id);
      return audience === undefined || version === undefined ? [] : [{ audience, version }];
    });
  }

  async #check(
    actor: Actor,
    brandId: string,
    wish: { audienceId: string; version: number; definition: Record<string, unknown> },
  ): Promise<{ row: AudienceVersion; country: Audience['country'] }> {
    const definition = await underDefinition(async () => {
      const parsed = parseDefinition(wish.definition);
      const { audienceId } = wish;
      await this.sizing.prepare({ brandId, definition: parsed, audienceId, precision: 'standard', meantFor: [] });
      return parsed;
    });
    const row: AudienceVersion = {
      audienceId: wish.audienceId,
      version: wish.version,
      definition: wish.definition,
      definitionHash: definitionHash(definition),
      createdBy: actor.id,
      createdAt: new Date(this.clock.now()),
    };
    return { row, country: definition.country };
  }

  async #update(manager: EntityManager, found: Audience, etag: string, to: Audience): Promise<void> {
    const unchanged =
      etag === etagOf(found) &&
      (await changed(
        manager,
        `UPDATE audience SET current_version = $4, updated_at = $5, archived_at = $6
         WHERE id = $1 AND current_version = $2 AND updated_at = $3`,
        [found.id, found.currentVersion, found.updatedAt, to.currentVersion, to.updatedAt, to.archivedAt],
      )) === 1;
    if (!unchanged) {
      throw new DomainError('precondition-failed', { public: 'The audience was changed since its ETag was read.' });
    }
  }

  async #record(
    manager: EntityManager,
    actor: Actor,
    audience: Audience,
    action: string,
    details: Json,
  ): Promise<void> {
    await this.audit.record(manager, {
      stream: audience.brandId,
      actor: actor.id,
      actingFor: actor.actingFor,
      action,
      resource: audience.id,
      details,
    });
  }
}

/** Strong validator of an audience: changes with every change of it. */
export const etagOf = (audience: Pick<Audience, 'currentVersion' | 'updatedAt'>): string =>
  `"${audience.currentVersion}-${audience.updatedAt.getTime()}"`;

/** @throws DomainError `audience-archived`. */
export function refuseArchived(audience: Audience): void {
  if (audience.archivedAt !== null) {
    throw new DomainError('audience-archived', { public: 'The audience is archived: it can be read but not used.' });
  }
}
