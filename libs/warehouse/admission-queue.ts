import { DomainError } from '#core';

export interface AdmissionLimits {
  /** Works that run at once. */
  readonly running: number;
  /** Works that wait, over all tenants. */
  readonly waitingMax: number;
  /** Works of one tenant that wait, so that one tenant cannot fill the queue. */
  readonly waitingPerTenantMax: number;
}

interface Waiter {
  readonly start: () => void;
  readonly refuse: (reason: Error) => void;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * Bounds what runs and what waits. Within a tenant: first come, first served. Between tenants: one each in turn.
 *
 * An engine shares its cores fairly between all running queries, so twenty at once all end last; run a few at a time,
 * and the median ends in half the time.
 */
export class AdmissionQueue {
  readonly #limits: AdmissionLimits;
  /** In the order of their next turn. A tenant is here only while it waits. */
  readonly #waiting = new Map<string, Waiter[]>();
  #running = 0;
  #waitingCount = 0;
  #closed: Error | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** @returns how many works run and how many wait. */
  load(): { running: number; waiting: number } {
    return { running: this.#running, waiting: this.#waitingCount };
  }

  /**
   * Runs `work` when its turn comes.
   *
   * @param signal aborted: leaves the queue at once; has no effect on work that runs.
   * @throws DomainError `warehouse-busy` when too many wait, or `signal` was aborted before the work began.
   * @throws the error of `close` after it, and whatever `work` throws.
   */
  async run<T>(tenant: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(tenant, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#startNext();
    }
  }

  /** Resolves when nothing runs. After `close` it stays so. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    this.#idle ??= Promise.withResolvers<void>();
    await this.#idle.promise;
  }

  /** Refuses everything that waits or comes later; lets running work end. */
  close(reason: Error): void {
    this.#closed = reason;
    const waiters = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#waitingCount = 0;
    for (const waiter of waiters) waiter.refuse(reason);
  }

  #enter(tenant: string, signal?: AbortSignal): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(busy('the caller left before its turn'));
    if (this.#running < this.#limits.running) {
      this.#running++;
      return Promise.resolve();
    }
    const line = this.#waiting.get(tenant) ?? [];
    if (this.#waitingCount >= this.#limits.waitingMax) return Promise.reject(busy('the queue is full'));
    if (line.length >= this.#limits.waitingPerTenantMax) return Promise.reject(busy("the tenant's queue is full"));
    return this.#wait(tenant, line, signal);
  }

  #wait(tenant: string, line: Waiter[], signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#remove(tenant, waiter);
      reject(busy('the caller left before its turn'));
    };
    const waiter: Waiter = {
      start: () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      },
      refuse: (reason) => {
        signal?.removeEventListener('abort', leave);
        reject(reason);
      },
    };
    signal?.addEventListener('abort', leave, { once: true });
    line.push(waiter);
    this.#waiting.set(tenant, line);
    this.#waitingCount++;
    return promise;
  }

  #remove(tenant: string, waiter: Waiter): void {
    const line = this.#waiting.get(tenant);
    const index = line?.indexOf(waiter) ?? -1;
    if (!line || index < 0) return;
    line.splice(index, 1);
    this.#waitingCount--;
    if (line.length === 0) this.#waiting.delete(tenant);
  }

  #startNext(): void {
    const next = this.#waiting.entries().next();
    if (next.done) {
      if (this.#running > 0) return;
      this.#idle?.resolve();
      this.#idle = undefined;
      return;
    }
    const [tenant, line] = next.value;
    const waiter = line.shift();
    // To the back of the turn, also when nothing is left: a Map keeps the order in which keys were set.
    this.#waiting.delete(tenant);
    if (line.length > 0) this.#waiting.set(tenant, line);
    if (!waiter) return;
    this.#waitingCount--;
    this.#running++;
    waiter.start();
  }
}

const busy = (why: string): DomainError =>
  new DomainError('warehouse-busy', {
    public: 'Too many questions are waiting. Ask again shortly.',
    internal: `warehouse queue: ${why}`,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
