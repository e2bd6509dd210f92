import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, In, Repository } from 'typeorm';
import { DomainError, newId } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { UNIQUE_VIOLATION, sqlStateOf } from '../common/database-errors.ts';
import { CLOCK } from '../config/clock.ts';
import { changed } from '../database/changed.ts';
import { AgencyGrant } from './agency-grant.entity.ts';
import { Agency } from './agency.entity.ts';
import { Brand } from './brand.entity.ts';

/** The tenants: brands, agencies, and what a brand lets an agency do. */
@Injectable()
export class BrandsService {
  constructor(
    private readonly source: DataSource,
    @InjectRepository(Brand) private readonly brands: Repository<Brand>,
    @InjectRepository(AgencyGrant) private readonly grants: Repository<AgencyGrant>,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

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

  /** Opens a brand. @throws DomainError `conflict` when another brand has the manufacturer's portfolio. */
  async openBrand(actor: string, name: string, manufacturer: string): Promise<Brand> {
    const now = this.clock.now();
    const brand: Brand = { id: newId('brand', now), name, manufacturer, createdAt: new Date(now) };
    try {
      await this.source.transaction(async (manager) => {
        await manager.insert(Brand, brand);
        await this.audit.record(manager, {
          stream: 'retailer',
          actor,
          action: 'brand.opened',
          resource: brand.id,
          details: { name, manufacturer },
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

  /** Lets an agency work for a brand. Recorded in the brand's audit. */
  async grant(
    actor: string,
    wish: { agencyId: string; brandId: string; scopes: string[]; days: number },
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
    await this.source.transaction(async (manager) => {
      await manager.insert(AgencyGrant, grant);
      await this.audit.record(manager, {
        stream: grant.brandId,
        actor,
        action: 'grant.given',
        resource: grant.id,
        details: { agencyId: grant.agencyId, scopes: grant.scopes, expiresAt: grant.expiresAt.toISOString() },
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
}
