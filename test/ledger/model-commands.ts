import assert from 'node:assert/strict';
import type { AsyncCommand } from 'fast-check';
import type { DataSource } from 'typeorm';
import { DomainError, RawCount, newId } from '#core';
import type { MovableClock } from '#core';
import { audienceSizeLoss } from '../../src/releases/precision.ts';
import { questionDocument, releaseKey } from '../../src/releases/release-question.ts';
import type { CountQuestion } from '../../src/releases/release-question.ts';
import { faultsOf } from './book-faults.ts';
import { readBooks } from './books.ts';
import type { Books } from './books.ts';
import { question, request } from './gate.ts';
import type { Gate } from './gate.ts';
import { sumsOf } from './ledger-model.ts';
import type { LedgerModel } from './ledger-model.ts';

/** The real thing, and what stands around it. */
export interface World {
  /** Of the process that lives now. */
  gate: Gate;
  readonly clock: MovableClock;
  readonly brands: readonly string[];
  /** Folder of the high-water marks. */
  readonly marks: string;
  /** Opens the gate of another process. */
  readonly open: () => Promise<Gate>;
  /** The database without a process of the service. */
  readonly administrator: DataSource;
  /** Reconciliations that had something to charge. */
  reconciled: number;
}

interface Asked {
  readonly brand: number;
  readonly country: 'FR' | 'ES';
  readonly population: number;
  readonly precision: 'standard' | 'coarse';
}

type Outcome = 'answers' | 'refundable' | 'burning';

const FAILURES = {
  refundable: (): Error => new DomainError('warehouse-busy', { public: 'Too many questions wait.' }),
  burning: (): Error => new DomainError('warehouse-limit', { public: 'It took too long.' }),
};

const END = { answers: 'committed', refundable: 'refunded', burning: 'burned' } as const;

interface Priced {
  readonly asked: CountQuestion;
  readonly key: string;
  readonly scopes: readonly string[];
  readonly nanoRho: bigint;
}

function priced({ brand, country, population, precision }: Asked, { brands }: World): Priced {
  const brandId = brands[brand] ?? '';
  const asked = question(brandId, population, { country, precision });
  const scopes = [`global:${country}`, `brand:${brandId}`];
  return { asked, key: releaseKey(asked), scopes, nanoRho: audienceSizeLoss(precision).nanoRho };
}

/** Fails where the budget has forgotten an answer that somebody has seen: ever, or in a window that holds it. */
function requireRemembered(model: LedgerModel, { scopes, days }: Books): void {
  const { month, year } = model.windows();
  for (const { id, settledNanoRho } of scopes) {
    const shown = model.shown.filter((answer) => answer.scopes.includes(id));
    const sum = (from: string): bigint =>
      shown.filter(({ day }) => day >= from).reduce((total, { nanoRho }) => total + nanoRho, 0n);
    const spent = (from: string): bigint =>
      days.filter(({ scope, day }) => scope === id && day >= from).reduce((total, day) => total + day.committed, 0n);
    assert.ok(settledNanoRho >= sum(''), `${id} has forgotten what was answered`);
    assert.ok(spent(month) >= sum(month), `${id} has forgotten what was answered this month`);
    assert.ok(spent(year) >= sum(year), `${id} has forgotten what was answered in a year`);
  }
}

export abstract class LedgerCommand implements AsyncCommand<LedgerModel, World> {
  check(_model: Readonly<LedgerModel>): boolean {
    return true;
  }

  /** Does it to both, then compares every sum that the database holds and every answer that was ever given. */
  async run(model: LedgerModel, world: World): Promise<void> {
    await this.apply(model, world);
    const books = await readBooks(world.gate.source.manager);
    assert.deepEqual(faultsOf(books), []);
    assert.deepEqual(sumsOf(books.charges, books.adjustments), model.sums());
    assert.equal(world.gate.highWater.mismatch !== null, model.readOnly);
    if (!model.readOnly) requireRemembered(model, books);
    assert.deepEqual(
      books.releases.map(({ state }) => state).toSorted(),
      model.releases.map(({ state }) => state).toSorted(),
    );
  }

  protected abstract apply(model: LedgerModel, world: World): Promise<void>;

  abstract toString(): string;
}

/** Asks a question whose query, if one is run, ends in the given way. */
export class AskCommand extends LedgerCommand {
  readonly #asked: Asked & { readonly outcome: string };

  constructor(asked: Asked & { readonly outcome: string }) {
    super();
    this.#asked = asked;
  }

