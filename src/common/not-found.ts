import { DomainError } from '#core';

/** The one refusal for what does not exist and for what belongs to somebody else: they must not be told apart. */
export const notFound = (): DomainError =>
  new DomainError('not-found', { public: 'There is no such thing, or it is not yours.' });
