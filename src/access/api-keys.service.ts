import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError, isId, newId } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { CLOCK } from '../config/clock.ts';
import { ACCESS_OPTIONS } from './access.options.ts';
import type { AccessOptions } from './access.options.ts';
import { ApiKey } from './api-key.entity.ts';
import { generateKey } from './api-key.ts';
import { CredentialsService } from './credentials.service.ts';
import { requireGivable } from './key-grant.ts';
import { brandFor } from './principal.ts';
import type { Principal } from './principal.ts';
import { isScope } from './scopes.ts';
import type { PrincipalKind, Scope } from './scopes.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ACTIVE_KEYS_MAX = 100;

/** Whose key it is. */
export interface KeyOwner {
  readonly kind: PrincipalKind;
  /** The brand of a brand's key; the only brand of an agency's, or null for each that grants it. */
  readonly brandId: string | null;
  readonly agencyId: string | null;
}

export interface NewKey {
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly expiresInDays: number;
  /** CIDR networks; empty for any. */
  readonly allowedIps: readonly string[];
}

export interface Rotation {
  readonly overlapMinutes: number;
  /** From now; undefined leaves the end as it is. */
  readonly expiresInDays?: number;
}

/** A key and the only copy of its secret. */
export interface IssuedKey {
  readonly key: ApiKey;
  readonly text: string;
}

/** Makes, rotates and revokes API keys. Each change is recorded in the audit in its own transaction. */
@Injectable()
export class ApiKeysService {
  readonly #source: DataSource;
  readonly #audit: AuditService;
  readonly #credentials: CredentialsService;
  readonly #options: AccessOptions;
  readonly #clock: Clock;

  constructor(
    source: DataSource,
    audit: AuditService,
    credentials: CredentialsService,
    @Inject(ACCESS_OPTIONS) options: AccessOptions,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#source = source;
    this.#audit = audit;
    this.#credentials = credentials;
    this.#options = options;
    this.#clock = clock;
  }

  /**
   * A key of the principal's brand, or one with which an agency acts for that brand and no other.
   *
   * @throws DomainError `grant-exceeds-grantor` for scopes the principal does not hold for the brand, the kind may not
   * hold, or the brand did not grant the agency; `not-found` for an agency the brand granted nothing.
   */
  async createForBrand(principal: Principal, agencyId: string | undefined, spec: NewKey): Promise<IssuedKey> {
    const brandId = brandFor(principal);
    const owner: KeyOwner = { kind: agencyId === undefined ? 'brand' : 'agency', brandId, agencyId: agencyId ?? null };
    const limits: Iterable<string>[] = [scopesFor(principal, brandId)];
    if (agencyId !== undefined) limits.push(await this.#grantedTo(agencyId, brandId));
    requireGivable(spec.scopes, owner.kind, ...limits);
    return this.#source.transaction((manager) => this.issue(manager, owner, spec, principal.id));
  }

  /**
   * A key of any brand or agency, by the retailer.
   *
   * @throws DomainError `request-invalid` when neither is named, `not-found` when it does not exist,
   * `grant-exceeds-grantor` for scopes its kind may not hold.
   */
  async createByRetailer(
    principal: Principal,
    owner: Pick<Partial<KeyOwner>, 'brandId' | 'agencyId'>,
    spec: NewKey,
  ): Promise<IssuedKey> {
    const { brandId = null, agencyId = null } = owner;
    if (brandId === null && agencyId === null) {
      throw new DomainError('request-invalid', {
        public: 'Name whose key it is: `brandId`, `agencyId`, or both for an agency limited to one brand.',
        errors: [{ pointer: '/brandId', code: 'required', message: 'is missing together with agencyId' }],
      });
    }
    const kind: PrincipalKind = agencyId === null ? 'brand' : 'agency';
    requireGivable(spec.scopes, kind);
    await this.#requireTenants(brandId, agencyId);
    return this.#source.transaction((manager) => this.issue(manager, { kind, brandId, agencyId }, spec, principal.id));
  }

  /**
   * Stores a new key inside the caller's transaction. Does not ask whether the actor may give it: that is for the two
   * methods above, or for the service's own set-up.
   *
   * @param actor id that goes into the key and the audit.
   * @throws DomainError `conflict` when the owner has 100 active keys.
   */
  async issue(manager: EntityManager, owner: KeyOwner, spec: NewKey, actor: string): Promise<IssuedKey> {
    await this.#requireRoom(manager, owner);
    const now = this.#clock.now();
    const { text, ...generated } = generateKey(this.#options.keyMode);
    const key = manager.create(ApiKey, {
      ...generated,
      ...owner,
      id: newId('key', now),
      label: spec.label,
      scopes: [...spec.scopes],
      allowedIps: [...spec.allowedIps],
      previousSecretHash: null,
      previousValidUntil: null,
      createdBy: actor,
      createdAt: new Date(now),
      expiresAt: new Date(now + spec.expiresInDays * DAY_MS),
      revokedAt: null,
      lastUsedAt: null,
    });
    await manager.insert(ApiKey, key);
    await this.#record(manager, key, actor, 'key.created', {
      label: key.label,
      scopes: key.scopes,
      allowedIps: key.allowedIps,
      expiresAt: key.expiresAt.toISOString(),
    });
    return { key, text };
  }

