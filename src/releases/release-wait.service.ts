import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ReleaseContext } from './release-context.ts';
import { ReleaseStoreService } from './release-store.service.ts';
import type { ReleaseRow } from './release-store.service.ts';

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
    if (work !== undefined && waitMs > 0) await Promise.race([work, delay(waitMs, undefined, { ref: false })]);
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const row = await this.store.find(id);
      if (row === undefined) return undefined;
      const untilVisible = this.#untilVisible(row);
      const left = deadline - performance.now();
      if (untilVisible === 0 || left <= 0) return { row, visible: untilVisible === 0 };
      await delay(Math.min(untilVisible ?? pause, left));
    }
  }

  /** Milliseconds until the outcome may be seen; null while there is none. */
  #untilVisible(row: ReleaseRow): number | null {
    if (row.visibleAt === null) return null;
    return Math.max(0, row.visibleAt - this.context.clock.now());
  }
}
