import type { DuckDBTimestampValue } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DomainError, isPurpose } from '#core';
import type { FieldError, Purpose } from '#core';
import { execute, instant, readRows } from './duckdb-codec.ts';
import { readDataVersions } from './duckdb-catalogue.ts';
import type { IdentifierKey } from './identifier-key.ts';
import { LOYALTY_ID_TYPE, consentColumn } from './schema.ts';
import type { ConsentEvent, ConsentReceipt, DataVersion } from './warehouse.ts';

export const CONSENT_EVENTS_MAX = 10_000;

const FAULTS_MAX = 20;
const TEXT_MAX = 200;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/;

/** Tables of the writing connection: what arrives, and what of it is new. */
const SCRATCH = [
  `CREATE TEMP TABLE arriving_consent
     (hid BLOB, purpose VARCHAR, status VARCHAR, source VARCHAR, text_version VARCHAR, effective_at TIMESTAMP)`,
  'CREATE TEMP TABLE fresh_consent AS SELECT * FROM consent_event LIMIT 0',
];

const KNOWN = `arriving_consent a
  JOIN pii.member_key k ON k.hid = a.hid AND k.id_type = '${LOYALTY_ID_TYPE}' AND k.pepper_version = $1
  JOIN member m ON m.member_id = k.member_id`;

const FIND_FRESH = `INSERT INTO fresh_consent
  SELECT DISTINCT ON (m.member_id, a.purpose, a.status, a.effective_at)
    m.member_id, m.country, a.purpose, a.status, a.source, a.text_version, a.effective_at, $2
  FROM ${KNOWN}
  WHERE NOT EXISTS (
    SELECT 1 FROM consent_event e
    WHERE e.member_id = m.member_id AND e.purpose = a.purpose AND e.status = a.status AND e.effective_at = a.effective_at)`;

/** The flag is the fold of the log: granted if and only if the last grant is later than the last withdrawal. */
const setFlag = (purpose: Purpose): string => `UPDATE member
  SET ${consentColumn(purpose)} = coalesce(last.granted_at > last.withdrawn_at, last.granted_at IS NOT NULL),
    consent_changed_at = greatest(member.consent_changed_at, last.granted_at, last.withdrawn_at)
  FROM (
    SELECT member_id, max(effective_at) FILTER (status = 'granted') AS granted_at,
      max(effective_at) FILTER (status = 'withdrawn') AS withdrawn_at
    FROM consent_event
    WHERE purpose = $1 AND member_id IN (SELECT member_id FROM fresh_consent WHERE purpose = $1)
    GROUP BY member_id) last
  WHERE member.member_id = last.member_id`;

const RAISE_VERSIONS = `INSERT INTO data_version
  SELECT country, max(version) + 1, arg_max(data_through, version), arg_max(history_from, version),
    greatest(max(consent_as_of), $1), 'consent'
  FROM data_version WHERE country IN (SELECT country FROM fresh_consent) GROUP BY country`;

/** The append-only log of consent and the flags that follow from it. Writes one batch at a time: the caller queues. */
export class ConsentLog {
  readonly #connection: DuckDBConnection;
  readonly #key: IdentifierKey;

  private constructor(connection: DuckDBConnection, key: IdentifierKey) {
    this.#connection = connection;
    this.#key = key;
  }

  /** @param connection used for nothing else. */
  static async over(connection: DuckDBConnection, key: IdentifierKey): Promise<ConsentLog> {
    for (const sql of SCRATCH) await execute(connection, sql);
    return new ConsentLog(connection, key);
  }

