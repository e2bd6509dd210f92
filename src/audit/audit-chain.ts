import { canonicalJson, sha256Hex } from '#core';
import type { Json } from '#core';

/** One entry of an audit chain without its own hash. `seq` counts from 1 within the stream. */
export interface AuditRecord {
  readonly stream: string;
  readonly seq: string;
  readonly at: string;
  readonly actor: string;
  readonly actingFor: string | null;
  readonly action: string;
  readonly resource: string;
  readonly details: Json;
  readonly previousHash: string;
}

/** What the first entry of a chain names as the hash before it. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the canonical JSON of every member of the record, 64 hex digits. */
export function chainHash(record: AuditRecord): string {
  const { stream, seq, at, actor, actingFor, action, resource, details, previousHash } = record;
  return sha256Hex(canonicalJson({ stream, seq, at, actor, actingFor, action, resource, details, previousHash }));
}
