import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Quotas of agencies and campaigns beside those of brands, a second column for failures of probability theta, entries
 * made by hand, and running totals of what is settled, by which an older ledger than the last one seen is known.
 */
export class Accountant1763700000007 implements MigrationInterface {
  readonly name = 'Accountant1763700000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE release ADD COLUMN quecto_theta bigint NOT NULL DEFAULT 0,
        ADD COLUMN settled_position bigint,
        ADD CONSTRAINT release_theta_not_negative CHECK (quecto_theta >= 0);
      COMMENT ON COLUMN release.quecto_theta IS 'probability, in units of 1e-30, that the executed law differs from the analysed one; charged in each scope';
      COMMENT ON COLUMN release.settled_position IS 'which of the final charges of its country this one is, from 1; null while open and when refunded. It may be shown once a high-water mark covers it';

      UPDATE budget_scope SET rank = 2 WHERE kind = 'brand';
      ALTER TABLE budget_scope DROP CONSTRAINT budget_scope_kind, DROP CONSTRAINT budget_scope_caps;
      ALTER TABLE budget_scope ALTER COLUMN month_cap_nrho DROP NOT NULL,
        ALTER COLUMN year_cap_nrho DROP NOT NULL,
        ADD COLUMN total_cap_nrho bigint,
        ADD COLUMN own_caps boolean NOT NULL DEFAULT false,
        ADD COLUMN overcommitted boolean NOT NULL DEFAULT false,
        ADD COLUMN settled_charges bigint NOT NULL DEFAULT 0,
        ADD COLUMN settled_nrho bigint NOT NULL DEFAULT 0,
        ADD COLUMN settled_qtheta bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT budget_scope_kind CHECK (kind IN ('global', 'agency', 'brand', 'campaign')),
        ADD CONSTRAINT budget_scope_caps CHECK (
          month_cap_nrho > 0 AND year_cap_nrho > 0 AND total_cap_nrho > 0
          AND (year_cap_nrho IS NULL OR month_cap_nrho IS NULL OR year_cap_nrho >= month_cap_nrho)),
        ADD CONSTRAINT budget_scope_windows CHECK (CASE kind
          WHEN 'agency' THEN month_cap_nrho IS NOT NULL AND year_cap_nrho IS NULL AND total_cap_nrho IS NULL
          WHEN 'campaign' THEN month_cap_nrho IS NULL AND year_cap_nrho IS NULL AND total_cap_nrho IS NOT NULL
          ELSE month_cap_nrho IS NOT NULL AND year_cap_nrho IS NOT NULL AND total_cap_nrho IS NULL END),
        ADD CONSTRAINT budget_scope_settled CHECK (settled_charges >= 0 AND settled_nrho >= 0 AND settled_qtheta >= 0);
      COMMENT ON COLUMN budget_scope.rank IS 'locking order: global, agency, brand, campaign';
      COMMENT ON COLUMN budget_scope.kind IS 'global: all brands in one country, the guarantee; the others are quotas beneath it: what one agency may see, what one brand may ask, what one campaign may cost';
      COMMENT ON COLUMN budget_scope.owner IS 'country, agency id, brand id or campaign id';
      COMMENT ON COLUMN budget_scope.month_cap_nrho IS 'most in one calendar month, UTC; null where this kind has no such window';
      COMMENT ON COLUMN budget_scope.year_cap_nrho IS 'most in any 365 days; null where this kind has no such window';
      COMMENT ON COLUMN budget_scope.total_cap_nrho IS 'most ever, of a campaign';
      COMMENT ON COLUMN budget_scope.own_caps IS 'set for this owner by hand; the configuration no longer changes them';
      COMMENT ON COLUMN budget_scope.overcommitted IS 'admitted although the quotas then promise more than the budget above holds';
      COMMENT ON COLUMN budget_scope.settled_charges IS 'charges ever made final here; only grows';
      COMMENT ON COLUMN budget_scope.settled_nrho IS 'sum of the charges ever made final here; only grows';
      COMMENT ON COLUMN budget_scope.settled_qtheta IS 'sum of their theta, in units of 1e-30; only grows';

      ALTER TABLE budget_day ADD COLUMN reserved_qtheta bigint NOT NULL DEFAULT 0,
        ADD COLUMN committed_qtheta bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT budget_day_theta_not_negative CHECK (reserved_qtheta >= 0 AND committed_qtheta >= 0);
      COMMENT ON COLUMN budget_day.reserved_qtheta IS 'theta held by releases that are not settled, in units of 1e-30';
      COMMENT ON COLUMN budget_day.committed_qtheta IS 'theta spent for good, in units of 1e-30';

      ALTER TABLE budget_charge ADD COLUMN quecto_theta bigint NOT NULL DEFAULT 0,
        ADD CONSTRAINT budget_charge_theta_not_negative CHECK (quecto_theta >= 0);
      COMMENT ON COLUMN budget_charge.quecto_theta IS 'theta of the release, in units of 1e-30';

