import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The budget ledger and the releases it pays for. Amounts are integer nano-rho; nothing here is a float. */
export class Ledger1763700000004 implements MigrationInterface {
  readonly name = 'Ledger1763700000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE release (
        id text NOT NULL CONSTRAINT release_pk PRIMARY KEY,
        release_key text NOT NULL,
        kind text NOT NULL,
        brand_id text NOT NULL CONSTRAINT release_brand_fk REFERENCES brand (id),
        country text NOT NULL,
        data_version integer NOT NULL,
        question jsonb NOT NULL,
        nano_rho bigint NOT NULL,
        state text NOT NULL,
        failure text,
        answer text,
        requested_by text NOT NULL,
        acting_for text,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        settled_at timestamptz,
        visible_at timestamptz,
        lease_until timestamptz NOT NULL,
        CONSTRAINT release_state CHECK (state IN ('reserved', 'running', 'committed', 'burned', 'refunded')),
        CONSTRAINT release_price CHECK (nano_rho > 0),
        CONSTRAINT release_answer CHECK ((state = 'committed') = (answer IS NOT NULL))
      );
      CREATE UNIQUE INDEX release_key_unique ON release (release_key) WHERE state IN ('reserved', 'running', 'committed');
      CREATE INDEX release_brand_index ON release (brand_id, created_at DESC, id DESC);
      CREATE INDEX release_visible_index ON release (visible_at);
      CREATE INDEX release_open_index ON release (lease_until) WHERE state IN ('reserved', 'running');
      COMMENT ON TABLE release IS 'One noised answer, or the attempt at one';
      COMMENT ON COLUMN release.id IS 'rel_ id';
      COMMENT ON COLUMN release.release_key IS 'SHA-256 of the canonical question, its precision, its data version and its owner';
      COMMENT ON COLUMN release.kind IS 'which question: audience-size';
      COMMENT ON COLUMN release.brand_id IS 'who is charged and may read it';
      COMMENT ON COLUMN release.country IS 'whose global budget is charged';
      COMMENT ON COLUMN release.data_version IS 'version of the country''s data it was computed on';
      COMMENT ON COLUMN release.question IS 'the canonical question that the key hashes';
      COMMENT ON COLUMN release.nano_rho IS 'price in each scope';
      COMMENT ON COLUMN release.state IS 'reserved: charged, query not begun; running: query may have read rows; committed: answer stored; burned: failed or lost after the query began, charge stays; refunded: ended before the query began';
      COMMENT ON COLUMN release.failure IS 'error code of a burned or refunded attempt';
      COMMENT ON COLUMN release.answer IS 'the answer''s JSON text, noised; served byte for byte on every replay';
      COMMENT ON COLUMN release.requested_by IS 'actor id of the first caller';
      COMMENT ON COLUMN release.acting_for IS 'brand id when somebody else acted for it';
      COMMENT ON COLUMN release.created_at IS 'authorisation time: the budget month and day are its';
      COMMENT ON COLUMN release.started_at IS 'when the query was begun';
      COMMENT ON COLUMN release.settled_at IS 'when it reached a final state';
      COMMENT ON COLUMN release.visible_at IS 'first slot at which the outcome may be seen';
      COMMENT ON COLUMN release.lease_until IS 'renewed while a process works on it; past it anyone may settle it';

      CREATE TABLE audience_size (
        audience_id text NOT NULL CONSTRAINT audience_size_audience_fk REFERENCES audience (id),
        audience_version integer NOT NULL,
        release_id text NOT NULL CONSTRAINT audience_size_release_fk REFERENCES release (id),
        requested_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT audience_size_pk PRIMARY KEY (audience_id, audience_version, release_id)
      );
      COMMENT ON TABLE audience_size IS 'Which releases answer for which audience version; equivalent audiences share a release';
      COMMENT ON COLUMN audience_size.audience_id IS 'the audience that was sized';
      COMMENT ON COLUMN audience_size.audience_version IS 'its version';
      COMMENT ON COLUMN audience_size.release_id IS 'the answer';
      COMMENT ON COLUMN audience_size.requested_by IS 'actor id of who first asked through this audience';
      COMMENT ON COLUMN audience_size.created_at IS 'when it was first asked';

      CREATE TABLE budget_scope (
        id text NOT NULL CONSTRAINT budget_scope_pk PRIMARY KEY,
        rank smallint NOT NULL,
        kind text NOT NULL,
        owner text NOT NULL,
        month_cap_nrho bigint NOT NULL,
        year_cap_nrho bigint NOT NULL,
        CONSTRAINT budget_scope_kind CHECK (kind IN ('global', 'brand')),
        CONSTRAINT budget_scope_caps CHECK (month_cap_nrho > 0 AND year_cap_nrho >= month_cap_nrho)
      );
      COMMENT ON TABLE budget_scope IS 'A budget that releases draw on';
      COMMENT ON COLUMN budget_scope.id IS 'kind:owner';
      COMMENT ON COLUMN budget_scope.rank IS 'locking order: global before brand';
      COMMENT ON COLUMN budget_scope.kind IS 'global: all brands in one country, the guarantee; brand: one brand''s quota';
      COMMENT ON COLUMN budget_scope.owner IS 'country or brand id';
      COMMENT ON COLUMN budget_scope.month_cap_nrho IS 'most in one calendar month, UTC';
      COMMENT ON COLUMN budget_scope.year_cap_nrho IS 'most in any 365 days';

      CREATE TABLE budget_day (
        scope_id text NOT NULL CONSTRAINT budget_day_scope_fk REFERENCES budget_scope (id),
        day date NOT NULL,
        reserved_nrho bigint NOT NULL,
        committed_nrho bigint NOT NULL,
        CONSTRAINT budget_day_pk PRIMARY KEY (scope_id, day),
        CONSTRAINT budget_day_not_negative CHECK (reserved_nrho >= 0 AND committed_nrho >= 0)
      );
      COMMENT ON TABLE budget_day IS 'Sums of the charges by day of authorisation';
      COMMENT ON COLUMN budget_day.scope_id IS 'the budget';
      COMMENT ON COLUMN budget_day.day IS 'UTC day of authorisation';
      COMMENT ON COLUMN budget_day.reserved_nrho IS 'held by releases that are not settled';
      COMMENT ON COLUMN budget_day.committed_nrho IS 'spent for good';

      CREATE TABLE budget_charge (
        release_id text NOT NULL CONSTRAINT budget_charge_release_fk REFERENCES release (id),
        scope_id text NOT NULL CONSTRAINT budget_charge_scope_fk REFERENCES budget_scope (id),
        day date NOT NULL,
        nano_rho bigint NOT NULL,
        state text NOT NULL,
        CONSTRAINT budget_charge_pk PRIMARY KEY (release_id, scope_id),
        CONSTRAINT budget_charge_state CHECK (state IN ('reserved', 'committed', 'refunded')),
        CONSTRAINT budget_charge_positive CHECK (nano_rho > 0)
      );
      CREATE INDEX budget_charge_scope_index ON budget_charge (scope_id, day);
      COMMENT ON TABLE budget_charge IS 'What one release drew on one budget';
      COMMENT ON COLUMN budget_charge.release_id IS 'the release';
      COMMENT ON COLUMN budget_charge.scope_id IS 'the budget';
      COMMENT ON COLUMN budget_charge.day IS 'UTC day of authorisation';
      COMMENT ON COLUMN budget_charge.nano_rho IS 'amount';
      COMMENT ON COLUMN budget_charge.state IS 'reserved, then committed or refunded';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE budget_charge, budget_day, budget_scope, audience_size, release');
  }
}
