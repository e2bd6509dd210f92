import type { Response } from 'express';
import type { DomainError, DomainErrorText } from '#core';
import { PROBLEMS } from './problem.ts';

interface SpendingLocals {
  spends?: boolean;
}

const localsOf = (response: Response): SpendingLocals => response.locals as SpendingLocals;

/** Notes that the call may spend budget, so that its refusal says whether it did. */
export function markSpending(response: Response): void {
  localsOf(response).spends = true;
}

/**
 * The text of a refusal, with `charged: false` where a spending call was refused before anything was charged. A refusal
 * that knows better says so itself; of a fault of the service it is not known here, and nothing is said.
 */
export function textWithCharge(response: Response, { code, text }: DomainError): DomainErrorText {
  const known = text.extensions !== undefined && 'charged' in text.extensions;
  if (localsOf(response).spends !== true || known || PROBLEMS[code].status >= 500) return text;
  return { ...text, extensions: { ...text.extensions, charged: false } };
}
