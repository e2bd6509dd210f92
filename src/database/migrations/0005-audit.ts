import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The audit log: append-only hash chains, one per brand and one for the retailer. */
export class Audit1763700000005 implements MigrationInterface {
  readonly name = 'Audit1763700000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_head (
        stream text NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY,
        seq bigint NOT NULL,
        hash text NOT NULL
      );
      COMMENT ON TABLE audit_head IS 'End of each chain; its row lock orders the appends';
      COMMENT ON COLUMN audit_head.stream IS 'brand id, or retailer';
      COMMENT ON COLUMN audit_head.seq IS 'number of the newest entry';
      COMMENT ON COLUMN audit_head.hash IS 'hash of the newest entry';

      CREATE TABLE audit_entry (
        stream text NOT NULL,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        acting_for text,
        action text NOT NULL,
        resource text NOT NULL,
        details jsonb NOT NULL,
        previous_hash text NOT NULL,
        hash text NOT NULL,
        CONSTRAINT audit_entry_pk PRIMARY KEY (stream, seq)
      );
      COMMENT ON TABLE audit_entry IS 'Who did what to which resource';
      COMMENT ON COLUMN audit_entry.stream IS 'brand id, or retailer';
      COMMENT ON COLUMN audit_entry.seq IS 'from 1, without gaps';
      COMMENT ON COLUMN audit_entry.at IS 'when';
      COMMENT ON COLUMN audit_entry.actor IS 'key or identity id';
      COMMENT ON COLUMN audit_entry.acting_for IS 'brand id when somebody else acts for it';
      COMMENT ON COLUMN audit_entry.action IS 'verb, e.g. release.committed';
      COMMENT ON COLUMN audit_entry.resource IS 'id of what it was done to';
      COMMENT ON COLUMN audit_entry.details IS 'parameters and decision; no member data, no secret';
      COMMENT ON COLUMN audit_entry.previous_hash IS 'hash of the entry before';
      COMMENT ON COLUMN audit_entry.hash IS 'SHA-256 of the canonical JSON of all other columns';

      CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entry, audit_head');
  }
}
