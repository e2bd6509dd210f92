import { DomainError } from '#core';

/** A database that cannot start: the reason is for the operator's log, never for a caller. */
export function bootFailure(reason: string, cause?: unknown): DomainError {
  return new DomainError('service-unavailable', { public: 'The database is not available.', internal: reason, cause });
}
