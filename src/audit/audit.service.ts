import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { Clock, Json } from '#core';
import { CLOCK } from '../config/clock.ts';
import { GENESIS, chainHash } from './audit-chain.ts';
import type { AuditRecord } from './audit-chain.ts';

export interface AuditEvent {
  /** Key or identity id of who acts. */
  readonly actor: string;
  /** Brand id when the actor acts for somebody else. */
  readonly actingFor?: string | null | undefined;
  readonly action: string;
  readonly resource: string;
  /** Parameters and decision; never member data, never a secret. */
  readonly details?: Json;
  /** The chain it belongs to: a brand id, or `retailer`. */
  readonly stream: string;
  /** When it may be known, milliseconds since the epoch; by default now. Until then no list shows it. */
  readonly at?: number;
}

interface EntryRow {
  readonly stream: string;
  readonly seq: string;
  readonly at: Date;
  readonly actor: string;
  readonly acting_for: string | null;
  readonly action: string;
  readonly resource: string;
  readonly details: Json;
  readonly previous_hash: string;
  readonly hash: string;
}

/** Entries read at once when a chain is verified. */
const VERIFY_BATCH = 1_000;

/**
 * The append-only log of who did what. Entries of one stream form a hash chain, so an edit, a deletion or a reordering
 * in the table shows at the first entry that no longer fits. The newest entry's hash vouches for all before it.
 */
@Injectable()
export class AuditService {
  readonly #source: DataSource;
  readonly #clock: Clock;

  constructor(source: DataSource, @Inject(CLOCK) clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /**
   * Appends one entry inside the caller's transaction: the act and its record are committed together or not at all.
   * Take other locks first; the chain's lock is held until the transaction ends.
   */
  async record(manager: EntityManager, event: AuditEvent): Promise<void> {
    const record = this.#next(event, await lockHead(manager, event.stream));
    await manager.query(
      `WITH head AS (UPDATE audit_head SET seq = $2, hash = $10 WHERE stream = $1)
       INSERT INTO audit_entry (stream, seq, at, actor, acting_for, action, resource, details, previous_hash, hash)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        record.stream,
        record.seq,
        record.at,
        record.actor,
        record.actingFor,
        record.action,
        record.resource,
        JSON.stringify(record.details),
        record.previousHash,
        chainHash(record),
      ],
    );
  }

  #next(event: AuditEvent, head: Head): AuditRecord {
    return {
      stream: event.stream,
      seq: (BigInt(head.seq) + 1n).toString(),
      at: new Date(event.at ?? this.#clock.now()).toISOString(),
      actor: event.actor,
      actingFor: event.actingFor ?? null,
      action: event.action,
      resource: event.resource,
      details: event.details ?? {},
      previousHash: head.hash,
    };
  }

  /** Entries of one stream, newest first, before `beforeSeq` where given. */
  async list(stream: string, limit: number, beforeSeq?: string): Promise<(AuditRecord & { hash: string })[]> {
    const rows = await this.#source.query<EntryRow[]>(
      `SELECT * FROM audit_entry WHERE stream = $1 AND ($2::bigint IS NULL OR seq < $2) AND at <= $4
       ORDER BY seq DESC LIMIT $3`,
      [stream, beforeSeq ?? null, limit, new Date(this.#clock.now())],
    );
    return rows.map(fromRow);
  }

  /**
   * Recomputes a chain from its first entry to its head, on one snapshot, so that appends meanwhile do no harm.
   *
   * @returns how many entries may be known by now and the number of the first that does not fit, or null when all do. A cut
   * tail is reported as the first missing number, an entry after the head as that entry's.
   */
  async verify(stream: string): Promise<{ entries: string; firstBrokenSeq: string | null }> {
    return await this.#source.transaction('REPEATABLE READ', async (manager) => {
      const [head] = await manager.query<{ seq: string; hash: string }[]>(
        `SELECT seq, hash FROM audit_head WHERE stream = $1`,
        [stream],
      );
      const { seq, hash } = head ?? { seq: '0', hash: GENESIS };
      const broken = await firstMisfit(manager, stream, { seq: BigInt(seq), hash });
      const [later] = await manager.query<{ entries: string }[]>(
        `SELECT count(*) AS entries FROM audit_entry WHERE stream = $1 AND at > $2`,
        [stream, new Date(this.#clock.now())],
      );
      const entries = BigInt(seq) - BigInt(later?.entries ?? 0);
      return { entries: entries.toString(), firstBrokenSeq: broken?.toString() ?? null };
    });
  }
}

interface Head {
  readonly seq: string;
  readonly hash: string;
}

/** The end of a chain, locked until the transaction ends; a new chain is begun. */
async function lockHead(manager: EntityManager, stream: string): Promise<Head> {
  const lock = (): Promise<Head[]> =>
    manager.query<Head[]>(`SELECT seq, hash FROM audit_head WHERE stream = $1 FOR UPDATE`, [stream]);
  const [head] = await lock();
  if (head !== undefined) return head;
  await manager.query(`INSERT INTO audit_head (stream, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING`, [
    stream,
    GENESIS,
  ]);
  const [begun] = await lock();
  if (begun === undefined) throw new Error(`audit stream ${stream} has no head`);
  return begun;
}

/** Number of the first entry that does not follow from those before it or goes past the head; null when all fit. */
async function firstMisfit(
  manager: EntityManager,
  stream: string,
  head: { seq: bigint; hash: string },
): Promise<bigint | null> {
  let previousHash: string = GENESIS;
  let seq = 0n;
  for (;;) {
    const rows = await manager.query<EntryRow[]>(
      `SELECT * FROM audit_entry WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      [stream, seq.toString(), VERIFY_BATCH],
    );
    for (const entry of rows.map(fromRow)) {
      const next = seq + 1n;
      const follows = entry.seq === next.toString() && entry.previousHash === previousHash && next <= head.seq;
      if (!follows || chainHash(entry) !== entry.hash) return next;
      previousHash = entry.hash;
      seq = next;
    }
    if (rows.length < VERIFY_BATCH) break;
  }
  if (seq < head.seq) return seq + 1n;
  return previousHash === head.hash ? null : seq;
}

function fromRow(row: EntryRow): AuditRecord & { hash: string } {
  return {
    stream: row.stream,
    seq: row.seq,
    at: row.at.toISOString(),
    actor: row.actor,
    actingFor: row.acting_for,
    action: row.action,
    resource: row.resource,
    details: row.details,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
