import type { Request } from 'express';

/** Who calls, as far as the edge must know: for the log and for the rate limit. */
export interface RequestIdentity {
  /** Id of the key or identity; goes into the log. */
  readonly id: string;
  /** Whose quota the request counts against. */
  readonly rateKey: string;
}

/** What the edge knows of a request. */
export interface RequestContext {
  /** 32 lower-case hex digits, also in the log, in `X-Request-Id` and in problem documents. */
  readonly traceId: string;
}

/** What is told to the log of a request that was refused. */
export interface Refusal {
  readonly code: string;
  /** Text for the log only. */
  readonly internal?: string;
}

/** A request of this service. The access guard sets `principal`. */
export interface EdgeRequest extends Request {
  readonly context?: RequestContext;
  readonly principal?: RequestIdentity;
  refusal?: Refusal;
}

/** Trace id of a request that no middleware has seen, such as one refused while its headers were read. */
const NO_TRACE = '0'.repeat(32);

export const traceIdOf = (request: EdgeRequest): string => request.context?.traceId ?? NO_TRACE;

/** Path of a request without its query. Absent where it is longer than 2,048 characters. */
export function pathOf(request: Pick<Request, 'originalUrl'>): string | undefined {
  const path = request.originalUrl.split(/[?#]/, 1)[0] ?? '';
  return path.length > 2_048 ? undefined : path;
}

/** Pattern of the route that matched, such as `/v1/audiences/:id`; absent where none did. */
export function routeOf(request: Request): string | undefined {
  const route: unknown = request.route;
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined;
  return typeof route.path === 'string' ? route.path : String(route.path);
}
