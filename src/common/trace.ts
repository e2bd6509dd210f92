import { randomBytes } from 'node:crypto';
import type { NextFunction, RequestHandler, Response } from 'express';
import type { EdgeRequest, RequestContext } from './request-context.ts';

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-|$)/;

/**
 * The trace id of a W3C Trace Context `traceparent` header (§3.2.2), or undefined where the header is absent or not
 * valid: wrong form, version ff, a version 00 with something after it, or all zeros.
 */
export function parseTraceparent(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 512) return undefined;
  const [, traceId, parentId] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined) return undefined;
  if (header.startsWith('ff') || (header.startsWith('00') && header.length !== 55)) return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(parentId) ? undefined : traceId;
}

/** A fresh trace id: 128 random bits, 32 hex digits. */
export const newTraceId = (): string => randomBytes(16).toString('hex');

/**
 * First middleware: gives the request its context, continuing the caller's trace, and says the trace id in
 * `X-Request-Id`.
 */
export const traceRequests: RequestHandler = (
  request: EdgeRequest & { context?: RequestContext },
  response: Response,
  next: NextFunction,
): void => {
  const traceId = parseTraceparent(request.get('traceparent')) ?? newTraceId();
  Object.defineProperty(request, 'context', { value: Object.freeze({ traceId }), enumerable: false });
  response.setHeader('X-Request-Id', traceId);
  next();
};
