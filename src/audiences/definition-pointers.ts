import { DomainError } from '#core';

/**
 * Runs work on a definition that stands under `/definition` in a request, so that its faults point into the request:
 * `/rule/all/0` becomes `/definition/rule/all/0`.
 */
export async function underDefinition<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError) || error.text.errors === undefined) throw error;
    const errors = error.text.errors.map((fault) => ({ ...fault, pointer: `/definition${fault.pointer}` }));
    throw new DomainError(error.code, { ...error.text, errors });
  }
}
