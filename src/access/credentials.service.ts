import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { ApiKey } from './api-key.entity.ts';
import { Identity } from './identity.entity.ts';
import type { AgencyGrant } from './principal.ts';
import { Recent } from './recent.ts';

/** How old a stored credential may be when it is used. With the load it stays under the promised second. */
const FRESH_MS = 500;
const ENTRIES_MAX = 5_000;
const USE_NOTED_EVERY_MS = 60_000;
const GRANTS_MAX = 1_000;

/**
 * Reads stored credentials. Answers are at most half a second old, so a revocation written by any replica holds on
 * all of them within one second.
 */
@Injectable()
export class CredentialsService {
  readonly #source: DataSource;
  readonly #clock: Clock;
  readonly #keys: Recent<ApiKey>;
  readonly #identities: Recent<Identity>;
  readonly #grants: Recent<AgencyGrant[]>;

  constructor(source: DataSource, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#clock = clock;
    this.#keys = new Recent(clock, FRESH_MS, ENTRIES_MAX);
    this.#identities = new Recent(clock, FRESH_MS, ENTRIES_MAX);
    this.#grants = new Recent(clock, FRESH_MS, ENTRIES_MAX);
  }

  /** @param publicId the eight characters inside the key text. */
  keyByPublicId(publicId: string): Promise<ApiKey | null> {
    return this.#keys.get(publicId, () => this.#source.getRepository(ApiKey).findOneBy({ publicId }));
  }

  keyById(id: string): Promise<ApiKey | null> {
    return this.#keys.get(id, () => this.#source.getRepository(ApiKey).findOneBy({ id }));
  }

  /** Who a subject of an issuer is here; null when it was never registered. */
  identity(issuer: string, subject: string): Promise<Identity | null> {
    return this.#identities.get(JSON.stringify([issuer, subject]), () =>
      this.#source.getRepository(Identity).findOneBy({ issuer, subject }),
    );
  }

  /** What brands let an agency do now: grants that are neither revoked nor over. */
  async grantsOf(agencyId: string): Promise<readonly AgencyGrant[]> {
    const grants = await this.#grants.get(agencyId, () =>
      this.#source.query<AgencyGrant[]>(
        `SELECT brand_id AS "brandId", scopes
           FROM agency_grant
          WHERE agency_id = $1 AND revoked_at IS NULL AND expires_at > $2
          ORDER BY brand_id, id
          LIMIT $3`,
        [agencyId, new Date(this.#clock.now()), GRANTS_MAX],
      ),
    );
    return grants ?? [];
  }

  /** Writes down that a key was used, at most once a minute. */
  async noteUse(key: ApiKey): Promise<void> {
    const now = this.#clock.now();
    if (key.lastUsedAt !== null && now - key.lastUsedAt.getTime() < USE_NOTED_EVERY_MS) return;
    key.lastUsedAt = new Date(now);
    await this.#source.query(
      `UPDATE api_key SET last_used_at = $2
        WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute')`,
      [key.id, key.lastUsedAt],
    );
  }

  /** Makes a change to a key hold at once in this process. */
  forgetKey(key: Pick<ApiKey, 'id' | 'publicId'>): void {
    this.#keys.forget(key.id);
    this.#keys.forget(key.publicId);
  }

  /** Makes a change to an identity hold at once in this process. */
  forgetIdentity({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): void {
    this.#identities.forget(JSON.stringify([issuer, subject]));
  }
}