      CREATE TABLE budget_adjustment (
        id text NOT NULL CONSTRAINT budget_adjustment_pk PRIMARY KEY,
        scope_id text NOT NULL CONSTRAINT budget_adjustment_scope_fk REFERENCES budget_scope (id),
        day date NOT NULL,
        nano_rho bigint NOT NULL,
        quecto_theta bigint NOT NULL,
        kind text NOT NULL,
        reason text NOT NULL,
        actor text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT budget_adjustment_kind CHECK (kind IN ('charge', 'credit', 'restore')),
        CONSTRAINT budget_adjustment_sign CHECK (CASE kind WHEN 'credit'
          THEN nano_rho < 0 AND quecto_theta = 0 AND scope_id NOT LIKE 'global:%'
          ELSE nano_rho >= 0 AND quecto_theta >= 0 AND nano_rho + quecto_theta > 0 END),
        CONSTRAINT budget_adjustment_reason CHECK (length(reason) BETWEEN 1 AND 500)
      );
      CREATE INDEX budget_adjustment_scope_index ON budget_adjustment (scope_id, created_at DESC, id DESC);
      CREATE TRIGGER budget_adjustment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON budget_adjustment
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
      COMMENT ON TABLE budget_adjustment IS 'An entry of the ledger that no release made';
      COMMENT ON COLUMN budget_adjustment.id IS 'adj_ id';
      COMMENT ON COLUMN budget_adjustment.scope_id IS 'the budget';
      COMMENT ON COLUMN budget_adjustment.day IS 'UTC day it counts for';
      COMMENT ON COLUMN budget_adjustment.nano_rho IS 'amount; below zero for a credit';
      COMMENT ON COLUMN budget_adjustment.quecto_theta IS 'theta, in units of 1e-30';
      COMMENT ON COLUMN budget_adjustment.kind IS 'charge: something left outside the gate; credit: a quota gives back, never the guarantee; restore: what a restored ledger had forgotten';
      COMMENT ON COLUMN budget_adjustment.reason IS 'why, as the account manager wrote it';
      COMMENT ON COLUMN budget_adjustment.actor IS 'actor id';
      COMMENT ON COLUMN budget_adjustment.created_at IS 'when it was made';

      CREATE TABLE ledger_identity (
        slot smallint NOT NULL CONSTRAINT ledger_identity_pk PRIMARY KEY CONSTRAINT ledger_identity_one CHECK (slot = 1),
        ledger_id text NOT NULL,
        marked_at timestamptz
      );
      INSERT INTO ledger_identity (slot, ledger_id) VALUES (1, 'led_' || replace(gen_random_uuid()::text, '-', ''));
      COMMENT ON TABLE ledger_identity IS 'Which ledger this is: the one row survives copies and backups of the database';
      COMMENT ON COLUMN ledger_identity.slot IS 'always 1';
      COMMENT ON COLUMN ledger_identity.ledger_id IS 'random, made with the ledger';
      COMMENT ON COLUMN ledger_identity.marked_at IS 'when a high-water mark was first written outside the database; from then on one must be found at every start';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE ledger_identity, budget_adjustment;
      ALTER TABLE budget_charge DROP COLUMN quecto_theta;
      ALTER TABLE budget_day DROP COLUMN reserved_qtheta, DROP COLUMN committed_qtheta;
      DELETE FROM budget_charge WHERE scope_id IN (SELECT id FROM budget_scope WHERE kind IN ('agency', 'campaign'));
      DELETE FROM budget_day WHERE scope_id IN (SELECT id FROM budget_scope WHERE kind IN ('agency', 'campaign'));
      DELETE FROM budget_scope WHERE kind IN ('agency', 'campaign');
      ALTER TABLE budget_scope DROP CONSTRAINT budget_scope_kind, DROP CONSTRAINT budget_scope_caps,
        DROP CONSTRAINT budget_scope_windows, DROP CONSTRAINT budget_scope_settled,
        DROP COLUMN total_cap_nrho, DROP COLUMN own_caps, DROP COLUMN overcommitted,
        DROP COLUMN settled_charges, DROP COLUMN settled_nrho, DROP COLUMN settled_qtheta,
        ALTER COLUMN month_cap_nrho SET NOT NULL, ALTER COLUMN year_cap_nrho SET NOT NULL,
        ADD CONSTRAINT budget_scope_kind CHECK (kind IN ('global', 'brand')),
        ADD CONSTRAINT budget_scope_caps CHECK (month_cap_nrho > 0 AND year_cap_nrho >= month_cap_nrho);
      UPDATE budget_scope SET rank = 1 WHERE kind = 'brand';
      COMMENT ON COLUMN budget_scope.rank IS 'locking order: global before brand';
      COMMENT ON COLUMN budget_scope.kind IS 'global: all brands in one country, the guarantee; brand: one brand''s quota';
      COMMENT ON COLUMN budget_scope.owner IS 'country or brand id';
      COMMENT ON COLUMN budget_scope.month_cap_nrho IS 'most in one calendar month, UTC';
      COMMENT ON COLUMN budget_scope.year_cap_nrho IS 'most in any 365 days';
      ALTER TABLE release DROP COLUMN quecto_theta, DROP COLUMN settled_position;
    `);
  }
}