  protected async apply(model: LedgerModel, world: World): Promise<void> {
    const { asked, key, scopes, nanoRho } = priced(this.#asked, world);
    const outcome = this.#asked.outcome as Outcome;
    let queries = 0;
    const measure = (): Promise<RawCount> => {
      queries++;
      return outcome === 'answers' ? Promise.resolve(new RawCount(50_000n)) : Promise.reject(FAILURES[outcome]());
    };
    const live = model.live(key);
    const joins = live !== undefined && !model.isExpired(live);
    // Nobody works on an open release that was left behind: waiting for it would last the whole time.
    const waitMs = joins && live.state !== 'committed' ? 0 : 20_000;
    const call = world.gate.releases.release(request(asked, { measure, waitMs }));
    if (joins) {
      const { row, visible, replayed, chargedNanoRho } = await call;
      assert.deepEqual({ replayed, chargedNanoRho, queries }, { replayed: true, chargedNanoRho: 0n, queries: 0 });
      assert.deepEqual([visible, row.answer], [live.state === 'committed', live.answer ?? null]);
      return;
    }
    if (model.readOnly) {
      await assert.rejects(call, { code: 'ledger-read-only' });
      assert.equal(queries, 0);
      return;
    }
    if (live !== undefined) model.settle(live);
    if (!model.fits(scopes, nanoRho)) {
      await assert.rejects(call, { code: 'privacy-budget-exhausted' });
      assert.equal(queries, 0);
      return;
    }
    const { row, replayed, chargedNanoRho } = await call;
    assert.deepEqual({ replayed, chargedNanoRho, queries }, { replayed: false, chargedNanoRho: nanoRho, queries: 1 });
    const release = model.add(key, scopes, nanoRho, END[outcome]);
    if (row.answer !== null) release.answer = row.answer;
    model.show(release);
  }

  override toString(): string {
    return `ask ${JSON.stringify(this.#asked)}`;
  }
}

/** A process reserves, perhaps begins the query, and is never heard of again. */
export class CrashCommand extends LedgerCommand {
  readonly #asked: Asked & { readonly state: 'reserved' | 'running' };

  constructor(asked: Asked & { readonly state: 'reserved' | 'running' }) {
    super();
    this.#asked = asked;
  }

  /** A process that lets nobody in reserves nothing. */
  override check(model: Readonly<LedgerModel>): boolean {
    return !model.readOnly;
  }

  protected async apply(model: LedgerModel, world: World): Promise<void> {
    const { gate, clock } = world;
    const { asked, key, scopes, nanoRho } = priced(this.#asked, world);
    const now = clock.now();
    const leaseUntil = now + gate.config.reservationLeaseMs;
    await gate.filter.open(asked);
    const id = newId('release', now);
    const opening = gate.source.transaction(async (manager) => {
      const added = await gate.store.insertReserved(manager, {
        ...asked,
        id,
        releaseKey: key,
        question: questionDocument(asked),
        price: { nanoRho, quectoTheta: 0n },
        requestedBy: 'key_test',
        actingFor: null,
        createdAt: now,
        leaseUntil,
      });
      if (added)
        await gate.filter.reserve(manager, {
          releaseId: id,
          payers: asked,
          price: { nanoRho, quectoTheta: 0n },
          at: now,
        });
      return added;
    });
    if (model.live(key) !== undefined) {
      assert.equal(await opening, false);
    } else if (model.fits(scopes, nanoRho)) {
      assert.equal(await opening, true);
      model.add(key, scopes, nanoRho, this.#asked.state);
      if (this.#asked.state === 'running') assert.equal(await gate.store.start(id, now, leaseUntil), true);
    } else {
      await assert.rejects(opening, { code: 'privacy-budget-exhausted' });
    }
  }

  override toString(): string {
    return `crash ${JSON.stringify(this.#asked)}`;
  }
}

export class MoveClockCommand extends LedgerCommand {
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    super();
    this.#milliseconds = milliseconds;
  }

  protected apply(model: LedgerModel, { clock }: World): Promise<void> {
    clock.move(this.#milliseconds);
    model.now += this.#milliseconds;
    return Promise.resolve();
  }

  override toString(): string {
    return `move the clock by ${this.#milliseconds} ms`;
  }
}

export class ReapCommand extends LedgerCommand {
  protected async apply(model: LedgerModel, { gate }: World): Promise<void> {
    const expired = model.readOnly ? [] : model.releases.filter((release) => model.isExpired(release));
    assert.equal(await gate.settlement.reap(), expired.length);
    for (const release of expired) model.settle(release);
  }

  override toString(): string {
    return 'reap';
  }
}
