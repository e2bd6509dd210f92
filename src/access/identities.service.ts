import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError, newId } from '#core';
import type { Clock } from '#core';
import { AuditService } from '../audit/audit.service.ts';
import { FOREIGN_KEY_VIOLATION, UNIQUE_VIOLATION, sqlStateOf } from '../common/database-errors.ts';
import { CLOCK } from '../config/clock.ts';
import { CredentialsService } from './credentials.service.ts';
import { Identity } from './identity.entity.ts';
import { ROLE_PRESETS } from './scopes.ts';
import type { PrincipalKind, Role } from './scopes.ts';

export interface NewIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly role: Role;
  readonly label: string;
  readonly brandId?: string;
  readonly agencyId?: string;
}

const LISTED_MAX = 1_000;

/** Which owner ids a role of each kind must and may name. */
const OWNERS: Readonly<Record<PrincipalKind, { must: readonly Owner[]; may: readonly Owner[] }>> = {
  brand: { must: ['brandId'], may: [] },
  agency: { must: ['agencyId'], may: ['brandId'] },
  retailer: { must: [], may: [] },
};

type Owner = 'brandId' | 'agencyId';

/** People and services of outside identity providers, and what they are here. Nobody is anything unless registered. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly source: DataSource,
    private readonly audit: AuditService,
    private readonly credentials: CredentialsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<Identity[]> {
    return await this.source.manager.find(Identity, { order: { id: 'DESC' }, take: LISTED_MAX });
  }

  /**
   * Registers a subject of an issuer.
   *
   * @throws DomainError `request-invalid` when the owner does not fit the role, `not-found` when it does not exist,
   * `conflict` when the subject is registered already.
   */
  async register(actor: string, wish: NewIdentity): Promise<Identity> {
    const { kind } = ROLE_PRESETS[wish.role];
    requireOwners(kind, wish);
    const identity: Identity = {
      id: newId('identity', this.clock.now()),
      issuer: wish.issuer,
      subject: wish.subject,
      kind,
      role: wish.role,
      label: wish.label,
      brandId: wish.brandId ?? null,
      agencyId: wish.agencyId ?? null,
      disabledAt: null,
    };
    try {
      await this.source.transaction(async (manager) => {
        await manager.insert(Identity, identity);
        const { issuer, role, agencyId } = identity;
        await this.audit.record(manager, {
          stream: identity.brandId ?? 'retailer',
          actor,
          action: 'identity.registered',
          resource: identity.id,
          details: { issuer, role, agencyId },
        });
      });
    } catch (error) {
      throw refusalOf(error) ?? error;
    }
    this.credentials.forgetIdentity(identity);
    return identity;
  }

  /** Shuts an identity out: at once here, within a second on every replica. Doing it twice changes nothing. */
  async disable(actor: string, id: string): Promise<void> {
    const identity = await this.source.manager.findOneBy(Identity, { id });
    if (identity === null) throw new DomainError('not-found', { public: 'There is no such identity.' });
    if (identity.disabledAt !== null) return;
    await this.source.transaction(async (manager) => {
      await manager.update(Identity, { id }, { disabledAt: new Date(this.clock.now()) });
      await this.audit.record(manager, {
        stream: identity.brandId ?? 'retailer',
        actor,
        action: 'identity.disabled',
        resource: id,
      });
    });
    this.credentials.forgetIdentity(identity);
  }
}

function requireOwners(kind: PrincipalKind, wish: Pick<NewIdentity, Owner>): void {
  const { must, may } = OWNERS[kind];
  const errors = (['brandId', 'agencyId'] as const).flatMap((owner) => {
    const named = wish[owner] !== undefined;
    if (must.includes(owner) && !named) return [fault(owner, 'required', `is missing, must be there for this role`)];
    if (named && !must.includes(owner) && !may.includes(owner)) {
      return [fault(owner, 'not-allowed', 'is there, must be left out for this role')];
    }
    return [];
  });
  if (errors.length > 0)
    throw new DomainError('request-invalid', { public: 'The owner does not fit the role.', errors });
}

const fault = (owner: Owner, code: string, message: string): { pointer: string; code: string; message: string } => ({
  pointer: `/${owner}`,
  code,
  message,
});

function refusalOf(error: unknown): DomainError | undefined {
  const state = sqlStateOf(error);
  if (state === UNIQUE_VIOLATION) {
    return new DomainError('conflict', { public: 'This subject of this issuer is registered already.' });
  }
  if (state === FOREIGN_KEY_VIOLATION) {
    return new DomainError('not-found', { public: 'There is no such brand or agency.' });
  }
  return undefined;
}
