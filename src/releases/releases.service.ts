import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError, newId } from '#core';
import type { RawCount } from '#core';
import { releaseCount } from '#privacy';
import type { PrivacyLoss } from '#privacy';
import type { DataVersion } from '#warehouse';
import type { Actor } from '../access/principal.ts';
import { BudgetFilterService } from './budget-filter.service.ts';
import type { Payers } from './budget-scope.ts';
import type { HighWaterMark } from './high-water-mark.ts';
import { audienceSizeLoss, audienceSizePlan } from './precision.ts';
import { releaseAnswer } from './release-answer.ts';
import { ReleaseContext } from './release-context.ts';
import { questionDocument, releaseKey } from './release-question.ts';
import type { CountQuestion } from './release-question.ts';
import { ReleaseSettlementService } from './release-settlement.service.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseListing, ReleaseRow } from './release-store.service.ts';
import { ReleaseWaitService } from './release-wait.service.ts';
import { hiddenSpan, outcomeSlot } from './slot.ts';

export type { CountQuestion } from './release-question.ts';
export { PRECISIONS } from './precision.ts';
export type { Precision } from './precision.ts';

export interface ReleaseRequest {
  readonly question: CountQuestion;
  readonly data: DataVersion;
  /** Campaign whose quota pays as well. */
  readonly campaignId?: string;
  /** Who asks; recorded, not charged. */
  readonly actor: Actor;
  /** Runs the query. Called at most once, after the charge is reserved; the value stays closed until it is noised. */
  readonly measure: (signal: AbortSignal) => Promise<RawCount>;
  /** How long the caller waits for the outcome, milliseconds. */
  readonly waitMs: number;
}

/** What the caller of a release sees: the row once its outcome is visible, or the row of one still running. */
export interface ReleaseOutcome {
  readonly row: ReleaseRow;
  readonly visible: boolean;
  /** The answer existed, or somebody else's call is producing it: this call was charged nothing. */
  readonly replayed: boolean;
  readonly chargedNanoRho: bigint;
}

/** Where a release stands among the final charges of its country; null when it has none. */
type Settled = Pick<ReleaseRow, 'country' | 'settledPosition'>;

/** A release that this call has opened. */
interface Opened {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  readonly price: PrivacyLoss;
  /** The mark under which it was let in. */
  readonly admitted: HighWaterMark;
}

/** A question whose open release keeps being settled under us is given up after this many tries. */
const ATTEMPTS = 5;

/**
 * The gate: the only way a number about members leaves.
 *
 * Reserve the price in all scopes, run the query, add noise and store the answer, answer only after that is durable.
 * The same canonical question on the same data is answered from the stored bytes for ever and charged once, also to
 * callers that arrive at the same moment. A failure after the query began keeps the charge unless it cannot depend on
 * rows. A process that dies leaves a lease behind; when it ends the reservation is given back if the query never
 * began, and stays spent otherwise.
 */
@Injectable()
export class ReleasesService implements BeforeApplicationShutdown {
  readonly #log = new Logger(ReleasesService.name);
  readonly #work = new Map<string, Promise<void>>();
  /** Reservations on their way: a stop waits for what they turn into. */
  readonly #reserving = new Set<Promise<unknown>>();
  #stopping = false;

  constructor(
    private readonly source: DataSource,
    private readonly store: ReleaseStoreService,
    private readonly filter: BudgetFilterService,
    private readonly settlement: ReleaseSettlementService,
    private readonly waiting: ReleaseWaitService,
    private readonly context: ReleaseContext,
  ) {}

