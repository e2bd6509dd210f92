import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { RawCount } from '#core';
import type { DatabaseConnection } from '../../src/database/connection.ts';
import { ReleaseStoreService } from '../../src/releases/release-store.service.ts';
import { HighWaterFolder } from '../../src/releases/high-water-folder.ts';
import type { HighWaterMark } from '../../src/releases/high-water-mark.ts';
import { HighWaterMarkService } from '../../src/releases/high-water-mark.service.ts';
import { MARK_KEY, capsInReads, openGate, question, request } from './gate.ts';

/** What a spender is told, as JSON in its first argument. */
export interface SpenderOrders {
  readonly connection: DatabaseConnection;
  readonly brands: readonly string[];
  /** Questions are drawn from `[from, from + 200)`. */
  readonly from: number;
  readonly leaseMs: number;
  /** Folder of the high-water marks. */
  readonly marks: string;
  /**
   * `gate`: the product. `before-commit`: a gate that hands the answer out before its transaction is committed.
   * `asynchronous`: a product without high-water marks on a server that acknowledges commits before they are on disk.
   */
  readonly variant: 'gate' | 'before-commit' | 'asynchronous';
}

/** A line of its output: an answer that a client has received, or the ledger is taken for an older one. */
export type SpenderLine = ReceivedAnswer | { readonly alarm: string };

/** An answer that a client has received. */
export interface ReceivedAnswer {
  readonly releaseId: string;
  readonly answer: string;
}

const CALLERS = 8;
const QUESTIONS = 200;
const LONGEST_QUERY_MS = 10;

const orders = JSON.parse(process.argv[2] ?? '{}') as SpenderOrders;
const random = (below: number): number => randomInt(below);

// On POSIX a write to a pipe is done when this returns: what is written was received, whatever becomes of us.
const hand = (received: SpenderLine): boolean => process.stdout.write(`${JSON.stringify(received)}\n`);

class HastyStore extends ReleaseStoreService {
  override async commit(...args: Parameters<ReleaseStoreService['commit']>): Promise<boolean> {
    hand({ releaseId: args[1], answer: args[2] });
    return await super.commit(...args);
  }
}

class Unmarked extends HighWaterMarkService {
  override look(): Promise<void> {
    return Promise.resolve();
  }

  override admit(): Promise<HighWaterMark> {
    return Promise.resolve({ ledgerId: '', totals: new Map(), writtenAt: 0, exchanged: false });
  }

  override cover(): Promise<void> {
    return Promise.resolve();
  }
}

const gate = await openGate({
  connection: orders.connection,
  leaseMs: orders.leaseMs,
  marks: new HighWaterFolder(orders.marks, MARK_KEY),
  budgets: capsInReads({ globalMonth: 1e7, globalYear: 1e7, brandMonth: 1e7, brandYear: 1e7 }),
  ...(orders.variant === 'before-commit' ? { makeStore: (source) => new HastyStore(source) } : {}),
  ...(orders.variant === 'asynchronous'
    ? { pool: { options: '-c synchronous_commit=off' }, makeHighWater: (...parts) => new Unmarked(...parts) }
    : {}),
});

function alarmed(): void {
  const { mismatch } = gate.highWater;
  if (mismatch !== null) hand({ alarm: mismatch.notice });
}

async function measure(): Promise<RawCount> {
  await delay(random(LONGEST_QUERY_MS));
  return new RawCount(50_000n);
}

/** One client: asks, keeps what it is told, asks again, also while the database is away. */
async function call(): Promise<never> {
  for (;;) {
    const asked = question(orders.brands[random(orders.brands.length)] ?? '', orders.from + random(QUESTIONS));
    try {
      const { row, visible } = await gate.releases.release(request(asked, { measure, waitMs: 500 }));
      if (visible && row.answer !== null && orders.variant !== 'before-commit') {
        hand({ releaseId: row.id, answer: row.answer });
      }
    } catch {
      alarmed();
      await delay(20);
    }
  }
}

// Ends with the test that started it, however that ends.
process.stdin.resume().once('end', () => process.exit());
Logger.overrideLogger(false);
alarmed();
await Promise.all(Array.from({ length: CALLERS }, call));
