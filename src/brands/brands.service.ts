import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, Repository } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { DomainError, newId } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { UNIQUE_VIOLATION, sqlStateOf } from '../common/database-errors.ts';
import { CLOCK } from '../config/clock.ts';
import { changed } from '../database/changed.ts';
import { AgencyGrant } from './agency-grant.entity.ts';
import { Agency } from './agency.entity.ts';
import { Brand } from './brand.entity.ts';

/** How a tenant is to be admitted. */
export interface AdmissionWish {
  /** Admits it although the quotas then promise more than the budget above them holds. */
  readonly allowOvercommit: boolean;
}

/**
 * Decides whether the privacy budgets can bear a tenant, inside the transaction that opens it; refuses by throwing. The
 * budgets stand above this capability, so they announce themselves.
 */
export interface TenantAdmission {
  brandOpened(manager: EntityManager, brandId: string, wish: AdmissionWish): Promise<void>;
  granted(manager: EntityManager, grant: { agencyId: string; brandId: string }, wish: AdmissionWish): Promise<void>;
}

const WITHIN_BUDGET: AdmissionWish = { allowOvercommit: false };

/** The tenants: brands, agencies, and what a brand lets an agency do. */
@Injectable()
export class BrandsService {
  #admission: TenantAdmission | undefined;

  constructor(
    private readonly source: DataSource,
    @InjectRepository(Brand) private readonly brands: Repository<Brand>,
    @InjectRepository(AgencyGrant) private readonly grants: Repository<AgencyGrant>,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Names who decides on admission. Call before the application has started. */
  admitWith(admission: TenantAdmission): void {
    this.#admission = admission;
  }

  async list(): Promise<Brand[]> {
    return await this.brands.find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** @throws DomainError `not-found`. */
  async brand(id: string): Promise<Brand> {
    const brand = await this.brands.findOneBy({ id });
    if (brand === null) throw new DomainError('not-found', { public: 'There is no such brand.' });
    return brand;
  }

  async names(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const brands = ids.length === 0 ? [] : await this.brands.findBy({ id: In([...ids]) });
    return new Map(brands.map((brand) => [brand.id, brand.name]));
  }

  /**
   * Opens a brand with the quota of the configuration.
   *
   * @throws DomainError `conflict` when another brand has the manufacturer's portfolio, `budget-overcommitted` when the
   * quotas would then promise too much.
   */
  async openBrand(actor: string, name: string, manufacturer: string, wish = WITHIN_BUDGET): Promise<Brand> {
    const now = this.clock.now();
    const brand: Brand = { id: newId('brand', now), name, manufacturer, createdAt: new Date(now) };
    try {
      await this.source.transaction(async (manager) => {
        await manager.insert(Brand, brand);
        await this.#admit().brandOpened(manager, brand.id, wish);
        await this.audit.record(manager, {
          stream: 'retailer',
          actor,
          action: 'brand.opened',
          resource: brand.id,
          details: { name, manufacturer, ...wish },
        });
      });
    } catch (error) {
      if (sqlStateOf(error) === UNIQUE_VIOLATION) {
        throw new DomainError('conflict', { public: 'Another brand already has this manufacturer’s portfolio.' });
      }
      throw error;
    }
    return brand;
  }

  async openAgency(actor: string, name: string): Promise<Agency> {
    const now = this.clock.now();
    const agency: Agency = { id: newId('agency', now), name, createdAt: new Date(now) };
    await this.source.transaction(async (manager) => {
      await manager.insert(Agency, agency);
      await this.audit.record(manager, {
        stream: 'retailer',
        actor,
        action: 'agency.opened',
        resource: agency.id,
        details: { name },
      });
    });
    return agency;
  }

  /**
   * Lets an agency work for a brand. Recorded in the brand's audit.
   *
   * @throws DomainError `not-found`, `budget-overcommitted` when the agency would come to see more than its budget holds.
   */
  async grant(
    actor: string,
    wish: { agencyId: string; brandId: string; scopes: string[]; days: number } & Partial<AdmissionWish>,
  ): Promise<AgencyGrant> {
    const now = this.clock.now();
    await this.brand(wish.brandId);
    if (!(await this.source.manager.existsBy(Agency, { id: wish.agencyId }))) {
      throw new DomainError('not-found', { public: 'There is no such agency.' });
    }
    const grant: AgencyGrant = {
      id: newId('grant', now),
      agencyId: wish.agencyId,
      brandId: wish.brandId,
      scopes: wish.scopes,
      createdBy: actor,
      createdAt: new Date(now),
      expiresAt: new Date(now + wish.days * 86_400_000),
      revokedAt: null,
    };
    const { allowOvercommit = false } = wish;
    await this.source.transaction(async (manager) => {
      // Releases that are being opened hold the brand: they end first, and later ones see the grant.
      await manager.query('SELECT id FROM brand WHERE id = $1 FOR UPDATE', [grant.brandId]);
      await manager.insert(AgencyGrant, grant);
      await this.#admit().granted(manager, grant, { allowOvercommit });
      await this.audit.record(manager, {
        stream: grant.brandId,
        actor,
        action: 'grant.given',
        resource: grant.id,
        details: {
          agencyId: grant.agencyId,
          scopes: grant.scopes,
          expiresAt: grant.expiresAt.toISOString(),
          allowOvercommit,
        },
      });
    });
    return grant;
  }

  async listGrants(): Promise<AgencyGrant[]> {
    return await this.grants.find({ order: { createdAt: 'DESC', id: 'DESC' }, take: 1_000 });
  }

  /** Takes a grant back; calls under it stop within a second. Doing it twice changes nothing. */
  async revokeGrant(actor: string, id: string): Promise<void> {
    const grant = await this.grants.findOneBy({ id });
    if (grant === null) throw new DomainError('not-found', { public: 'There is no such grant.' });
    await this.source.transaction(async (manager) => {
      const ended = await changed(
        manager,
        `UPDATE agency_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`,
        [id, new Date(this.clock.now())],
      );
      if (ended === 0) return;
      await this.audit.record(manager, { stream: grant.brandId, actor, action: 'grant.revoked', resource: id });
    });
  }

  #admit(): TenantAdmission {
    if (this.#admission === undefined) throw new Error('nobody decides on the admission of tenants');
    return this.#admission;
  }
}
