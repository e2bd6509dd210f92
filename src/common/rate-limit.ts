/** A quota of requests over a window, named for the `RateLimit` headers. */
export interface RateLimitPolicy {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
}

/** The two numbers of the generic cell rate algorithm, microseconds: whole, so that the law holds exactly. */
export interface GcraSpacing {
  /** Time one request takes up. */
  readonly intervalMicros: number;
  /** How far requests may run ahead: the whole quota at once. */
  readonly burstMicros: number;
}

/** What is left after a request was asked for. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  /** Requests that would be allowed now. */
  readonly remaining: number;
  /** Until the whole quota is there again. */
  readonly resetSeconds: number;
  /** Until the next request is allowed; 0 while some remain. */
  readonly retryAfterSeconds: number;
}

const MICROS_PER_SECOND = 1_000_000;

export function gcraSpacing({ quota, windowSeconds }: RateLimitPolicy): GcraSpacing {
  const intervalMicros = Math.ceil((windowSeconds * MICROS_PER_SECOND) / quota);
  return { intervalMicros, burstMicros: intervalMicros * quota };
}

/**
 * The generic cell rate algorithm (ITU-T I.371, Annex A) as a pure step: the state is one number, the theoretical
 * arrival time (TAT), so a limiter needs one row per key whatever the quota. In any span of time it allows at most the
 * quota plus what the span itself refills.
 *
 * @param tatMicros state, microseconds since the epoch; undefined for a key not seen before.
 * @returns whether the request is allowed, and the state after it: unchanged where it is not.
 */
export function gcraStep(
  tatMicros: number | undefined,
  nowMicros: number,
  { intervalMicros, burstMicros }: GcraSpacing,
): { readonly allowed: boolean; readonly tatMicros: number } {
  const next = Math.max(tatMicros ?? nowMicros, nowMicros) + intervalMicros;
  if (tatMicros !== undefined && next - nowMicros > burstMicros) return { allowed: false, tatMicros };
  return { allowed: true, tatMicros: next };
}

/** What a state means to the caller. */
export function describeState(
  state: { readonly allowed: boolean; readonly tatMicros: number },
  nowMicros: number,
  { intervalMicros, burstMicros }: GcraSpacing,
): RateLimitDecision {
  const aheadMicros = Math.max(0, state.tatMicros - nowMicros);
  const waitMicros = aheadMicros + intervalMicros - burstMicros;
  return {
    allowed: state.allowed,
    remaining: Math.max(0, Math.floor((burstMicros - aheadMicros) / intervalMicros)),
    resetSeconds: Math.ceil(aheadMicros / MICROS_PER_SECOND),
    retryAfterSeconds: Math.max(0, Math.ceil(waitMicros / MICROS_PER_SECOND)),
  };
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
export function rateLimitHeaders(policy: RateLimitPolicy, decision: RateLimitDecision): Record<string, string> {
  return {
    'RateLimit-Policy': `"${policy.name}";q=${policy.quota};w=${policy.windowSeconds}`,
    RateLimit: `"${policy.name}";r=${decision.remaining};t=${decision.resetSeconds}`,
  };
}

/**
 * The part of an address that stands for one client: IPv4 as a whole, of IPv6 the first 64 bits, because one client
 * commands all addresses of such a network. Not an address: as it is.
 */
export function clientNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
