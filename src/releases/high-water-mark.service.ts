import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DomainError } from '#core';
import type { Clock } from '#core';
import { CLOCK } from '../config/clock.ts';
import { scopeId } from './budget-scope.ts';
import { HighWaterFolder } from './high-water-folder.ts';
import type { MarkFile } from './high-water-folder.ts';
import { NOTHING_SETTLED, reaches } from './high-water-mark.ts';
import type { HighWaterMark, TotalsByScope } from './high-water-mark.ts';
import { dueTotals, foreignTotals, forgotten, markedScopes, mismatchReasons, summed } from './ledger-mismatch.ts';
import type { MismatchReason, Shortfall, Sighting } from './ledger-mismatch.ts';
import { ledgerNotice } from './ledger-notice.ts';
import { LedgerTotalsService } from './ledger-totals.service.ts';
import type { LedgerTotals } from './ledger-totals.service.ts';

/** Why nothing new is answered. */
export interface LedgerMismatch {
  readonly reasons: readonly MismatchReason[];
  readonly shortfalls: readonly Shortfall[];
  /** For the operator: what differs and what to do. */
  readonly notice: string;
}

/**
 * Keeps what the ledger has given out, as a signed mark in a folder outside the database, so that restoring an older
 * backup gives no budget back.
 *
 * Whoever shows an outcome covers it first: its charge is in a mark on disk before anybody sees it. At the start, and at
 * every mark written, the database is held against the marks. Where it does not reach them it was replaced by an older
 * one, and the ledger is read-only: what is stored can be read, nothing new is answered, until somebody puts the right
 * database back or reconciles it. A crash is no mismatch: a mark is taken from what is committed and on disk.
 *
 * Not protected: a restore of the folder together with the database, so keep it on another disk and out of the
 * database's backup; somebody who has the service secret, or who takes the folder away and reconciles. Caps, grants and
 * the audit are not in the mark. Replicas must share the folder, and must be stopped while a database is exchanged: one
 * that runs notices at its next new answer, which it does not show.
 */
@Injectable()
export class HighWaterMarkService implements OnModuleInit {
  readonly #log = new Logger(HighWaterMarkService.name);
  /** What this process has marked, and in which file. None while read-only: then the folder alone counts. */
  #own: { readonly mark: HighWaterMark; readonly file: string } | null = null;
  /** Marks under which the database was exchanged, until they are in the folder. */
  #exchanged: readonly HighWaterMark[] = [];
  readonly #noted = new WeakSet<HighWaterMark>();
  #mismatch: LedgerMismatch | null = null;
  /** The folder could not be read or written the last time. */
  #failed = false;
  #turn: Promise<unknown> = Promise.resolve();
  #nextLook: Promise<void> | undefined;

