import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ReleaseContext } from './release-context.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseRow } from './release-store.service.ts';
import { nextSlot, untilVisible } from './slot.ts';

/** Pauses between two looks at a release that another process works on, milliseconds. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 250;

/** Waits for the outcome of a release and for the slot at which it may be seen. */
@Injectable()
export class ReleaseWaitService {
  constructor(
    private readonly store: ReleaseStoreService,
    private readonly context: ReleaseContext,
  ) {}

  /**
   * The release once its outcome is visible, or as it is when the wait is over.
   *
   * @param waitMs longest wait, milliseconds; 0 looks once.
   * @param work resolves when this process has settled the release, where it is the one working on it.
   */
  async awaitVisible(
    id: string,
    waitMs: number,
    work?: Promise<void>,
  ): Promise<{ row: ReleaseRow; visible: boolean } | undefined> {
    const deadline = performance.now() + waitMs;
    if (work !== undefined && waitMs > 0) await endsWithin(work, waitMs);
    // Whoever saw it open would learn when exactly it was settled if that fell just after its slot: the next slot it is.
    let notBefore = work === undefined ? 0 : this.#slotFromNow();
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const row = await this.store.find(id);
      if (row === undefined) return undefined;
      const pending = this.#pending(row, notBefore);
      const left = deadline - performance.now();
      if (pending === 0 || left <= 0) return { row, visible: pending === 0 };
      await delay(Math.min(pending ?? pause, left));
      if (pending === null) notBefore = this.#slotFromNow();
    }
  }

  #slotFromNow(): number {
    return nextSlot(this.context.clock.now(), this.context.config.releaseSlotMs);
  }

  /** Milliseconds until the outcome may be seen; null while there is none. */
  #pending(row: ReleaseRow, notBefore: number): number | null {
    if (row.visibleAt === null) return null;
    const { clock, config } = this.context;
    return untilVisible(Math.max(row.visibleAt, notBefore), clock.now(), config.releaseSlotMs);
  }
}

/** Resolves when the work has ended or the time is over. Leaves no timer behind. */
async function endsWithin(work: Promise<void>, milliseconds: number): Promise<void> {
  const timer = new AbortController();
  const over = delay(milliseconds, undefined, { ref: false, signal: timer.signal });
  await Promise.race([work, over]).finally(() => timer.abort());
  await over.catch(() => undefined);
}
