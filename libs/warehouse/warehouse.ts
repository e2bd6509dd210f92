import type { Country, CountStatement, Dialect, Purpose, RawCount } from '#core';

/** The state of one country's data that an answer rests on. Any change to the rows or to a consent makes a new one. */
export interface DataVersion {
  readonly country: Country;
  /** Rises by at least one with every change; never falls. */
  readonly version: number;
  /** Last business day that is complete, `YYYY-MM-DD`. */
  readonly dataThrough: string;
  /** First business day held, `YYYY-MM-DD`. */
  readonly historyFrom: string;
  /** Instant up to which consent events are known, RFC 3339 UTC. */
  readonly consentAsOf: string;
}

/** For whom and for what a query runs: queueing and labels, never part of the answer. */
export interface QueryTag {
  readonly tenant: string;
  readonly kind: string;
}

export interface CountOptions {
  readonly country: Country;
  /** The `DataVersion.version` the answer is meant for. */
  readonly dataVersion: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** Milliseconds from the call to the answer at most, waiting included. */
  readonly deadlineMs: number;
  readonly tag: QueryTag;
}

/** A member's yes or no for one purpose. The member is named by the SHA-256 of the loyalty number, 64 hex digits. */
export interface ConsentEvent {
  readonly loyaltyIdSha256: string;
  readonly purpose: Purpose;
  readonly status: 'granted' | 'withdrawn';
  /** Where the member said it: `app`, `web`, `checkout`, … */
  readonly source: string;
  /** Which wording the member saw. */
  readonly textVersion: string;
  /** When the member said it, RFC 3339 UTC; not in the future. */
  readonly at: string;
}

export interface ConsentReceipt {
  /** Events of known members; each stands in the log once, however often it is sent. */
  readonly applied: number;
  /** Events that name nobody. Not an error: the sender must not learn who is a member. */
  readonly unknown: number;
  /** The new version of every country that changed. */
  readonly dataVersions: readonly DataVersion[];
}

export interface CatalogueCategory {
  readonly id: number;
  readonly code: string;
  readonly parentCode: string | null;
  readonly name: string;
}

export interface CatalogueBrand {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly manufacturer: string;
}

export interface CatalogueProduct {
  readonly id: number;
  readonly gtin: string;
  readonly name: string;
  readonly brandId: number;
  readonly categoryId: number;
}

export interface CatalogueStore {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly country: Country;
  readonly regionId: number;
}

export interface CatalogueRegion {
  readonly id: number;
  /** ISO 3166-2. */
  readonly code: string;
  readonly country: Country;
  readonly name: string;
}

export interface CatalogueTier {
  readonly id: number;
  readonly code: string;
  readonly name: string;
}

/** Public reference data, each list ordered by id. Holds nothing about members. */
export interface CatalogueSnapshot {
  /** Digest of the content: equal snapshots have equal versions. */
  readonly version: string;
  readonly categories: readonly CatalogueCategory[];
  readonly brands: readonly CatalogueBrand[];
  readonly products: readonly CatalogueProduct[];
  readonly stores: readonly CatalogueStore[];
  readonly regions: readonly CatalogueRegion[];
  readonly tiers: readonly CatalogueTier[];
}

/**
 * The one door to the rows. Exact numbers about members leave only as `RawCount`; no method returns a member's row.
 *
 * Every method throws `DomainError`: `warehouse-unavailable` when the store is closed or cannot be reached. Texts of
 * errors never hold values of rows.
 */
export interface Warehouse {
  readonly dialect: Dialect;

  /**
   * Runs one compiled count. The answer and the check of the data version see one snapshot.
   *
   * @throws DomainError `data-version-changed` when the country is at another version: nothing is returned.
   * @throws DomainError `warehouse-busy` (with `retryAfterSeconds`) when too many wait, or the deadline passed waiting.
   * @throws DomainError `warehouse-limit` when memory, temporary space or the deadline ran out, or the call was aborted.
   *   The query has stopped within 250 ms of the deadline or abort.
   * @throws DomainError `internal` when the statement is not one SELECT over the countable tables that gives one row
   *   with one integer ≥ 0.
   */
  count(statement: CountStatement, options: CountOptions): Promise<RawCount>;

  /** @throws DomainError `not-found` when nothing is loaded for the country. */
  dataVersion(country: Country): Promise<DataVersion>;

  /** The version of every country that has data, ordered by country. */
  dataVersions(): Promise<DataVersion[]>;

  catalogue(): Promise<CatalogueSnapshot>;

  /**
   * Appends consent events and sets the members' flags, in one durable transaction. Every query that starts after this
   * resolves sees them. A member's flag for a purpose is the status of the event with the latest `at`; of two at the
   * same instant the withdrawal wins; so the order of arrival does not matter, and sending an event again changes
   * nothing.
   *
   * @param events at most 10,000.
   * @param now milliseconds since the epoch; becomes `consentAsOf` of the countries that changed.
   * @throws DomainError `request-invalid`, with a pointer to each event that is malformed or lies in the future.
   */
  recordConsent(events: readonly ConsentEvent[], now: number): Promise<ConsentReceipt>;

  /** Resolves when a trivial query succeeds. */
  health(): Promise<void>;

  /** Stops running queries, refuses new ones, makes everything durable and lets go of the store. Idempotent. */
  close(): Promise<void>;
}