  constructor(
    private readonly totals: LedgerTotalsService,
    private readonly folder: HighWaterFolder,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Compares before anything is served or settled, and writes the first mark.
   *
   * @throws DomainError `service-unavailable` when no mark can be kept in the folder.
   */
  async onModuleInit(): Promise<void> {
    await this.look();
  }

  /** Why the ledger is read-only; null while it can be written to. */
  get mismatch(): LedgerMismatch | null {
    return this.#mismatch;
  }

  /**
   * Lets a new question in.
   *
   * @returns the mark as it stands: the charge to come takes a higher number.
   * @throws DomainError `ledger-read-only`, or `service-unavailable` while no mark can be written; nothing is charged.
   */
  async admit(): Promise<HighWaterMark> {
    if (this.#own === null || this.#failed) await this.#lookOr(false);
    this.requireWritable(false);
    if (this.#own === null) throw new Error('a ledger that is writable has no mark');
    return this.#own.mark;
  }

  /** @throws DomainError `ledger-read-only` */
  requireWritable(charged: boolean): void {
    if (this.#mismatch !== null) throw readOnly(charged);
  }

  /**
   * Resolves when a mark on disk has the stored charge of this number. While the ledger is read-only nothing is marked,
   * and what is stored may be read.
   *
   * @param charged whether whoever asks was charged for it.
   * @throws DomainError `service-unavailable` when no mark can be written: the outcome must not be shown now.
   */
  async cover(country: string, position: bigint, charged = false): Promise<void> {
    if (this.#mismatch !== null || this.#covers(country, position)) return;
    await this.#lookOr(charged);
    if (this.#mismatch === null && !this.#covers(country, position)) {
      throw new Error(`charge ${position} of ${country} is stored and not in the totals`);
    }
  }

  /**
   * The same for a charge of this process's own.
   *
   * @param admitted what `admit` gave: a number that this has already was given out before.
   * @throws DomainError `ledger-read-only` also where the database was exchanged meanwhile; the charge stays.
   */
  async coverNew(country: string, position: bigint, admitted: HighWaterMark): Promise<void> {
    if (position <= chargesOf(admitted, country)) {
      this.#noteExchange(admitted);
      await this.#lookOr(true);
    }
    this.requireWritable(true);
    await this.cover(country, position, true);
    this.requireWritable(true);
  }

  #covers(country: string, position: bigint): boolean {
    return this.#own !== null && position <= chargesOf(this.#own.mark, country);
  }

  /** Holds the database against the marks, and marks what it has where they agree. */
  look(): Promise<void> {
    return (this.#nextLook ??= this.#oneAtATime(async () => {
      // Whoever comes from now on may have committed after what is read here.
      this.#nextLook = undefined;
      await this.#compare();
    }));
  }

  /**
   * Makes the ledger writable again.
   *
   * @param work raises the totals of the ledger to what is due and writes down why, in one transaction. A crash before it
   * leaves a ledger that is behind by as much.
   * @returns whether there was anything to reconcile.
   */
  async reconcile(work: (due: TotalsByScope, mismatch: LedgerMismatch) => Promise<void>): Promise<boolean> {
    return await this.#oneAtATime(async () => {
      await this.#compare();
      const mismatch = this.#mismatch;
      if (mismatch === null) return false;
      const due = dueTotals(await this.totals.read(), mismatch.shortfalls);
      if (mismatch.shortfalls.length > 0) await this.#replaceAll(() => due);
      await work(due, mismatch);
      await this.#replaceAll((ledger) => ledger.scopes);
      await this.#compare();
      return true;
    });
  }