  /** See `Warehouse.recordConsent`. The events have passed `checkEvents`. */
  async append(events: readonly ConsentEvent[], now: number): Promise<ConsentReceipt> {
    await execute(this.#connection, 'BEGIN TRANSACTION');
    try {
      const receipt = await this.#write(events, instant(now));
      await execute(this.#connection, 'COMMIT');
      return receipt;
    } catch (error) {
      await execute(this.#connection, 'ROLLBACK');
      throw error;
    }
  }

  async #write(events: readonly ConsentEvent[], now: DuckDBTimestampValue): Promise<ConsentReceipt> {
    const connection = this.#connection;
    await execute(connection, 'DELETE FROM arriving_consent');
    await execute(connection, 'DELETE FROM fresh_consent');
    await this.#stage(events);
    const [known] = await readRows<{ events: number }>(connection, `SELECT count(*)::INTEGER AS events FROM ${KNOWN}`, [
      this.#key.version,
    ]);
    const applied = known?.events ?? 0;
    const fresh = await execute(connection, FIND_FRESH, [this.#key.version, now]);
    const dataVersions = fresh > 0 ? await this.#apply(now) : [];
    return { applied, unknown: events.length - applied, dataVersions };
  }

  async #apply(now: DuckDBTimestampValue): Promise<DataVersion[]> {
    const connection = this.#connection;
    await execute(connection, 'INSERT INTO consent_event SELECT * FROM fresh_consent');
    const touched = await readRows<{ purpose: string }>(connection, 'SELECT DISTINCT purpose FROM fresh_consent');
    for (const { purpose } of touched) {
      if (isPurpose(purpose)) await execute(connection, setFlag(purpose), [purpose]);
    }
    await execute(connection, RAISE_VERSIONS, [now]);
    const changed = await readRows<{ country: string }>(connection, 'SELECT DISTINCT country FROM fresh_consent');
    const countries = new Set(changed.map((row) => row.country));
    return (await readDataVersions(connection)).filter((version) => countries.has(version.country));
  }

  async #stage(events: readonly ConsentEvent[]): Promise<void> {
    const appender = await this.#connection.createAppender('arriving_consent', null, 'temp');
    for (const event of events) {
      appender.appendBlob(this.#key.hid(Buffer.from(event.loyaltyIdSha256, 'hex')));
      appender.appendVarchar(event.purpose);
      appender.appendVarchar(event.status);
      appender.appendVarchar(event.source);
      appender.appendVarchar(event.textVersion);
      appender.appendTimestamp(instant(Date.parse(event.at)));
      appender.endRow();
    }
    appender.closeSync();
  }
}

/**
 * @param now milliseconds since the epoch: an event may not lie after it, or no later withdrawal could undo it.
 * @throws DomainError `request-invalid` with a pointer `/events/{index}/{member}` for each fault, 20 at most.
 */
export function checkEvents(events: readonly ConsentEvent[], now: number): void {
  const errors: FieldError[] = [];
  if (events.length > CONSENT_EVENTS_MAX) {
    errors.push(fault('/events', 'too-many', `has ${events.length} events; at most ${CONSENT_EVENTS_MAX}`));
  }
  for (let index = 0; index < Math.min(events.length, CONSENT_EVENTS_MAX) && errors.length < FAULTS_MAX; index++) {
    const event = events[index];
    if (event) errors.push(...eventFaults(event, `/events/${index}`, now));
  }
  if (errors.length === 0) return;
  throw new DomainError('request-invalid', { public: 'The consent events are not valid.', errors });
}

function eventFaults(event: ConsentEvent, at: string, now: number): FieldError[] {
  const said = INSTANT.test(event.at) ? Date.parse(event.at) : Number.NaN;
  const checks: readonly [boolean, string, string, string][] = [
    [SHA256_HEX.test(event.loyaltyIdSha256), 'loyaltyIdSha256', 'format', 'must be 64 lower-case hex digits'],
    [isPurpose(event.purpose), 'purpose', 'unknown', 'must be a known purpose'],
    [event.status === 'granted' || event.status === 'withdrawn', 'status', 'unknown', 'must be granted or withdrawn'],
    [isShortText(event.source), 'source', 'length', `must have 1 to ${TEXT_MAX} characters`],
    [isShortText(event.textVersion), 'textVersion', 'length', `must have 1 to ${TEXT_MAX} characters`],
    [!Number.isNaN(said), 'at', 'format', 'must be an RFC 3339 UTC instant such as 2026-01-31T12:00:00.000Z'],
    [Number.isNaN(said) || said <= now, 'at', 'future', 'must not be in the future'],
  ];
  return checks.flatMap(([ok, member, code, message]) => (ok ? [] : [fault(`${at}/${member}`, code, message)]));
}

const isShortText = (text: string): boolean => text.length >= 1 && text.length <= TEXT_MAX;

const fault = (pointer: string, code: string, message: string): FieldError => ({ pointer, code, message });
