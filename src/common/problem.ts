import type { DomainErrorText, ErrorCode, FieldError } from '#core';

export interface ProblemType {
  /** HTTP status. 5xx only where the service, not the request, is at fault. */
  readonly status: number;
  readonly title: string;
  /** What it means and what to do, for the page at `/problems/{code}`. */
  readonly meaning: string;
  /** Whether the same request may succeed later, unchanged. Such an answer is never stored under an idempotency key. */
  readonly retryable: boolean;
}

const final = (status: number, title: string, meaning: string): ProblemType => ({
  status,
  title,
  meaning,
  retryable: false,
});
const passing = (status: number, title: string, meaning: string): ProblemType => ({
  status,
  title,
  meaning,
  retryable: true,
});

/** The catalogue: the one place that gives a code its HTTP form. */
export const PROBLEMS = {
  'request-invalid': final(
    400,
    'The request is not valid',
    'A parameter or a member of the body is missing, unknown or of the wrong form. "errors" names each place by JSON Pointer. Correct the request.',
  ),
  'json-invalid': final(
    400,
    'The body is not acceptable JSON',
    'The body must be UTF-8 JSON without byte order mark, at most 20 levels deep, with at most 1,000 keys, none of them twice, and without NUL characters, lone surrogates, "__proto__" or numbers beyond a double.',
  ),
  'not-authenticated': final(
    401,
    'Not authenticated',
    'The request has no valid credentials. Send "Authorization: Bearer" with an API key or an access token that is neither expired nor revoked.',
  ),
  'scope-missing': final(
    403,
    'A scope is missing',
    'The credentials are valid but do not carry the scope this operation needs. Ask for a key with that scope.',
  ),
  'not-found': final(
    404,
    'Not found',
    'Nothing that these credentials may see is at this address. What belongs to somebody else looks the same as what does not exist.',
  ),
  'method-not-allowed': final(
    405,
    'The method is not allowed here',
    'The address exists but does not answer this method. "Allow" lists those it answers.',
  ),
  'not-acceptable': final(
    406,
    'No acceptable form',
    'The "Accept" header names no media type this operation can give. Most give application/json only.',
  ),
  'request-timeout': passing(
    408,
    'The request did not arrive in time',
    'The headers or the body were not complete within the time allowed. Send the request again.',
  ),
  conflict: final(
    409,
    'In conflict with the present state',
    'The thing is in a state that does not allow this. Read it again before deciding.',
  ),
  'precondition-failed': final(
    412,
    'The precondition failed',
    'Somebody changed the thing since its ETag was read. Read it again and repeat the change on the new version.',
  ),
  'precondition-required': final(
    428,
    'A precondition is required',
    'The change must say which version it is for, so that it cannot undo somebody else\'s. Read the thing and send its ETag in "If-Match".',
  ),
  'payload-too-large': final(
    413,
    'The body is too large',
    'The body, after decompression, is larger than this operation takes. The limit is in "detail".',
  ),
  'media-type-unsupported': final(
    415,
    'The media type is not supported',
    'A body must be application/json in UTF-8, plain or compressed with gzip, deflate, br or zstd.',
  ),
  'rate-limited': passing(
    429,
    'Too many requests',
    'The quota in "RateLimit-Policy" is used up. "Retry-After" says in how many seconds the next request will be taken.',
  ),
  'headers-too-large': final(
    431,
    'The headers are too large',
    'The request line and the headers together are larger than 16 kB.',
  ),
  'idempotency-key-required': final(
    400,
    'An idempotency key is required',
    'This operation spends budget or starts work. Send an "Idempotency-Key" of your own making, so that a repeated request cannot count twice.',
  ),
  'idempotency-key-invalid': final(
    400,
    'The idempotency key is not valid',
    'An idempotency key is 1 to 128 visible ASCII characters, without blanks.',
  ),
  'idempotency-key-reused': final(
    422,
    'The idempotency key belongs to another request',
    'This key was used before for a request with another content. Use a new key for a new request.',
  ),
  'idempotency-in-flight': passing(
    409,
    'The first request with this key is still running',
    'Wait as long as "Retry-After" says and send the same request again: it will get the answer of the first.',
  ),
  'cursor-invalid': final(
    400,
    'The cursor is not valid',
    'The cursor was altered, has expired or belongs to another list or filter. Start again without a cursor.',
  ),
  'audience-invalid': final(
    422,
    'The audience definition is not valid',
    'The definition breaks a rule of the audience language. "errors" names each place by JSON Pointer.',
  ),
  'audience-archived': final(
    409,
    'The audience is archived',
    'An archived audience can be read, and audiences that refer to it still hold, but it cannot be changed or sized.',
  ),
  'audience-cycle': final(
    422,
    'The audience refers to itself',
    'An audience may refer to other audiences, but never, over any number of steps, to itself.',
  ),
  'product-out-of-scope': final(
    403,
    'A product is outside the portfolio',
    'A brand may name its own products and the categories they are sold in, no others.',
  ),
  'brand-required': final(
    400,
    'A brand must be named',
    'These credentials act for several brands. Name the one meant, as the operation describes.',
  ),
  'grant-exceeds-grantor': final(
    403,
    'The grant exceeds the grantor',
    'Nobody can give a scope or a brand he does not have himself.',
  ),
  'privacy-budget-exhausted': passing(
    409,
    'The privacy budget is exhausted',
    'The answer would cost more than is left of the budget. "budget" says what is left and when it resets. Reading earlier answers again is free.',
  ),
  'budget-overcommitted': final(
    409,
    'The quotas would promise too much',
    'With this the quotas would promise more than the budget above them holds, so that one tenant could use up what another was promised. Lower a quota, or send "allowOvercommit": true; the budget above still stops everybody.',
  ),
  'guarantee-not-adjustable': final(
    409,
    'The guarantee gives nothing back',
    'The global budget of a country is what members are promised: what was charged to it stays charged. Only the quotas beneath it can be credited.',
  ),
  'ledger-read-only': passing(
    503,
    'The ledger is read-only',
    'The database holds less than the privacy budget is known to have given out, or that cannot be told: an older backup may have been restored. No new question is answered until the operator has put that right; nothing was charged unless "charged" says so. Stored answers can be read.',
  ),
  'release-failed': final(
    503,
    'The answer could not be made',
    'The query failed after it had begun, and the charge stays: whether a failure happened may depend on the data. The same Idempotency-Key gives this refusal again; a new one asks anew, at a new charge.',
  ),
  'privacy-parameter': final(
    422,
    'A privacy parameter is out of range',
    'A privacy parameter is outside the range in which the guarantee is proven.',
  ),
  'warehouse-busy': passing(
    503,
    'The warehouse is busy',
    'Too many queries are waiting. Nothing was charged. Try again as "Retry-After" says.',
  ),
  'warehouse-unavailable': passing(
    503,
    'The warehouse is unavailable',
    'The loyalty data cannot be reached at the moment. Stored answers can still be read.',
  ),
  'warehouse-limit': passing(
    503,
    'A warehouse limit was reached',
    'The query met a limit of time or bytes before it ended. Ask for less at once.',
  ),
  'data-version-changed': passing(
    409,
    'The data changed meanwhile',
    'A new version of the data came in while the request ran. Send it again to ask the new version.',
  ),
  'issuer-unavailable': passing(
    503,
    'The token issuer is unavailable',
    'The keys of the issuer of this token cannot be read, so that it can be neither accepted nor refused.',
  ),
  'service-unavailable': passing(
    503,
    'The service is unavailable',
    'The service is starting, stopping or overloaded. Try again as "Retry-After" says.',
  ),
  internal: passing(
    500,
    'The service failed',
    'This is our fault. The service has logged what happened under the trace id; quote it when asking for help.',
  ),
} as const satisfies Record<ErrorCode, ProblemType>;