  async #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return await done;
  }

  async #lookOr(charged: boolean): Promise<void> {
    try {
      await this.look();
    } catch (cause) {
      throw new DomainError('service-unavailable', {
        public: 'What the privacy budget has given out cannot be recorded now. Ask again: an answer is charged once.',
        internal: `no high-water mark could be written: ${(cause as Error).message}`,
        retryAfterSeconds: 2,
        extensions: { charged },
        cause,
      });
    }
  }

  /** The order of the three looks matters: what a mark says was in the database, and that there is one, before it was. */
  async #compare(): Promise<void> {
    const expected = this.#own === null && (await this.totals.read()).markedAt !== null;
    const files = await this.#kept(() => this.folder.read());
    const ledger = await this.totals.read();
    const remembered = [...(this.#own === null ? [] : [this.#own.mark]), ...this.#exchanged.map(asExchanged)];
    const marks = [...remembered, ...files.flatMap((file) => ('mark' in file ? [file.mark] : []))];
    const faults = files.flatMap((file) => ('fault' in file ? [file] : []));
    const sighting = { ledger, marks, faults, expected };
    const reasons = mismatchReasons(sighting);
    if (reasons.length > 0) {
      await this.#refuse(sighting, reasons);
      return;
    }
    if (this.#mismatch !== null) this.#log.log('The ledger is writable again.');
    this.#mismatch = null;
    await this.#markTotals(ledger, files);
  }

  async #markTotals(ledger: LedgerTotals, files: readonly MarkFile[]): Promise<void> {
    const own = this.#own;
    if (own !== null && hasAll(own.mark, ledger.scopes)) return;
    const mark = this.#markOf(ledger, ledger.scopes);
    const file = await this.#kept(() => this.folder.add(mark));
    this.#own = { mark, file };
    if (ledger.markedAt === null) await this.totals.noteMarked(mark.writtenAt);
    // Those of processes that are gone; one that lives writes another when it has more to say.
    await this.#tidy(own === null ? files.map(({ name }) => name) : [own.file], own === null ? file : undefined);
  }

  /** A file that is left over says nothing that is not so. */
  async #tidy(covered: readonly string[], first: string | undefined): Promise<void> {
    try {
      await this.folder.remove(covered);
      if (first !== undefined) await this.folder.removeLeftovers(first);
    } catch (error) {
      this.#log.warn({ msg: 'high-water marks that are covered could not be removed', err: error });
    }
  }

  async #refuse(sighting: Sighting, reasons: readonly MismatchReason[]): Promise<void> {
    const own = forgotten(sighting, await this.totals.settledSince(markedScopes(sighting)));
    const shortfalls = summed(own, foreignTotals(sighting));
    const notice = ledgerNotice(sighting, { reasons, shortfalls, folder: this.folder.path });
    if (this.#mismatch === null) this.#log.error(notice);
    this.#mismatch = { reasons, shortfalls, notice };
    if (this.#own !== null && reasons.includes('LEDGER_BEHIND')) this.#noteExchange(this.#own.mark);
    this.#own = null;
    await this.#keepExchanged();
  }

  /**
   * New charges may make an older database reach its marks. That it was exchanged, and what it had then, is kept beside
   * them, so that neither those nor a restart can hide what is missing.
   */
  async #keepExchanged(): Promise<void> {
    for (const mark of this.#exchanged) {
      await this.#kept(() => this.folder.add(asExchanged(mark)));
      this.#exchanged = this.#exchanged.filter((other) => other !== mark);
    }
  }

  #noteExchange(mark: HighWaterMark): void {
    if (this.#noted.has(mark)) return;
    this.#noted.add(mark);
    this.#exchanged = [...this.#exchanged, mark];
  }

  /** Puts one mark in the place of all there are. */
  async #replaceAll(totals: (ledger: LedgerTotals) => TotalsByScope): Promise<void> {
    const names = (await this.#kept(() => this.folder.read())).map(({ name }) => name);
    const ledger = await this.totals.read();
    await this.#kept(() => this.folder.replace(names, this.#markOf(ledger, totals(ledger))));
  }

  #markOf({ ledgerId }: LedgerTotals, totals: TotalsByScope): HighWaterMark {
    return { ledgerId, totals, writtenAt: this.clock.now(), exchanged: false };
  }

  async #kept<T>(work: () => Promise<T>): Promise<T> {
    this.#failed = true;
    const result = await work().catch((cause: unknown) => {
      throw unkept(this.folder.path, cause);
    });
    this.#failed = false;
    return result;
  }
}

const asExchanged = (mark: HighWaterMark): HighWaterMark => ({ ...mark, exchanged: true });

const chargesOf = ({ totals }: HighWaterMark, country: string): bigint =>
  totals.get(scopeId('global', country))?.charges ?? 0n;

const hasAll = (mark: HighWaterMark, totals: TotalsByScope): boolean =>
  [...totals].every(([id, settled]) => reaches(mark.totals.get(id) ?? NOTHING_SETTLED, settled));

const unkept = (folder: string, cause: unknown): DomainError =>
  new DomainError('service-unavailable', {
    public: 'The service cannot record what its privacy budget has given out.',
    internal: `${folder} must be a folder in which this service can read and make files: ${(cause as Error).message}`,
    cause,
  });

const readOnly = (charged: boolean): DomainError =>
  new DomainError('ledger-read-only', {
    public:
      'The record of what the privacy budget has given out is incomplete, so no new question is answered. Stored answers can be read.',
    extensions: { charged },
  });
