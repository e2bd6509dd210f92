import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the HTTP edge remembers: answers under idempotency keys, and rates. */
export class HttpEdge1763700000006 implements MigrationInterface {
  readonly name = 'HttpEdge1763700000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_key (
        owner text NOT NULL,
        route text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        state text NOT NULL,
        status smallint,
        body text,
        lease text,
        lease_until timestamptz,
        created_at timestamptz NOT NULL,
        CONSTRAINT idempotency_key_pk PRIMARY KEY (owner, route, key),
        CONSTRAINT idempotency_key_state CHECK (
          (state = 'in-flight' AND lease IS NOT NULL AND lease_until IS NOT NULL AND status IS NULL AND body IS NULL)
          OR (state = 'done' AND lease IS NULL AND lease_until IS NULL AND status IS NOT NULL AND body IS NOT NULL))
      );
      CREATE INDEX idempotency_key_created_index ON idempotency_key (created_at);
      COMMENT ON TABLE idempotency_key IS 'The answer given under an Idempotency-Key';
      COMMENT ON COLUMN idempotency_key.owner IS 'actor id of whose key it is';
      COMMENT ON COLUMN idempotency_key.route IS 'method and path pattern';
      COMMENT ON COLUMN idempotency_key.key IS 'the header, 1 to 128 visible ASCII characters';
      COMMENT ON COLUMN idempotency_key.request_hash IS 'SHA-256 of what decides the answer';
      COMMENT ON COLUMN idempotency_key.state IS 'in-flight, then done';
      COMMENT ON COLUMN idempotency_key.status IS 'HTTP status of the stored outcome';
      COMMENT ON COLUMN idempotency_key.body IS 'JSON text of the stored answer or refusal';
      COMMENT ON COLUMN idempotency_key.lease IS 'random token of the request that runs; fences off one that lost its lease';
      COMMENT ON COLUMN idempotency_key.lease_until IS 'past it an equal request may run the work again';
      COMMENT ON COLUMN idempotency_key.created_at IS 'when the key was first seen; kept 24 hours';

      CREATE UNLOGGED TABLE rate_limit (
        key text NOT NULL CONSTRAINT rate_limit_pk PRIMARY KEY,
        tat bigint NOT NULL,
        allowed boolean NOT NULL
      );
      COMMENT ON TABLE rate_limit IS 'One cell of the generic cell rate algorithm per caller and class; lost in a crash, which only forgives';
      COMMENT ON COLUMN rate_limit.key IS 'class and SHA-256 of the caller';
      COMMENT ON COLUMN rate_limit.tat IS 'theoretical arrival time, microseconds since the epoch';
      COMMENT ON COLUMN rate_limit.allowed IS 'what the last request was told';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE rate_limit, idempotency_key');
  }
}