/** Whether a text is a code of the catalogue. */
export const isProblemCode = (text: string): text is ErrorCode => Object.hasOwn(PROBLEMS, text);

/** Dereferenceable type of a code: a reference to the page that explains it. */
export const problemTypeUri = (code: ErrorCode): string => `/problems/${code}`;

/** A problem document, RFC 9457 §3, with further members of §3.2. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: ErrorCode;
  readonly traceId: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

/** Where a problem occurred. */
export interface Occurrence {
  readonly traceId: string;
  /** Path of the request, without its query, which may hold secrets. */
  readonly instance?: string;
}

/**
 * The document of one refusal. Only the public text goes in; extensions never replace a member RFC 9457 or this
 * catalogue defines.
 */
export function problemDocument(
  code: ErrorCode,
  text: Pick<DomainErrorText, 'public' | 'errors' | 'extensions'>,
  occurrence: Occurrence,
): ProblemDocument {
  const { status, title } = PROBLEMS[code];
  return {
    ...text.extensions,
    type: problemTypeUri(code),
    title,
    status,
    detail: text.public,
    ...(occurrence.instance === undefined ? {} : { instance: occurrence.instance }),
    code,
    traceId: occurrence.traceId,
    ...(text.errors === undefined || text.errors.length === 0 ? {} : { errors: text.errors }),
  };
}

/** The JSON text of a document. Integers of the ledger are bigint; they are written as JSON numbers while exact. */
export const problemJson = (document: ProblemDocument): string => jsonText(document);

/** JSON text of a value with integers of any size. @throws TypeError for what has no JSON form, such as a `RawCount`. */
export const jsonText = (value: object): string =>
  JSON.stringify(value, (_, member: unknown) => (typeof member === 'bigint' ? jsonInteger(member) : member));

const jsonInteger = (value: bigint): number | string => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
};
