import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Saved audience definitions: a name that changes, and versions that never do. */
export class Audiences1763700000003 implements MigrationInterface {
  readonly name = 'Audiences1763700000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audience (
        id text NOT NULL CONSTRAINT audience_pk PRIMARY KEY,
        brand_id text NOT NULL CONSTRAINT audience_brand_fk REFERENCES brand (id),
        name text NOT NULL,
        country text NOT NULL,
        current_version integer NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        archived_at timestamptz,
        CONSTRAINT audience_name_length CHECK (length(name) BETWEEN 1 AND 200),
        CONSTRAINT audience_version_positive CHECK (current_version >= 1)
      );
      CREATE INDEX audience_brand_index ON audience (brand_id, created_at DESC, id DESC);
      COMMENT ON TABLE audience IS 'A named audience of one brand in one country';
      COMMENT ON COLUMN audience.id IS 'aud_ id';
      COMMENT ON COLUMN audience.brand_id IS 'owner';
      COMMENT ON COLUMN audience.name IS 'shown to people';
      COMMENT ON COLUMN audience.country IS 'partition its members are in, ISO 3166-1 alpha-2';
      COMMENT ON COLUMN audience.current_version IS 'newest version, from 1';
      COMMENT ON COLUMN audience.created_by IS 'actor id';
      COMMENT ON COLUMN audience.created_at IS 'when it was first saved';
      COMMENT ON COLUMN audience.updated_at IS 'when a version was added, the name changed or it was archived';
      COMMENT ON COLUMN audience.archived_at IS 'when it was archived: it can be read but not sized again';

      CREATE TABLE audience_version (
        audience_id text NOT NULL CONSTRAINT audience_version_audience_fk REFERENCES audience (id),
        version integer NOT NULL,
        definition jsonb NOT NULL,
        definition_hash text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT audience_version_pk PRIMARY KEY (audience_id, version)
      );
      COMMENT ON TABLE audience_version IS 'One immutable definition of an audience';
      COMMENT ON COLUMN audience_version.audience_id IS 'the audience';
      COMMENT ON COLUMN audience_version.version IS 'from 1, without gaps';
      COMMENT ON COLUMN audience_version.definition IS 'the definition as it was sent, language audience/1';
      COMMENT ON COLUMN audience_version.definition_hash IS 'SHA-256 of its canonical form: equal for equivalent spellings';
      COMMENT ON COLUMN audience_version.created_by IS 'actor id';
      COMMENT ON COLUMN audience_version.created_at IS 'when it was saved';

      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
      END $$;
      CREATE TRIGGER audience_version_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audience_version
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audience_version, audience');
    await runner.query('DROP FUNCTION refuse_change()');
  }
}