  /**
   * Gives a key a new secret. The one before works for the stated overlap; one from an earlier rotation ends now.
   *
   * @throws DomainError `not-found` for a key that is not the principal's to manage, `conflict` for one that has ended,
   * `grant-exceeds-grantor` for one that holds more than the principal may give: whoever rotates it could use it.
   */
  async rotate(principal: Principal, id: string, rotation: Rotation): Promise<IssuedKey> {
    const issued = await this.#source.transaction(async (manager) => {
      const key = await this.#managed(manager, principal, id);
      const now = this.#clock.now();
      if (key.revokedAt !== null || key.expiresAt.getTime() <= now) {
        throw new DomainError('conflict', { public: 'This key has ended. Make a new one.' });
      }
      requireGivable(key.scopes.filter(isScope), key.kind, ...giverLimits(principal, key));
      const { text, secretHash } = generateKey(key.mode, key.publicId);
      key.previousSecretHash = rotation.overlapMinutes === 0 ? null : key.secretHash;
      key.previousValidUntil =
        rotation.overlapMinutes === 0 ? null : new Date(now + rotation.overlapMinutes * MINUTE_MS);
      key.secretHash = secretHash;
      if (rotation.expiresInDays !== undefined) key.expiresAt = new Date(now + rotation.expiresInDays * DAY_MS);
      await manager.save(key);
      await this.#record(manager, key, principal.id, 'key.rotated', {
        previousValidUntil: key.previousValidUntil?.toISOString() ?? null,
        expiresAt: key.expiresAt.toISOString(),
      });
      return { key, text };
    });
    this.#credentials.forgetKey(issued.key);
    return issued;
  }

  /**
   * Ends a key and the tokens made with it: at once here, within a second on every replica. A key that was revoked
   * before stays so.
   *
   * @throws DomainError `not-found` for a key that is not the principal's to manage.
   */
  async revoke(principal: Principal, id: string): Promise<void> {
    const key = await this.#source.transaction(async (manager) => {
      const found = await this.#managed(manager, principal, id);
      if (found.revokedAt !== null) return found;
      found.revokedAt = new Date(this.#clock.now());
      await manager.save(found);
      await this.#record(manager, found, principal.id, 'key.revoked', { label: found.label });
      return found;
    });
    this.#credentials.forgetKey(key);
  }

  /** The key, locked until the transaction ends. */
  async #managed(manager: EntityManager, principal: Principal, id: string): Promise<ApiKey> {
    const owned = principal.kind === 'retailer' ? { id } : { id, brandId: brandFor(principal) };
    const key = isId('key', id)
      ? await manager.findOne(ApiKey, { where: owned, lock: { mode: 'pessimistic_write' } })
      : null;
    if (key === null) throw new DomainError('not-found', { public: 'There is no such key, or it is not yours.' });
    return key;
  }

  /** What a brand lets an agency do now. */
  async #grantedTo(agencyId: string, brandId: string): Promise<string[]> {
    const grants = await this.#credentials.grantsOf(agencyId);
    const its = grants.filter((grant) => grant.brandId === brandId);
    if (its.length === 0) throw ownerNotFound('/agencyId');
    return its.flatMap(({ scopes }) => scopes);
  }

  async #requireTenants(brandId: string | null, agencyId: string | null): Promise<void> {
    const [found] = await this.#source.query<{ brand: boolean; agency: boolean }[]>(
      `SELECT $1::text IS NULL OR EXISTS (SELECT 1 FROM brand WHERE id = $1) AS brand,
              $2::text IS NULL OR EXISTS (SELECT 1 FROM agency WHERE id = $2) AS agency`,
      [brandId, agencyId],
    );
    if (found?.brand !== true) throw ownerNotFound('/brandId');
    if (!found.agency) throw ownerNotFound('/agencyId');
  }

  async #requireRoom(manager: EntityManager, { kind, brandId, agencyId }: KeyOwner): Promise<void> {
    const [active] = await manager.query<{ full: boolean }[]>(
      `SELECT count(*) >= $4 AS full
         FROM api_key
        WHERE kind = $1 AND brand_id IS NOT DISTINCT FROM $2 AND agency_id IS NOT DISTINCT FROM $3
          AND revoked_at IS NULL AND expires_at > $5`,
      [kind, brandId, agencyId, ACTIVE_KEYS_MAX, new Date(this.#clock.now())],
    );
    if (active?.full !== false) {
      throw new DomainError('conflict', {
        public: `There are ${ACTIVE_KEYS_MAX} active keys already. Revoke some first.`,
      });
    }
  }

  #record(
    manager: EntityManager,
    key: ApiKey,
    actor: string,
    action: string,
    details: Record<string, string | null | string[]>,
  ): Promise<void> {
    const owner = key.brandId ?? key.agencyId;
    return this.#audit.record(manager, {
      actor,
      actingFor: owner,
      action,
      resource: key.id,
      details: { kind: key.kind, agencyId: key.agencyId, ...details },
      stream: key.brandId ?? 'retailer',
    });
  }
}

const ownerNotFound = (pointer: string): DomainError =>
  new DomainError('not-found', {
    public: 'There is no such brand or agency, or it is not yours.',
    errors: [{ pointer, code: 'not-found', message: 'is not the id of one you may make keys for' }],
  });

const scopesFor = (principal: Principal, brandId: string): Iterable<string> =>
  principal.grants.find((grant) => grant.brandId === brandId)?.scopes ?? [];

/** The retailer may give a brand or an agency all its kind may hold, and another account manager what he holds himself. */
function giverLimits(principal: Principal, key: ApiKey): Iterable<string>[] {
  if (principal.kind !== 'retailer') return [scopesFor(principal, key.brandId ?? '')];
  return key.kind === 'retailer' ? [principal.scopes] : [];
}
