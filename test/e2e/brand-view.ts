import type { Answer, Caller } from './client.ts';

/** What differs from one request, one service or one hour to the next whatever the data. */
const PASSING_HEADERS: ReadonlySet<string> = new Set(['date', 'x-request-id', 'content-length', 'etag']);
const IDS = /\b(rel|brd|agy|aud|key)_[0-9a-hjkmnp-tv-z]{26}\b/g;
const DIGESTS = /\b[0-9a-f]{64}\b/g;
const REQUESTS = /"(traceId|instance)":"[^"]*"/g;
/** A released count and its interval: the exact count, hidden by noise. */
const VALUES = /"(value|interval95)":(\d+|\[[^\]]*\])/g;

/** An answer without what names this very request, release or service. */
export interface NamelessAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

const withoutNames = (text: string): string =>
  text
    .replaceAll(IDS, '$1_')
    .replaceAll(DIGESTS, 'digest')
    .replaceAll(REQUESTS, '"$1":""')
    .replaceAll(VALUES, '"$1":0');

/** Status, headers and body, released numbers masked. */
export function nameless({ status, headers, text }: Answer): NamelessAnswer {
  const kept = [...headers].filter(([name]) => !PASSING_HEADERS.has(name) && !name.startsWith('ratelimit'));
  return { status, headers: kept.map(([name, value]) => `${name}: ${withoutNames(value)}`), body: withoutNames(text) };
}

/** A release of a saved audience. */
export interface SizeAddress {
  readonly brandId: string;
  readonly audienceId: string;
  readonly releaseId: string;
}

/** Everything a brand can read that may know of a release, by path. It asks no question anew. */
export async function everythingRead(brand: Caller, at: SizeAddress): Promise<Record<string, NamelessAnswer>> {
  const audience = `/v1/audiences/${at.audienceId}`;
  const paths = [
    `/v1/releases/${at.releaseId}`,
    '/v1/releases',
    `/v1/releases?audience=${at.audienceId}`,
    audience,
    `${audience}/sizes`,
    `${audience}/sizes/${at.releaseId}`,
    '/v1/budgets',
    `/v1/budgets/brand:${at.brandId}/charges`,
    '/v1/audit/entries',
    '/v1/audit/verify',
  ];
  const seen: Record<string, NamelessAnswer> = {};
  for (const path of paths) seen[withoutNames(path)] = nameless(await brand.get(path));
  seen['dry run'] = nameless(await brand.post(`${audience}/sizes?dryRun=true`, {}));
  return seen;
}
