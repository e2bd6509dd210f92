import { DomainError } from '#core';

/** A stored refusal given again under the same idempotency key, instead of running the work again. */
export class ReplayedRefusal extends DomainError {}
