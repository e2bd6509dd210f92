import { HttpException } from '@nestjs/common';
import { DomainError } from '#core';
import type { ErrorCode } from '#core';
import { isDatabaseUnavailable } from './database-errors.ts';

/** The code of an exception that says no more than an HTTP status. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'not-authenticated',
  403: 'scope-missing',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'payload-too-large',
  415: 'media-type-unsupported',
  428: 'precondition-required',
  429: 'rate-limited',
  431: 'headers-too-large',
  503: 'service-unavailable',
};

const TEXT_OF_CODE: Partial<Record<ErrorCode, string>> = {
  'request-invalid': 'The request is not valid.',
  'not-authenticated': 'The request has no valid credentials.',
  'scope-missing': 'The credentials do not allow this.',
  'not-found': 'Nothing that these credentials may see is at this address.',
  'service-unavailable': 'The service cannot answer at the moment.',
  internal: 'The service failed. The trace id names the entry in its log.',
};

/** Seconds after which a client may ask a service again that is short of a resource. */
const UNAVAILABLE_RETRY_SECONDS = 2;

/**
 * Any exception as a refusal with a code. What the framework and Express throw is known by its status alone, and its
 * text goes to the log, not to the caller: it may quote the request or name what is inside. What is not known at all is
 * 'internal', with the exception as its cause.
 */
export function toDomainError(exception: unknown): DomainError {
  if (exception instanceof DomainError) return exception;
  if (isDatabaseUnavailable(exception)) {
    return refusal('service-unavailable', exception, { retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS });
  }
  const status = statusOf(exception);
  if (status === undefined) return refusal('internal', exception);
  if (status >= 500 && status !== 503) return refusal('internal', exception);
  return refusal(CODE_OF_STATUS[status] ?? 'request-invalid', exception);
}

function refusal(code: ErrorCode, cause: unknown, more: { retryAfterSeconds?: number } = {}): DomainError {
  return new DomainError(code, {
    public: TEXT_OF_CODE[code] ?? 'The request cannot be taken.',
    internal: cause instanceof Error ? cause.message : 'something that is not an error was thrown',
    cause,
    ...more,
  });
}

/** Status of a framework exception, or of an error of Express's middlewares that is meant for the caller. */
function statusOf(exception: unknown): number | undefined {
  if (exception instanceof HttpException) return exception.getStatus();
  if (!(exception instanceof Error) || !('status' in exception)) return undefined;
  const { status } = exception;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
