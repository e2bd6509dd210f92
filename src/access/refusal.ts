import { DomainError } from '#core';

/** One text for every credential that is not accepted, so that a guesser learns nothing from the answer. */
const NOT_ACCEPTED =
  'The credential is not accepted. Send `Authorization: Bearer` with a valid API key or access token.';

/**
 * The refusal of a credential.
 *
 * @param internal why, for the log; names no secret and no token.
 * @param shown a more telling text, only for a caller who has proved to hold the secret.
 */
export const notAuthenticated = (internal: string, shown: string = NOT_ACCEPTED): DomainError =>
  new DomainError('not-authenticated', { public: shown, internal });
