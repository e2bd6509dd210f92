import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who uses the clean room: brands, agencies, and what a brand lets an agency do. */
export class Tenants1763700000001 implements MigrationInterface {
  readonly name = 'Tenants1763700000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE brand (
        id text NOT NULL CONSTRAINT brand_pk PRIMARY KEY,
        name text NOT NULL,
        manufacturer text NOT NULL CONSTRAINT brand_manufacturer_unique UNIQUE,
        created_at timestamptz NOT NULL,
        CONSTRAINT brand_name_length CHECK (length(name) BETWEEN 1 AND 200)
      );
      COMMENT ON TABLE brand IS 'A consumer-goods company: the tenant that owns audiences and a privacy budget';
      COMMENT ON COLUMN brand.id IS 'brd_ id';
      COMMENT ON COLUMN brand.name IS 'shown to people';
      COMMENT ON COLUMN brand.manufacturer IS 'manufacturer in the retailer''s catalogue whose products are this brand''s portfolio';
      COMMENT ON COLUMN brand.created_at IS 'when the account manager opened it';

      CREATE TABLE agency (
        id text NOT NULL CONSTRAINT agency_pk PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT agency_name_length CHECK (length(name) BETWEEN 1 AND 200)
      );
      COMMENT ON TABLE agency IS 'A partner that works for the brands that granted it';
      COMMENT ON COLUMN agency.id IS 'agy_ id';
      COMMENT ON COLUMN agency.name IS 'shown to people';
      COMMENT ON COLUMN agency.created_at IS 'when the account manager opened it';

      CREATE TABLE agency_grant (
        id text NOT NULL CONSTRAINT agency_grant_pk PRIMARY KEY,
        agency_id text NOT NULL CONSTRAINT agency_grant_agency_fk REFERENCES agency (id),
        brand_id text NOT NULL CONSTRAINT agency_grant_brand_fk REFERENCES brand (id),
        scopes text[] NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        CONSTRAINT agency_grant_expires_later CHECK (expires_at > created_at)
      );
      CREATE INDEX agency_grant_agency_index ON agency_grant (agency_id) WHERE revoked_at IS NULL;
      COMMENT ON TABLE agency_grant IS 'What one brand lets one agency do, until when';
      COMMENT ON COLUMN agency_grant.id IS 'grt_ id';
      COMMENT ON COLUMN agency_grant.agency_id IS 'who is let';
      COMMENT ON COLUMN agency_grant.brand_id IS 'by whom, and whose budget pays';
      COMMENT ON COLUMN agency_grant.scopes IS 'the most an agency key may do for this brand';
      COMMENT ON COLUMN agency_grant.created_by IS 'actor id of the grantor';
      COMMENT ON COLUMN agency_grant.created_at IS 'when it was given';
      COMMENT ON COLUMN agency_grant.expires_at IS 'when it ends by itself';
      COMMENT ON COLUMN agency_grant.revoked_at IS 'when it was taken back, null while it holds';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE agency_grant, agency, brand');
  }
}