  /**
   * Answers a question, from the store where it was answered before.
   *
   * @throws DomainError `privacy-budget-exhausted` before anything is run or charged; `service-unavailable` for a new
   *   question while the service stops; `ledger-read-only` for a new question while the ledger is; either of the two for
   *   an outcome whose charge no high-water mark covers.
   */
  async release(request: ReleaseRequest): Promise<ReleaseOutcome> {
    const key = releaseKey(request.question);
    const { clock, config } = this.context;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const existing = await this.store.findJoinable(key, hiddenSpan(clock.now(), config.releaseSlotMs));
      if (existing === undefined) {
        const opened = await this.#open(request, key);
        if (opened !== null) return await this.#outcome(opened.id, request.waitMs, opened);
      } else if (!(await this.settlement.settleIfExpired(existing))) {
        return await this.#outcome(existing.id, request.waitMs, null);
      }
    }
    throw notNow();
  }

  /** A release of one of these brands; undefined for any other, whether it exists or not. */
  async find(
    id: string,
    waitMs: number,
    brandIds: readonly string[],
  ): Promise<{ row: ReleaseRow; visible: boolean } | undefined> {
    const row = await this.store.find(id);
    if (row === undefined || !brandIds.includes(row.brandId)) return undefined;
    const seen = await this.waiting.awaitVisible(id, waitMs, this.#work.get(id));
    if (seen !== undefined) await this.#cover(seen.row);
    return seen;
  }

  /** Releases of these brands, newest first; one more than `limit` where there are more. */
  async list(brandIds: readonly string[], listing: ReleaseListing): Promise<ReleaseRow[]> {
    const rows = await this.store.list(brandIds, listing);
    await Promise.all(rows.map((row) => this.#cover(row)));
    return rows;
  }

  /** Lets running queries end and begins none, so that a planned stop burns no charge. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    // Ends: nothing is added to either any more, but what a reservation turns into.
    while (this.#reserving.size + this.#work.size > 0) {
      await Promise.allSettled([...this.#reserving, ...this.#work.values()]);
    }
  }

  async #outcome(id: string, waitMs: number, opened: Opened | null): Promise<ReleaseOutcome> {
    const seen = await this.waiting.awaitVisible(id, waitMs, this.#work.get(id));
    if (seen === undefined) throw new Error(`release ${id} has no row`);
    await this.#cover(seen.row, opened);
    return { ...seen, replayed: opened === null, chargedNanoRho: opened?.price.nanoRho ?? 0n };
  }

  /** Whoever shows an outcome covers its charge by a high-water mark first. */
  async #cover({ country, settledPosition }: Settled, opened: Opened | null = null): Promise<void> {
    const { highWater } = this.context;
    if (settledPosition === null) return;
    if (opened === null) await highWater.cover(country, settledPosition);
    else await highWater.coverNew(country, settledPosition, opened.admitted);
  }

  /** Opens, charges and starts a release; null when somebody else opened it first. */
  async #open(request: ReleaseRequest, key: string): Promise<Opened | null> {
    if (this.#stopping) throw notNow();
    const opening = this.#reserveAndRun(request, key);
    this.#reserving.add(opening);
    return await opening.finally(() => this.#reserving.delete(opening));
  }

  async #reserveAndRun(request: ReleaseRequest, key: string): Promise<Opened | null> {
    const admitted = await this.context.highWater.admit();
    const openedAt = this.context.clock.now();
    const id = newId('release', openedAt);
    const price = audienceSizeLoss(request.question.precision);
    const opened = { id, openedAt, price, admitted };
    if (!(await this.#reserve(opened, request, key))) return null;
    const work = this.#runAndCover(opened, request).finally(() => this.#work.delete(id));
    this.#work.set(id, work);
    return opened;
  }

  /** Covered before its slot: how long that takes is no more to be seen than how long the query took. */
  async #runAndCover(opened: Opened, request: ReleaseRequest): Promise<void> {
    const settled = await this.#run(opened, request);
    try {
      const row = settled ?? (await this.store.find(opened.id));
      if (row !== undefined) await this.#cover(row, opened);
    } catch (error) {
      this.#log.error({ msg: 'an outcome is not covered and will not be shown', releaseId: opened.id, err: error });
    }
  }

  /** The reserved row and its charge, in one transaction. @returns false when somebody else opened the question first. */
  async #reserve({ id, openedAt, price }: Opened, request: ReleaseRequest, key: string): Promise<boolean> {
    const { question, actor, campaignId } = request;
    const { kind, brandId, country, dataVersion } = question;
    const payers: Payers = { country, brandId, campaignId };
    await this.filter.open(payers);
    return await this.source.transaction(async (manager) => {
      const added = await this.store.insertReserved(manager, {
        id,
        releaseKey: key,
        kind,
        brandId,
        country,
        dataVersion,
        question: questionDocument(question),
        price,
        requestedBy: actor.id,
        actingFor: actor.actingFor ?? null,
        createdAt: openedAt,
        leaseUntil: openedAt + this.context.config.reservationLeaseMs,
      });
      if (added) await this.filter.reserve(manager, { releaseId: id, payers, price, at: openedAt });
      return added;
    });
  }

  /**
   * Runs one reserved release to its end. Never rejects: the outcome is in the row.
   *
   * @returns its charge where it was answered.
   */
  async #run(opened: Opened, request: ReleaseRequest): Promise<Settled | undefined> {
    const { id } = opened;
    const { clock, config } = this.context;
    const renewal = setInterval(() => {
      this.store
        .renewLease(id, clock.now() + config.reservationLeaseMs)
        .catch((error: unknown) => this.#log.warn(error));
    }, config.reservationLeaseMs / 3);
    try {
      const now = clock.now();
      if (!(await this.store.start(id, now, now + config.reservationLeaseMs))) return undefined;
      return await this.#measureAndCommit(opened, request);
    } catch (error) {
      await this.settlement.settleFailure(id, error).catch((failure: unknown) => this.#log.error(failure));
      return undefined;
    } finally {
      clearInterval(renewal);
    }
  }

  async #measureAndCommit({ id, openedAt }: Opened, request: ReleaseRequest): Promise<Settled | undefined> {
    const { question, data } = request;
    const { clock, config, audit } = this.context;
    const raw = await request.measure(AbortSignal.timeout(config.queryDeadlineMs));
    // What is answered now would be taken for a part of what the ledger has forgotten.
    this.context.highWater.requireWritable(true);
    const noised = releaseCount(raw, audienceSizePlan(question.precision), this.context.random);
    const now = clock.now();
    const visibleAt = outcomeSlot(openedAt, now, config.releaseSlotMs);
    const answer = releaseAnswer(noised, { releaseId: id, question, data, visibleAt });
    return await this.source.transaction(async (manager) => {
      // Somebody settled an expired lease meanwhile: the noised value is dropped, as if it had never been drawn.
      if (!(await this.store.commit(manager, id, JSON.stringify(answer), now, visibleAt))) return undefined;
      const settledPosition = await this.filter.commit(manager, id);
      await audit.record(manager, {
        stream: question.brandId,
        actor: request.actor.id,
        actingFor: request.actor.actingFor,
        action: 'release.committed',
        at: visibleAt,
        resource: id,
        details: { kind: question.kind, country: question.country, nanoRho: answer.nanoRho, dataVersion: data.version },
      });
      return { country: question.country, settledPosition };
    });
  }
}

const notNow = (): DomainError =>
  new DomainError('service-unavailable', {
    public: 'The answer to this question could not be produced now; nothing was charged.',
    retryAfterSeconds: 2,
    extensions: { charged: false },
  });
