import { DomainError } from '#core';

/** Why the service could not start or stop, for the person at the console: the internal text of our own refusals. */
export function explainFailure(error: unknown): string {
  if (error instanceof DomainError) return `Haven cannot run: ${error.text.internal ?? error.text.public}`;
  if (error instanceof Error) return `Haven cannot run: ${error.stack ?? error.message}`;
  return 'Haven cannot run.';
}
