import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Credentials: API keys of our own, and the identities of outside providers. */
export class Access1763700000002 implements MigrationInterface {
  readonly name = 'Access1763700000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE api_key (
        id text NOT NULL CONSTRAINT api_key_pk PRIMARY KEY,
        public_id text NOT NULL CONSTRAINT api_key_public_id_unique UNIQUE,
        mode text NOT NULL,
        kind text NOT NULL,
        brand_id text CONSTRAINT api_key_brand_fk REFERENCES brand (id),
        agency_id text CONSTRAINT api_key_agency_fk REFERENCES agency (id),
        label text NOT NULL,
        scopes text[] NOT NULL,
        secret_hash bytea NOT NULL,
        previous_secret_hash bytea,
        previous_valid_until timestamptz,
        allowed_ips text[] NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        last_used_at timestamptz,
        CONSTRAINT api_key_mode CHECK (mode IN ('live', 'test')),
        CONSTRAINT api_key_hash_length CHECK (octet_length(secret_hash) = 32 AND octet_length(previous_secret_hash) = 32),
        CONSTRAINT api_key_public_id_form CHECK (public_id ~ '^[0-9A-Za-z]{8}$'),
        CONSTRAINT api_key_label_length CHECK (length(label) BETWEEN 1 AND 80),
        CONSTRAINT api_key_scopes_some CHECK (cardinality(scopes) > 0),
        CONSTRAINT api_key_lifetime CHECK (expires_at > created_at),
        CONSTRAINT api_key_previous CHECK ((previous_secret_hash IS NULL) = (previous_valid_until IS NULL)),
        CONSTRAINT api_key_owner CHECK (
          (kind = 'brand' AND brand_id IS NOT NULL AND agency_id IS NULL)
          OR (kind = 'agency' AND agency_id IS NOT NULL)
          OR (kind = 'retailer' AND brand_id IS NULL AND agency_id IS NULL))
      );
      CREATE INDEX api_key_brand_index ON api_key (brand_id, id DESC);
      CREATE INDEX api_key_agency_index ON api_key (agency_id, id DESC);
      COMMENT ON TABLE api_key IS 'An API key: what it may do and a hash of its secret, never the secret';
      COMMENT ON COLUMN api_key.id IS 'key_ id, the actor in the audit';
      COMMENT ON COLUMN api_key.public_id IS 'eight characters inside the key text by which it is found';
      COMMENT ON COLUMN api_key.mode IS 'live, or test outside production';
      COMMENT ON COLUMN api_key.kind IS 'whose it is: brand, agency or retailer';
      COMMENT ON COLUMN api_key.brand_id IS 'the brand of a brand''s key; the only brand of an agency''s, null for each that grants it';
      COMMENT ON COLUMN api_key.agency_id IS 'the agency of an agency''s key';
      COMMENT ON COLUMN api_key.label IS 'shown to people';
      COMMENT ON COLUMN api_key.scopes IS 'the most it may do';
      COMMENT ON COLUMN api_key.secret_hash IS 'SHA-256 of 256 random bits, which need no slow hash';
      COMMENT ON COLUMN api_key.previous_secret_hash IS 'hash of the secret before the last rotation';
      COMMENT ON COLUMN api_key.previous_valid_until IS 'until when the secret before still works';
      COMMENT ON COLUMN api_key.allowed_ips IS 'networks in CIDR form it may be used from, empty for any';
      COMMENT ON COLUMN api_key.created_by IS 'actor id of who made it';
      COMMENT ON COLUMN api_key.created_at IS 'when it was made';
      COMMENT ON COLUMN api_key.expires_at IS 'when it ends by itself';
      COMMENT ON COLUMN api_key.revoked_at IS 'when it was ended, null while it works';
      COMMENT ON COLUMN api_key.last_used_at IS 'coarse: written at most once a minute';

      CREATE TABLE identity (
        id text NOT NULL CONSTRAINT identity_pk PRIMARY KEY,
        issuer text NOT NULL,
        subject text NOT NULL,
        kind text NOT NULL,
        brand_id text CONSTRAINT identity_brand_fk REFERENCES brand (id),
        agency_id text CONSTRAINT identity_agency_fk REFERENCES agency (id),
        role text NOT NULL,
        label text NOT NULL,
        disabled_at timestamptz,
        CONSTRAINT identity_subject_unique UNIQUE (issuer, subject),
        CONSTRAINT identity_label_length CHECK (length(label) BETWEEN 1 AND 200),
        CONSTRAINT identity_role CHECK (
          (kind = 'brand' AND role IN ('brand_analyst', 'brand_admin'))
          OR (kind = 'agency' AND role = 'agency_analyst')
          OR (kind = 'retailer' AND role = 'account_manager')),
        CONSTRAINT identity_owner CHECK (
          (kind = 'brand' AND brand_id IS NOT NULL AND agency_id IS NULL)
          OR (kind = 'agency' AND agency_id IS NOT NULL)
          OR (kind = 'retailer' AND brand_id IS NULL AND agency_id IS NULL))
      );
      COMMENT ON TABLE identity IS 'A person or service of an outside identity provider, and what it is here';
      COMMENT ON COLUMN identity.id IS 'idn_ id, the actor in the audit';
      COMMENT ON COLUMN identity.issuer IS 'iss of its tokens';
      COMMENT ON COLUMN identity.subject IS 'sub of its tokens';
      COMMENT ON COLUMN identity.kind IS 'brand, agency or retailer';
      COMMENT ON COLUMN identity.brand_id IS 'its brand';
      COMMENT ON COLUMN identity.agency_id IS 'its agency';
      COMMENT ON COLUMN identity.role IS 'role whose scopes it holds';
      COMMENT ON COLUMN identity.label IS 'shown to people';
      COMMENT ON COLUMN identity.disabled_at IS 'when it was shut out, null while it works';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity, api_key');
  }
}
