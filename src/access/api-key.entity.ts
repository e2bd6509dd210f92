import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { KeyMode } from './api-key.ts';
import type { PrincipalKind } from './scopes.ts';

/** An API key: what it may do and a hash of its secret, never the secret. */
@Entity('api_key')
export class ApiKey {
  @PrimaryColumn('text')
  id: string;

  /** Eight characters inside the key text by which it is found. */
  @Column('text', { name: 'public_id' })
  publicId: string;

  @Column('text')
  mode: KeyMode;

  @Column('text')
  kind: PrincipalKind;

  /** The brand of a brand's key; the only brand an agency's key is limited to, or null for each that grants it. */
  @Column('text', { name: 'brand_id', nullable: true })
  brandId: string | null;

  @Column('text', { name: 'agency_id', nullable: true })
  agencyId: string | null;

  @Column('text')
  label: string;

  @Column('text', { array: true })
  scopes: string[];

  /** SHA-256, 32 bytes. */
  @Column('bytea', { name: 'secret_hash' })
  secretHash: Buffer;

  /** Hash of the secret before the last rotation. */
  @Column('bytea', { name: 'previous_secret_hash', nullable: true })
  previousSecretHash: Buffer | null;

  @Column('timestamptz', { name: 'previous_valid_until', nullable: true })
  previousValidUntil: Date | null;

  /** Networks in CIDR form it may be used from; empty for any. */
  @Column('text', { name: 'allowed_ips', array: true })
  allowedIps: string[];

  @Column('text', { name: 'created_by' })
  createdBy: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  /** Coarse: written at most once a minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
