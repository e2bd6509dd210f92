import { Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DomainError, newId } from '#core';
import type { RawCount } from '#core';
import { releaseCount } from '#privacy';
import type { DataVersion } from '#warehouse';
import type { Actor } from '../access/principal.ts';
import { BudgetFilterService } from './budget-filter.service.ts';
import type { Payers } from './budget-scope.ts';
import { audienceSizeLoss, audienceSizePlan } from './precision.ts';
import { releaseAnswer } from './release-answer.ts';
import { ReleaseContext } from './release-context.ts';
import { questionDocument, releaseKey } from './release-question.ts';
import type { CountQuestion } from './release-question.ts';
import { ReleaseSettlementService } from './release-settlement.service.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseListing, ReleaseRow } from './release-store.service.ts';
import { ReleaseWaitService } from './release-wait.service.ts';
import { nextSlot } from './slot.ts';

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
   *   question while the service stops.
   */
  async release(request: ReleaseRequest): Promise<ReleaseOutcome> {
    const key = releaseKey(request.question);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const existing = await this.store.findOpenOrAnswered(key);
      if (existing === undefined) {
        const id = await this.#open(request, key);
        if (id !== null)
          return await this.#outcome(id, request.waitMs, audienceSizeLoss(request.question.precision).nanoRho);
      } else if (!(await this.settlement.settleIfExpired(existing))) {
        return await this.#outcome(existing.id, request.waitMs, 0n);
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
    return await this.waiting.awaitVisible(id, waitMs, this.#work.get(id));
  }

  /** Releases of these brands, newest first; one more than `limit` where there are more. */
  async list(brandIds: readonly string[], listing: ReleaseListing): Promise<ReleaseRow[]> {
    return await this.store.list(brandIds, listing);
  }

  /** Lets running queries end and begins none, so that a planned stop burns no charge. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    // Ends: nothing is added to either any more, but what a reservation turns into.
    while (this.#reserving.size + this.#work.size > 0) {
      await Promise.allSettled([...this.#reserving, ...this.#work.values()]);
    }
  }

  async #outcome(id: string, waitMs: number, chargedNanoRho: bigint): Promise<ReleaseOutcome> {
    const seen = await this.waiting.awaitVisible(id, waitMs, this.#work.get(id));
    if (seen === undefined) throw new Error(`release ${id} has no row`);
    return { ...seen, replayed: chargedNanoRho === 0n, chargedNanoRho };
  }

  /** Opens, charges and starts a release; null when somebody else opened it first. */
  async #open(request: ReleaseRequest, key: string): Promise<string | null> {
    if (this.#stopping) throw notNow();
    const opening = this.#reserveAndRun(request, key);
    this.#reserving.add(opening);
    return await opening.finally(() => this.#reserving.delete(opening));
  }

  async #reserveAndRun(request: ReleaseRequest, key: string): Promise<string | null> {
    const id = await this.#reserve(request, key);
    if (id === null) return null;
    const work = this.#run(id, request).finally(() => this.#work.delete(id));
    this.#work.set(id, work);
    return id;
  }

  /** The reserved row and its charge, in one transaction. */
  async #reserve(request: ReleaseRequest, key: string): Promise<string | null> {
    const { question } = request;
    const { clock, config } = this.context;
    const now = clock.now();
    const id = newId('release', now);
    const price = audienceSizeLoss(question.precision);
    const payers: Payers = { country: question.country, brandId: question.brandId, campaignId: request.campaignId };
    await this.filter.open(payers);
    const reserved = await this.source.transaction(async (manager) => {
      const added = await this.store.insertReserved(manager, {
        id,
        releaseKey: key,
        kind: question.kind,
        brandId: question.brandId,
        country: question.country,
        dataVersion: question.dataVersion,
        question: questionDocument(question),
        price,
        requestedBy: request.actor.id,
        actingFor: request.actor.actingFor ?? null,
        createdAt: now,
        leaseUntil: now + config.reservationLeaseMs,
      });
      if (added) await this.filter.reserve(manager, { releaseId: id, payers, price, at: now });
      return added;
    });
    return reserved ? id : null;
  }

  /** Runs one reserved release to its end. Never rejects: the outcome is in the row. */
  async #run(id: string, request: ReleaseRequest): Promise<void> {
    const { clock, config } = this.context;
    const renewal = setInterval(() => {
      this.store
        .renewLease(id, clock.now() + config.reservationLeaseMs)
        .catch((error: unknown) => this.#log.warn(error));
    }, config.reservationLeaseMs / 3);
    try {
      const now = clock.now();
      if (!(await this.store.start(id, now, now + config.reservationLeaseMs))) return;
      await this.#measureAndCommit(id, request);
    } catch (error) {
      await this.settlement.settleFailure(id, error).catch((failure: unknown) => this.#log.error(failure));
    } finally {
      clearInterval(renewal);
    }
  }

  async #measureAndCommit(id: string, request: ReleaseRequest): Promise<void> {
    const { question, data } = request;
    const { clock, config, audit } = this.context;
    const raw = await request.measure(AbortSignal.timeout(config.queryDeadlineMs));
    const noised = releaseCount(raw, audienceSizePlan(question.precision), this.context.random);
    const now = clock.now();
    const visibleAt = nextSlot(now, config.releaseSlotMs);
    const answer = releaseAnswer(noised, { releaseId: id, question, data, visibleAt });
    await this.source.transaction(async (manager) => {
      // Somebody settled an expired lease meanwhile: the noised value is dropped, as if it had never been drawn.
      if (!(await this.store.commit(manager, id, JSON.stringify(answer), now, visibleAt))) return;
      await this.filter.commit(manager, id);
      await audit.record(manager, {
        stream: question.brandId,
        actor: request.actor.id,
        actingFor: request.actor.actingFor,
        action: 'release.committed',
        at: visibleAt,
        resource: id,
        details: { kind: question.kind, country: question.country, nanoRho: answer.nanoRho, dataVersion: data.version },
      });
    });
  }
}

const notNow = (): DomainError =>
  new DomainError('service-unavailable', {
    public: 'The answer to this question could not be produced now; nothing was charged.',
    retryAfterSeconds: 2,
    extensions: { charged: false },
  });
