/** One fault in one place of a request: RFC 6901 pointer, stable code, what it is and what it must be. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Every refusal the product can give, by stable code. Clients switch on these; a code is never renamed.
 * The HTTP status and title of each stand in `src/common/problem.ts`, nowhere else.
 */
export const ERROR_CODES = [
  'request-invalid',
  'json-invalid',
  'not-authenticated',
  'scope-missing',
  'not-found',
  'method-not-allowed',
  'not-acceptable',
  'conflict',
  'precondition-failed',
  'precondition-required',
  'payload-too-large',
  'media-type-unsupported',
  'rate-limited',
  'request-timeout',
  'headers-too-large',
  'idempotency-key-required',
  'idempotency-key-invalid',
  'idempotency-key-reused',
  'idempotency-in-flight',
  'cursor-invalid',
  'audience-invalid',
  'audience-archived',
  'audience-cycle',
  'product-out-of-scope',
  'brand-required',
  'grant-exceeds-grantor',
  'privacy-budget-exhausted',
  'budget-overcommitted',
  'guarantee-not-adjustable',
  'ledger-read-only',
  'release-failed',
  'privacy-parameter',
  'warehouse-busy',
  'warehouse-unavailable',
  'warehouse-limit',
  'data-version-changed',
  'issuer-unavailable',
  'service-unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface DomainErrorText {
  /** For the caller: what it is and what it must be. Never rows, SQL, secrets or another tenant's ids. */
  readonly public: string;
  /** For the log only. */
  readonly internal?: string;
  /** Faults in the request, path-precise. */
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document (RFC 9457 §3.2), e.g. `budget`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry may succeed. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** A refusal with a stable code, a text for the caller and a text for the log. Only `src/common` knows its HTTP form. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly text: DomainErrorText;

  constructor(code: ErrorCode, text: DomainErrorText) {
    super(text.internal ?? text.public, { cause: text.cause });
    this.name = 'DomainError';
    this.code = code;
    this.text = text;
  }
}
