import type { ErrorCode } from '#core';

/**
 * Failures that cannot depend on rows: the query was not admitted, the data version had moved on, or the warehouse
 * could not be reached. Every other failure, a time-out or an overflow among them, may say something about rows, and a
 * refund would make it a free question.
 */
export const INDEPENDENT_OF_ROWS: readonly ErrorCode[] = [
  'warehouse-busy',
  'warehouse-unavailable',
  'data-version-changed',
];
